#include "tasks.hpp"

namespace palimpsest {
namespace {

void add_input(Examples& table, std::span<const double> input) {
  table.width = input.size();
  for (double x : input) table.inputs.push_back(static_cast<float>(x));
}

}  // namespace

Scenario::Scenario(const Settings& settings, std::size_t tasks, std::uint32_t classes)
    : shared(settings.choice("scenario") == "domain"),
      heads(settings.choice("scenario") == "task"),
      tasks(tasks),
      classes(classes) {}

void Scenario::begin(Examples& table, std::size_t task) const {
  if (heads) table.heads.push_back({output(task, 0), classes});
}

void Scenario::add_row(Examples& table, std::size_t task) const {
  if (heads) table.task.push_back(static_cast<std::uint16_t>(task));
}

std::string task_name(std::size_t index) {
  return index < 26 ? std::string(1, static_cast<char>('A' + index)) : std::to_string(index + 1);
}

void add_example(Examples& table, std::span<const double> input, std::span<const double> target) {
  add_input(table, input);
  table.target_width = target.size();
  for (double y : target) table.targets.push_back(static_cast<float>(y));
}

void add_example(Examples& table, std::span<const double> input, std::uint32_t label) {
  add_input(table, input);
  table.labels.push_back(label);
}

}  // namespace palimpsest
