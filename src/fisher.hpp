// The diagonal of the Fisher information: how much the model's predictive distribution depends on
// each parameter.
#pragma once

#include <span>
#include <vector>

#include "model.hpp"
#include "random.hpp"

namespace palimpsest {

enum class FisherKind { exact, empirical };

// F_i over the rows, at `parameters`, in the engine's order; p(y|x) is the unit-variance Gaussian
// around the outputs for mse, the softmax for cross_entropy.
//   exact      mean over x of E_{y~p(y|x)}[(∂ log p(y|x)/∂θ_i)²], the expectation taken exactly:
//              Σ_k (∂f_k/∂θ_i)² for the Gaussian, Σ_c p_c (∂ log p_c/∂θ_i)² for the softmax
//              (Martens 2020, "New insights and perspectives on the natural gradient", §5)
//   empirical  the data's own y instead of the expectation, each example squared by itself
std::vector<float> diagonal_fisher(const Model& model, std::span<const float> parameters,
                                   std::span<const std::uint32_t> rows, FisherKind kind,
                                   Workspace& workspace);

}  // namespace palimpsest
