// Between JSON text and the engine's documents, by nlohmann-json. Native only: in JavaScript a
// document is an object already.
#pragma once

#include <string>

#include "settings.hpp"
#include "value.hpp"

namespace palimpsest {

// The document in `text`; a fault with line and column where it is no JSON, or for a key that an
// object has twice, or where it is nested too deeply. (In JavaScript the last of two members with
// one key has replaced the first before the engine sees it: JSON.parse says nothing of it.)
Value parse_json(const std::string& text, Faults& faults);

// JSON text that reads back to the same bits. What is not finite becomes null.
std::string write_json(const Value& value);

}  // namespace palimpsest
