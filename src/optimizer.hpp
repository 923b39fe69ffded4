// The update rules, with PyTorch's formulas and defaults.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "settings.hpp"

namespace palimpsest {

// The optimizers that a document may name.
const std::vector<Entry>& optimizer_entries();

// One learner's optimizer: its rule and its state.
//   sgd   b ← momentum·b + g,  θ ← θ − lr·b                      (torch.optim.SGD, dampening 0)
//   adam  m ← β₁m + (1 − β₁)g,  v ← β₂v + (1 − β₂)g²,
//         θ ← θ − lr/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε)         (Kingma & Ba 2015, algorithm 1)
// Weight decay w: g ← g + wθ before the rule; decoupled: θ ← θ − lr·w·θ before it (Loshchilov &
// Hutter 2019, algorithm 2, as torch.optim.AdamW has it).
class Optimizer {
 public:
  // `settings` by the description of the entry `kind`.
  Optimizer(std::string_view kind, const Settings& settings, double weight_decay, bool decoupled,
            std::size_t parameters);

  // One step; false where a parameter is no longer finite.
  bool update(std::span<const float> gradient, std::span<float> parameters);

  // The learning rate η where the rule is θ ← θ − η·g and nothing else.
  std::optional<float> plain_rate() const;

  // Between two tasks: clears the state where `reset_each_task` says so.
  void end_task();

 private:
  bool sgd(std::span<const float> gradient, std::span<float> parameters);
  bool adam(std::span<const float> gradient, std::span<float> parameters);

  bool adaptive_, reset_each_task_, decoupled_;
  double learning_rate_, weight_decay_, momentum_ = 0, beta1_ = 0, beta2_ = 0, epsilon_ = 0;
  double beta1_power_ = 1, beta2_power_ = 1;  // β₁ᵗ, β₂ᵗ
  std::vector<float> first_, second_;         // b or m; v
};

}  // namespace palimpsest
