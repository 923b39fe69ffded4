#include "project.hpp"

#include <algorithm>
#include <cmath>

#include "quadratic_program.hpp"

namespace palimpsest {
namespace {

bool is_finite(double x) { return std::isfinite(x); }

std::vector<Numbers> read_constraints(const Value& problem, std::size_t wide, Faults& faults) {
  std::vector<Numbers> constraints;
  const Value* found = problem.find("constraints");
  const Array* list = found ? found->as<Array>() : nullptr;
  if (!list) {
    faults.push_back(
        must_be("constraints", "a list of lists of numbers", found ? *found : Value()));
    return constraints;
  }
  for (std::size_t i = 0; i < list->size(); ++i) {
    const Value& row = (*list)[i];
    const std::string path = "constraints[" + std::to_string(i) + "]";
    const std::size_t given = length(row);
    if (given != wide)
      faults.push_back(must_be(path,
                               "a list of " + std::to_string(wide) +
                                   " finite numbers, as many as the gradient has",
                               given ? Value("a list of " + std::to_string(given)) : row));
    else if (check_elements(path, row, "a finite number", is_finite, faults))
      constraints.push_back(*row.as<Numbers>());
  }
  return constraints;
}

}  // namespace

Value project_document(const Value& problem, Faults& faults) {
  static const std::vector<Parameter> parameters = {
      {.key = "margin", .fallback = 0, .minimum = 0, .maximum = 1e12},
      {.key = "epsilon", .fallback = 0, .minimum = 0, .maximum = 1e12}};
  const Settings settings =
      read_settings("", problem, parameters, {"gradient", "constraints"}, faults);
  if (!problem.as<Object>()) return {};
  const Value* found = problem.find("gradient");
  if (!found || length(*found) == 0) {
    faults.push_back(must_be("gradient", "a list of finite numbers", found ? *found : Value()));
    return {};
  }
  check_elements("gradient", *found, "a finite number", is_finite, faults);
  const auto constraints = read_constraints(problem, length(*found), faults);
  if (!faults.empty()) return {};
  const Projection projection = project(*found->as<Numbers>(), constraints,
                                        settings.number("margin"), settings.number("epsilon"));
  Array active;
  for (bool flag : projection.active) active.push_back(flag);
  return Object{{"projected", projection.projected},
                {"multipliers", projection.multipliers},
                {"active", std::move(active)},
                {"kkt_residual", projection.kkt_residual},
                {"iterations", projection.iterations},
                {"status", name(projection.status)}};
}

}  // namespace palimpsest
