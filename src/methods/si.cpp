#include <algorithm>

#include "../method.hpp"
#include "../penalty.hpp"

namespace palimpsest {
namespace {

// L(batch) + c·Σ_i Ω_i (θ_i − θ*_i)², θ* the latest task's end. Along a task's path every weight's
// share in the fall of its loss adds up, ω_i = −Σ g_i·δθ_i with g the gradient of the task's loss
// alone; at its end Ω_i += max(0, ω_i)/(Δ_i² + ξ), Δ the task's total change (Zenke, Poole & Ganguli
// 2017, eq. 3–5).
class SynapticIntelligence : public Method {
 public:
  explicit SynapticIntelligence(const Settings& settings) : damping_(settings.number("xi")) {}

  void configure(const Settings& settings) override { strength_ = settings.number("c"); }

  bool needs_loss_gradient() const override { return true; }

  void shape_gradient(const Step& step, std::span<float> gradient) override {
    if (start_.empty()) begin_task(step.parameters);
    std::copy(step.parameters.begin(), step.parameters.end(), before_.begin());
    penalty_.add_gradient(step.parameters, 2 * strength_, gradient);
  }

  void after_update(const Step& step) override {
    for (std::size_t i = 0; i < share_.size(); ++i)
      share_[i] -= step.loss_gradient[i] * (step.parameters[i] - before_[i]);
  }

  void end_task(const Step& step) override {
    importance_.resize(share_.size());
    for (std::size_t i = 0; i < share_.size(); ++i) {
      const double change = static_cast<double>(step.parameters[i]) - start_[i];
      importance_[i] = static_cast<float>(std::max(0.0, static_cast<double>(share_[i])) /
                                          (change * change + damping_));
    }
    penalty_.anchor(step.parameters, importance_, Consolidation::online, 1);
    begin_task(step.parameters);
  }

  double penalty(std::span<const float> parameters) override {
    return penalty_.value(parameters, 2 * strength_);
  }

  Springs springs(std::span<const float> parameters) override {
    return penalty_.springs(parameters, 2 * strength_);
  }

  std::span<const float> importance() const override { return importance_; }

 private:
  void begin_task(std::span<const float> parameters) {
    start_.assign(parameters.begin(), parameters.end());
    before_.resize(parameters.size());
    share_.assign(parameters.size(), 0);
  }

  double damping_, strength_ = 0;
  std::vector<float> start_, before_;  // θ when the task began, and before the last step
  std::vector<float> share_;           // ω
  std::vector<float> importance_;      // what the last finished task added to Ω
  AnchoredPenalty penalty_;
};

}  // namespace

MethodEntry si() {
  return {{"si",
           "Synaptic Intelligence",
           "Ties every weight by how much its path lowered the loss of the finished tasks.",
           "L(batch) + c·Σᵢ Ωᵢ (θᵢ − θ*ᵢ)²",
           "Zenke, Poole & Ganguli 2017, eq. 3–5",
           {{.key = "c",
             .label = "strength",
             .symbol = "c",
             .help = "How stiff the springs are for a given importance.",
             .fallback = 0.1,
             .minimum = 0,
             .maximum = 1e9,
             .scale = Scale::log,
             .live = true},
            {.key = "xi",
             .label = "damping",
             .symbol = "ξ",
             .help = "Keeps the importance finite for weights that hardly moved.",
             .fallback = 0.1,
             .minimum = 1e-9,
             .maximum = 1000,
             .scale = Scale::log}}},
          make_method<SynapticIntelligence>};
}

}  // namespace palimpsest
