// A learner from the inside: the weights worth drawing, as the springs that hold them.
#pragma once

#include "network.hpp"
#include "penalty.hpp"

namespace palimpsest {

// Of every column of units, the inputs first, the places of at most `most` in ascending order:
// those whose weights, in and out, and bias weigh most in sum. `weights`: by parameter, none
// negative.
std::vector<std::vector<std::size_t>> heaviest_units(const Network& network,
                                                     std::span<const float> weights,
                                                     std::size_t most);

// What belongs to the parameters between these units, as if there were no others, in the document's
// order.
std::vector<float> between(const Network& network,
                           const std::vector<std::vector<std::size_t>>& units,
                           std::span<const float> values);

}  // namespace palimpsest
