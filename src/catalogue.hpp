// Everything that a document may name, described in one place.
#pragma once

#include <vector>

#include "method.hpp"
#include "network.hpp"
#include "tasks.hpp"

namespace palimpsest {

const std::vector<MethodEntry>& method_entries();
const std::vector<TaskEntry>& task_entries();
const std::vector<Entry>& activation_entries();  // in the order of enum Activation

// The sections of the document that have no kind.
const std::vector<Parameter>& experiment_parameters();
const std::vector<Parameter>& network_parameters();
const std::vector<Parameter>& training_parameters();
const std::vector<Parameter>& record_parameters();

// The enum that a choice names.
Activation activation(std::string_view kind);
Initialization initialization(std::string_view name);

// The whole catalogue as a document.
Value catalogue();

// The entry of that kind; nullptr where there is none.
template <class E>
const E* find_kind(const std::vector<E>& entries, std::string_view kind) {
  for (const E& entry : entries)
    if (entry.kind == kind) return &entry;
  return nullptr;
}

}  // namespace palimpsest
