#include <algorithm>

#include "../distillation.hpp"
#include "../method.hpp"
#include "../penalty.hpp"

namespace palimpsest {
namespace {

// L(batch) + λ·D(f, f_old) on the batch's own inputs, f_old the network at the end of the last task,
// so that the new function stays close to the old one where the new data are (Li & Hoiem 2016, eq. 1
// and 2–3). D: distillation.hpp.
class LearningWithoutForgetting : public Method {
 public:
  explicit LearningWithoutForgetting(const Settings& settings)
      : temperature_(static_cast<float>(settings.number("temperature"))) {}

  void configure(const Settings& settings) override {
    lambda_ = static_cast<float>(settings.number("lambda"));
  }

  void shape_gradient(const Step& step, std::span<float> gradient) override {
    if (old_.empty()) return;
    const Model& model = step.model;
    const auto old = model.network.forward(old_, model.data, step.batch, old_workspace_);
    const auto now = model.network.forward(step.parameters, model.data, step.batch, step.workspace);
    const std::span<const Head> heads(model.data.heads);
    penalty_ = distillation(model.loss, now, old, step.batch.size(),
                            heads.first(heads.empty() ? 0 : tasks_), temperature_, lambda_,
                            step.workspace.deltas.back());
    model.network.backward(step.parameters, step.batch.size(), step.workspace);
    model.network.gradient(step.workspace, step.batch.size(), true, gradient);
  }

  void end_task(const Step& step) override {
    old_.assign(step.parameters.begin(), step.parameters.end());
    ++tasks_;
  }

  double penalty(std::span<const float>) override { return penalty_; }

 private:
  float temperature_, lambda_ = 0;
  std::vector<float> old_;  // θ at the end of the last task
  std::size_t tasks_ = 0;   // finished
  Workspace old_workspace_;
  double penalty_ = 0;
};

}  // namespace

MethodEntry lwf() {
  return {{"lwf",
           "Learning without Forgetting",
           "Holds the outputs on the new inputs near what the old network said of them.",
           "L(batch) + λ·D(f, f_old)",
           "Li & Hoiem 2016, eq. 1–3; Hinton, Vinyals & Dean 2015",
           {lambda_parameter(1, "How much staying near the old network’s outputs counts."),
            {.key = "temperature",
             .label = "temperature",
             .symbol = "T",
             .help = "Softens both distributions before they are compared, for classification.",
             .fallback = 2,
             .minimum = 0.1,
             .maximum = 100,
             .scale = Scale::log}}},
          make_method<LearningWithoutForgetting>};
}

}  // namespace palimpsest
