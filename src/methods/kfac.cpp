#include "../fisher.hpp"
#include "../method.hpp"
#include "../penalty.hpp"

namespace palimpsest {
namespace {

// L(batch) + (λ/2)·Σ_tasks Σ_layers tr(Δᵀ A Δ B): the Fisher matrix of every layer replaced by the
// Kronecker product of A, the mean of x̃x̃ᵀ over its inputs x̃ (with the bias's 1), and B, the mean of
// ddᵀ over its deltas, with Δ = W̃ − W̃* ((in + 1) × out); layers are independent (Ritter, Botev &
// Barber 2018, eq. 8–9; Martens & Grosse 2015, eq. 1).
class KroneckerLaplace : public Method {
 public:
  explicit KroneckerLaplace(const Settings& settings) : kind_(fisher_kind(settings)) {}

  void configure(const Settings& settings) override { lambda_ = settings.number("lambda"); }

  void shape_gradient(const Step& step, std::span<float> gradient) override {
    value_ = add_gradient(step.parameters, gradient);
  }

  void end_task(const Step& step) override {
    tasks_.emplace_back(step.model, step.parameters, step.model.data.rows(step.task), kind_,
                        step.random, step.workspace);
    anchors_.emplace_back(step.parameters.begin(), step.parameters.end());
    distance_.resize(step.parameters.size());
  }

  double penalty(std::span<const float>) override { return value_; }

  Room room(const Extent& extent) const override {
    const double task =
        KroneckerFisher::room(extent.network) + static_cast<double>(extent.network.parameters());
    return {"kind", static_cast<double>(extent.tasks) * task};
  }

  Springs springs(std::span<const float> parameters) override {
    Springs springs;
    if (tasks_.empty()) return springs;
    springs.stiffness.resize(parameters.size());
    springs.tension.resize(parameters.size());
    for (const KroneckerFisher& task : tasks_) task.add_diagonal(springs.stiffness);
    add_gradient(parameters, springs.tension);
    return springs;
  }

 private:
  // gradient += ∂penalty/∂θ; returns the penalty.
  double add_gradient(std::span<const float> parameters, std::span<float> gradient) {
    double value = 0;
    for (std::size_t t = 0; t < tasks_.size(); ++t) {
      for (std::size_t i = 0; i < distance_.size(); ++i)
        distance_[i] = parameters[i] - anchors_[t][i];
      value += lambda_ / 2 *
               tasks_[t].add_product(distance_, static_cast<float>(lambda_), gradient, scratch_);
    }
    return value;
  }

  FisherKind kind_;
  double lambda_ = 0, value_ = 0;
  std::vector<KroneckerFisher> tasks_;
  std::vector<std::vector<float>> anchors_;  // θ* of every finished task
  std::vector<float> distance_;              // θ − θ*
  KroneckerFisher::Scratch scratch_;
};

// The mean gradient's square is no Kronecker product.
constexpr std::span<const Choice> kFactored = std::span(kFisherKinds).first<3>();
static_assert(kFisherKinds[3].value == "batch");

}  // namespace

MethodEntry kfac() {
  return {{"kfac",
           "Kronecker-factored Laplace",
           "Ties the weights of each layer together, by the correlations of its inputs and deltas.",
           "L(batch) + (λ/2)·Σ tr(Δᵀ A Δ B)",
           "Ritter, Botev & Barber 2018, eq. 8–9",
           {lambda_parameter(100, "How stiff the springs are for a given Fisher information."),
            fisher_parameter(kFactored)}},
          make_method<KroneckerLaplace>};
}

}  // namespace palimpsest
