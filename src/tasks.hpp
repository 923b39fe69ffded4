// Where tasks come from: generators of the catalogue, or the document itself.
#pragma once

#include "examples.hpp"
#include "images.hpp"
#include "random.hpp"
#include "settings.hpp"

namespace palimpsest {

// A task generator. `check` reports settings that are right one by one but not together, or not
// with the image sets that were given; `make` is only called where it found nothing.
struct TaskEntry : Entry {
  Loss loss;
  void (*check)(const Settings&, const ImageSets&, Faults&);
  TaskSequence (*make)(const Settings&, const ImageSets&, std::uint64_t seed);
};

// What the generators' parameters are made of.
constexpr Parameter real_parameter(std::string_view key, std::string_view label,
                                   std::string_view help, double fallback, double minimum,
                                   double maximum) {
  return {.key = key,
          .label = label,
          .help = help,
          .fallback = fallback,
          .minimum = minimum,
          .maximum = maximum};
}

constexpr Parameter count_parameter(std::string_view key, std::string_view label,
                                    std::string_view help, int fallback, int minimum, int maximum,
                                    Scale scale, std::string_view zero = "") {
  return {.key = key,
          .label = label,
          .help = help,
          .type = Type::integer,
          .fallback = fallback,
          .minimum = static_cast<double>(minimum),
          .maximum = static_cast<double>(maximum),
          .scale = scale,
          .zero = zero};
}

constexpr double kPi = 3.14159265358979323846;

// What the network is told of the task (van de Ven, Tuytelaars & Tolias 2022, table 1): tasks of
// `classes` classes each, and which output stands for class k of one.
inline constexpr Choice kScenarios[] = {
    {"task", "task-incremental", "The task is known: each has a head of its own."},
    {"domain", "domain-incremental", "The same two classes in every task."},
    {"class", "class-incremental",
     "Every task brings two new classes, and all must be told apart."}};
constexpr Parameter scenario_parameter(const char* fallback) {
  return {.key = "scenario",
          .label = "scenario",
          .help = "What the network is told of the task, and what it must find out.",
          .type = Type::choice,
          .fallback = fallback,
          .choices = kScenarios};
}
struct Scenario {
  Scenario(const Settings& settings, std::size_t tasks, std::uint32_t classes);
  std::size_t outputs() const { return shared ? classes : classes * tasks; }
  std::uint32_t output(std::size_t task, std::uint32_t k) const {
    return shared ? k : static_cast<std::uint32_t>(task) * classes + k;
  }
  // Before a task's rows are added to the table, and for every row.
  void begin(Examples& table, std::size_t task) const;
  void add_row(Examples& table, std::size_t task) const;

  bool shared, heads;  // the same outputs for every task; own ones, and the task is known
  std::size_t tasks;
  std::uint32_t classes;
};

// The tasks written out in a document: the value of its key `tasks`.
TaskSequence read_explicit_tasks(const Value& tasks, Faults& faults);
Entry explicit_entry();

// That document, without faults, with every task's name and test set filled in.
Value fill_in_explicit_tasks(const Value& tasks);

// A, B, …, Z, then 27, 28, ….
std::string task_name(std::size_t index);

// Appends an example to a table, and starts a new task's rows.
void add_example(Examples& table, std::span<const double> input, std::span<const double> target);
void add_example(Examples& table, std::span<const double> input, std::uint32_t label);

}  // namespace palimpsest
