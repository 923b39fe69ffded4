// Terms that the objective adds to the loss, over all parameters, biases included.
#pragma once

#include <span>
#include <vector>

#include "settings.hpp"

namespace palimpsest {

// gradient += ∂(l1·Σ|θ| + l2·Σθ²)/∂θ, the subgradient of |θ| at 0 being 0.
void add_regularisation(std::span<const float> parameters, double l1, double l2,
                        std::span<float> gradient);

// One penalty for each finished task, or a single one that follows the latest.
enum class Consolidation { separate, online };

// A penalty on the parameters as one spring each, in the engine's order; empty without one.
struct Springs {
  std::vector<float> stiffness;  // importance (Fisher, Ω …) over the finished tasks, without λ
  std::vector<float> tension;    // ∂penalty/∂θ
};

// Parameters of every method that anchors the parameters to where a task left them.
constexpr Parameter lambda_parameter(double fallback, std::string_view help) {
  return {.key = "lambda",
          .label = "strength",
          .symbol = "λ",
          .help = help,
          .fallback = fallback,
          .minimum = 0,
          .maximum = 1e9,
          .scale = Scale::log,
          .live = true};
}

inline constexpr Choice kConsolidations[] = {
    {"separate", "separate", "One penalty for each finished task."},
    {"online", "online", "One penalty, anchored at the latest task’s end."}};
constexpr Parameter consolidation_parameter() {
  return {.key = "consolidation",
          .label = "consolidation",
          .help =
              "Whether every finished task keeps its own anchor, or one anchor follows the "
              "latest.",
          .type = Type::choice,
          .fallback = "separate",
          .choices = kConsolidations};
}

Consolidation consolidation(const Settings& settings);

// (λ/2)·Σ_tasks Σ_i w_i (θ_i − θ*_i)²: springs from θ to the anchors θ*, as stiff as the importance
// w. A sum of quadratics is a quadratic, so any number of anchors is held as one: the stiffness
// S = Σ w, the centre θ̄ = Σ wθ* / S, and what remains at the centre, Σ w(θ* − θ̄)².
class AnchoredPenalty {
 public:
  // Adds an anchor (separate), or keeps gamma times the stiffness and moves the anchor (online).
  void anchor(std::span<const float> parameters, std::span<const float> importance,
              Consolidation consolidation, double gamma);

  // gradient += λ·S·(θ − θ̄).
  void add_gradient(std::span<const float> parameters, double lambda,
                    std::span<float> gradient) const;
  double value(std::span<const float> parameters, double lambda) const;

  Springs springs(std::span<const float> parameters, double lambda) const;

  bool empty() const { return stiffness_.empty(); }

 private:
  std::vector<float> stiffness_, centre_;
  double remainder_ = 0;
};

}  // namespace palimpsest
