// The Fisher information: how much the model's predictive distribution depends on each parameter,
// and on each pair of them.
#pragma once

#include <span>
#include <vector>

#include "model.hpp"
#include "random.hpp"
#include "settings.hpp"

namespace palimpsest {

enum class FisherKind { exact, empirical, sampled, batch };

// The parameter that chooses the kind, and its value.
inline constexpr Choice kFisherKinds[] = {
    {"exact", "exact", "The expectation over the model’s own predictions."},
    {"empirical", "empirical", "The data’s own targets in its place."},
    {"sampled", "sampled", "One target drawn from the model for each example."},
    {"batch", "batch squares",
     "The square of the mean gradient, as several public codes have it."}};
constexpr Parameter fisher_parameter(std::span<const Choice> kinds = kFisherKinds) {
  return {.key = "fisher",
          .label = "Fisher",
          .symbol = "F",
          .help = "How the Fisher information of the finished task is computed.",
          .type = Type::choice,
          .fallback = "exact",
          .choices = kinds};
}

FisherKind fisher_kind(const Settings& settings);

// F_i over the rows, at `parameters`, in the engine's order; p(y|x) is the unit-variance Gaussian
// around the outputs for mse, the softmax for cross_entropy.
//   exact      mean over x of E_{y~p(y|x)}[(∂ log p(y|x)/∂θ_i)²], the expectation taken exactly:
//              Σ_k (∂f_k/∂θ_i)² for the Gaussian, Σ_c p_c (∂ log p_c/∂θ_i)² for the softmax
//              (Martens 2020, "New insights and perspectives on the natural gradient", §5)
//   empirical  the data's own y instead of the expectation, each example squared by itself
//   sampled    one y drawn from p(y|x) for each example
//   batch      the square of the mean gradient at the data's own y (no Fisher information: what
//              several public implementations compute, kept to reproduce them)
std::vector<float> diagonal_fisher(const Model& model, std::span<const float> parameters,
                                   std::span<const std::uint32_t> rows, FisherKind kind,
                                   Random& random, Workspace& workspace);

// The whole matrix F = mean over x of E_y[∇ log p ∇ log pᵀ], of the same kinds, never formed: an
// affine layer's gradient is the outer product of its input and its delta, so that the inputs and
// deltas of all (example, outcome) pairs are a factor of F, and a product with F costs as much as a
// forward and a backward pass over them.
class FisherFactor {
 public:
  FisherFactor(const Model& model, std::span<const float> parameters,
               std::span<const std::uint32_t> rows, FisherKind kind, Random& random,
               Workspace& workspace);

  // How many numbers it holds for so many examples.
  static double room(const Network& network, std::size_t examples, FisherKind kind);

  // gradient += scale · F · direction; returns directionᵀ · F · direction.
  double add_product(std::span<const float> direction, float scale, std::span<float> gradient);

 private:
  void project(std::span<const float> direction);

  std::vector<Layer> layers_;
  std::size_t examples_, pairs_ = 0;
  bool of_the_mean_;  // FisherKind::batch: one gradient, the mean, in place of the pairs
  std::vector<std::vector<float>> inputs_, deltas_;  // by layer: pairs × in, pairs × out
  std::vector<float> products_;                      // by pair: ⟨∇ log p, direction⟩
  std::vector<float> scratch_;                       // pairs × out
};

// The Fisher matrix with each layer's block replaced by a Kronecker product A ⊗ B, and nothing
// between layers: A the mean of x̃x̃ᵀ over its inputs with a 1 for the bias, B the mean over examples
// of the expected ddᵀ over its deltas (Martens & Grosse 2015, eq. 1).
class KroneckerFisher {
 public:
  struct Scratch {
    std::vector<float> left, product, transposed;
  };

  KroneckerFisher(const Model& model, std::span<const float> parameters,
                  std::span<const std::uint32_t> rows, FisherKind kind, Random& random,
                  Workspace& workspace);  // kind: not batch

  static double room(const Network& network);

  // gradient += scale · F · direction; returns directionᵀ · F · direction.
  double add_product(std::span<const float> direction, float scale, std::span<float> gradient,
                     Scratch& scratch) const;

  // diagonal += that of A ⊗ B.
  void add_diagonal(std::span<float> diagonal) const;

 private:
  std::vector<Layer> layers_;
  std::vector<std::vector<float>> inputs_, deltas_;  // by layer: A (in + 1)², B out²
};

}  // namespace palimpsest
