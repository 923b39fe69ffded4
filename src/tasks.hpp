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

// The tasks written out in a document: the value of its key `tasks`.
TaskSequence read_explicit_tasks(const Value& tasks, Faults& faults);
Entry explicit_entry();

// A, B, …, Z, then 27, 28, ….
std::string task_name(std::size_t index);

// Appends an example to a table, and starts a new task's rows.
void add_example(Examples& table, std::span<const double> input, std::span<const double> target);
void add_example(Examples& table, std::span<const double> input, std::uint32_t label);

}  // namespace palimpsest
