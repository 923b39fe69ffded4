// GEM's projection as a document in and a document out.
#pragma once

#include "settings.hpp"

namespace palimpsest {

// {"gradient": […], "constraints": [[…], …], "margin": 0, "epsilon": 0} in;
// {"projected", "multipliers", "active", "kkt_residual", "iterations", "status"} out.
Value project_document(const Value& problem, Faults& faults);

}  // namespace palimpsest
