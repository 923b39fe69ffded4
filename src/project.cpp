#include "project.hpp"

#include <algorithm>
#include <cmath>

#include "quadratic_program.hpp"

namespace palimpsest {
namespace {

bool is_finite_list(const Numbers* numbers, std::size_t length) {
  return numbers && (length == 0 || numbers->size() == length) &&
         std::all_of(numbers->begin(), numbers->end(), [](double x) { return std::isfinite(x); });
}

std::vector<Numbers> read_constraints(const Value& problem, std::size_t length, Faults& faults) {
  std::vector<Numbers> constraints;
  const Value* found = problem.find("constraints");
  const Array* list = found ? found->as<Array>() : nullptr;
  if (!list) {
    faults.push_back(
        must_be("constraints", "a list of lists of numbers", found ? *found : Value()));
    return constraints;
  }
  for (std::size_t i = 0; i < list->size(); ++i) {
    const Numbers* row = (*list)[i].as<Numbers>();
    if (is_finite_list(row, length))
      constraints.push_back(*row);
    else
      faults.push_back(must_be("constraints[" + std::to_string(i) + "]",
                               "a list of " + std::to_string(length) + " finite numbers, as many "
                               "as the gradient has",
                               row && row->size() != length
                                   ? Value("a list of " + std::to_string(row->size()))
                                   : (*list)[i]));
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
  const Numbers* gradient = found ? found->as<Numbers>() : nullptr;
  if (!is_finite_list(gradient, 0)) {
    faults.push_back(must_be("gradient", "a list of finite numbers", found ? *found : Value()));
    return {};
  }
  const auto constraints = read_constraints(problem, gradient->size(), faults);
  if (!faults.empty()) return {};
  const Projection projection =
      project(*gradient, constraints, settings.number("margin"), settings.number("epsilon"));
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
