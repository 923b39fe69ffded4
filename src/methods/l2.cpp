#include "../method.hpp"
#include "../penalty.hpp"

namespace palimpsest {
namespace {

// L(batch) + (λ/2)·Σ_i (θ_i − θ*_i)²: every weight on the same spring to where a finished task left
// it, θ*.
class L2 : public Method {
 public:
  explicit L2(const Settings& settings) : consolidation_(consolidation(settings)) {}

  void configure(const Settings& settings) override { lambda_ = settings.number("lambda"); }

  void shape_gradient(const Step& step, std::span<float> gradient) override {
    penalty_.add_gradient(step.parameters, lambda_, gradient);
  }

  void end_task(const Step& step) override {
    ones_.assign(step.parameters.size(), 1);
    penalty_.anchor(step.parameters, ones_, consolidation_, 0);
  }

  double penalty(std::span<const float> parameters) override {
    return penalty_.value(parameters, lambda_);
  }

  Springs springs(std::span<const float> parameters) override {
    return penalty_.springs(parameters, lambda_);
  }

  std::span<const float> importance() const override { return ones_; }

 private:
  Consolidation consolidation_;
  double lambda_ = 0;
  AnchoredPenalty penalty_;
  std::vector<float> ones_;
};

}  // namespace

MethodEntry l2() {
  return {{"l2",
           "L2 to the old weights",
           "Ties every weight with the same spring to where the finished task left it.",
           "L(batch) + (λ/2)·Σᵢ (θᵢ − θ*ᵢ)²",
           "Kirkpatrick et al. 2017, section 2.1 (their L2 baseline)",
           {lambda_parameter(0.01, "How stiff the springs to the old weights are."),
            consolidation_parameter()}},
          make_method<L2>};
}

}  // namespace palimpsest
