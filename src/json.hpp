// Between JSON text and the engine's documents, by nlohmann-json. Native only: in JavaScript a
// document is an object already.
#pragma once

#include <string>

#include "settings.hpp"
#include "value.hpp"

namespace palimpsest {

// The document in `text`; a fault with line and column where it is no JSON, or nested too deeply.
Value parse_json(const std::string& text, Faults& faults);

// JSON text that reads back to the same bits. What is not finite becomes null.
std::string write_json(const Value& value);

}  // namespace palimpsest
