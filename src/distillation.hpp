// The distance between what two networks say of the same inputs.
#pragma once

#include <span>

#include "examples.hpp"

namespace palimpsest {

// weight · D(now, old) over `rows` rows of outputs, and deltas = its gradient for `now`.
//   mse            D = mean over rows and outputs of (f − f_old)²
//   cross_entropy  D = T² · mean over rows of Σ_heads KL(softmax(f_old/T) ‖ softmax(f/T))
//                  (Hinton, Vinyals & Dean 2015, section 2)
// `heads` are those of the old tasks; empty: one head of all outputs.
double distillation(Loss loss, std::span<const float> now, std::span<const float> old,
                    std::size_t rows, std::span<const Head> heads, float temperature, float weight,
                    std::span<float> deltas);

}  // namespace palimpsest
