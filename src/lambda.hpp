// What a λ of another code base is here, and back.
#pragma once

#include <vector>

#include "settings.hpp"

namespace palimpsest {

// What may be asked: from, to, method, value, and what the factor may depend on.
const std::vector<Parameter>& lambda_parameters();

// {"from": "avalanche", "to": "palimpsest", "method": "ewc", "value": 100, …} in; out
//   value      as asked
//   factor     result = factor × value; null where there is no constant one
//   exact      whether the two penalties are then the same, or only about so (the reason says when)
//   here       the method as the experiment document has it, with its λ here
//   compared   of every other code base in question: its parameter, formula, importance and source
//   reason     where the factor comes from
Value convert_lambda(const Value& question, Faults& faults);

}  // namespace palimpsest
