// Where tasks come from: generators of the catalogue, or the document itself.
#pragma once

#include "examples.hpp"
#include "random.hpp"
#include "settings.hpp"

namespace palimpsest {

// A task generator. `check` reports settings that are right one by one but not together; `make` is
// only called where it found nothing.
struct TaskEntry : Entry {
  Loss loss;
  void (*check)(const Settings&, Faults&);
  TaskSequence (*make)(const Settings&, std::uint64_t seed);
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
                                    Scale scale) {
  return {.key = key,
          .label = label,
          .help = help,
          .type = Type::integer,
          .fallback = fallback,
          .minimum = static_cast<double>(minimum),
          .maximum = static_cast<double>(maximum),
          .scale = scale};
}

constexpr double kPi = 3.14159265358979323846;

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
