#include <algorithm>

#include "../fisher.hpp"
#include "../kernels.hpp"
#include "../method.hpp"
#include "../penalty.hpp"

namespace palimpsest {
namespace {

// L(batch) + (λ/2)·Σ_i F_i (θ_i − θ*_i)²: a spring to θ*, where a finished task left the weights,
// as stiff as the diagonal Fisher information F of that task there (Kirkpatrick et al. 2017, eq. 3;
// online: Schwarz et al. 2018, eq. 8–9, with the anchor at the latest task). With the full
// structure, (λ/2)·(θ − θ*)ᵀF(θ − θ*): the Laplace approximation whose diagonal theirs keeps.
class Ewc : public Method {
 public:
  explicit Ewc(const Settings& settings)
      : consolidation_(consolidation(settings)),
        gamma_(settings.number("gamma")),
        kind_(fisher_kind(settings)),
        full_(settings.choice("structure") == "full"),
        samples_(static_cast<std::size_t>(settings.integer("fisher_samples"))) {}

  void configure(const Settings& settings) override { lambda_ = settings.number("lambda"); }

  void shape_gradient(const Step& step, std::span<float> gradient) override {
    diagonal_.add_gradient(step.parameters, lambda_, gradient);
    full_value_ = add_full_gradient(step.parameters, gradient);
  }

  void end_task(const Step& step) override {
    const auto all = step.model.data.rows(step.task);
    std::vector<std::uint32_t> rows(all.begin(), all.end());
    if (samples_ != 0 && samples_ < rows.size()) {
      step.random.shuffle(rows);
      rows.resize(samples_);
    }
    Random again = step.random;  // the diagonal and the factor see the same samples
    importance_ = diagonal_fisher(step.model, step.parameters, rows, kind_, again, step.workspace);
    if (full_)
      add_full_penalty(step, rows);
    else
      diagonal_.anchor(step.parameters, importance_, consolidation_, gamma_);
    step.random = again;
  }

  double penalty(std::span<const float> parameters) override {
    return full_ ? full_value_ : diagonal_.value(parameters, lambda_);
  }

  Springs springs(std::span<const float> parameters) override {
    Springs springs = diagonal_.springs(parameters, lambda_);
    if (full_penalties_.empty()) return springs;
    springs.stiffness.resize(parameters.size());
    springs.tension.resize(parameters.size());
    for (const FullPenalty& task : full_penalties_)
      kernels::add_scaled(task.diagonal, static_cast<float>(task.weight), springs.stiffness);
    add_full_gradient(parameters, springs.tension);
    return springs;
  }

  std::span<const float> importance() const override { return importance_; }

  Room room(const Extent& extent) const override {
    if (!full_) return {};
    const std::size_t rows = samples_ ? std::min(samples_, extent.examples) : extent.examples;
    const double task = FisherFactor::room(extent.network, rows, kind_) +
                        2 * static_cast<double>(extent.network.parameters());
    return {"structure", static_cast<double>(extent.tasks) * task};
  }

 private:
  struct FullPenalty {
    FisherFactor fisher;
    std::vector<float> anchor, diagonal;
    double weight;
  };

  // gradient += the whole matrices' share of ∂penalty/∂θ; returns their share of the penalty.
  double add_full_gradient(std::span<const float> parameters, std::span<float> gradient) {
    double value = 0;
    for (FullPenalty& task : full_penalties_) {
      for (std::size_t i = 0; i < distance_.size(); ++i)
        distance_[i] = parameters[i] - task.anchor[i];
      const double weight = lambda_ * task.weight;
      value +=
          weight / 2 * task.fisher.add_product(distance_, static_cast<float>(weight), gradient);
    }
    return value;
  }

  void add_full_penalty(const Step& step, std::span<const std::uint32_t> rows) {
    const std::vector<float> anchor(step.parameters.begin(), step.parameters.end());
    if (consolidation_ == Consolidation::online)
      for (FullPenalty& task : full_penalties_) {
        task.anchor = anchor;
        task.weight *= gamma_;
      }
    full_penalties_.push_back(
        {FisherFactor(step.model, step.parameters, rows, kind_, step.random, step.workspace),
         anchor, importance_, 1});
    distance_.resize(anchor.size());
  }

  Consolidation consolidation_;
  double gamma_, lambda_ = 0;
  FisherKind kind_;
  bool full_;
  std::size_t samples_;
  AnchoredPenalty diagonal_;
  std::vector<FullPenalty> full_penalties_;
  std::vector<float> distance_;    // θ − θ*
  std::vector<float> importance_;  // the last finished task's diagonal
  double full_value_ = 0;
};

constexpr Choice kStructures[] = {{"diagonal", "diagonal", "One spring a weight."},
                                  {"full", "full", "The whole Fisher matrix, held as its factor."}};

}  // namespace

MethodEntry ewc() {
  return {
      {"ewc",
       "EWC",
       "Ties every weight to its old value with a spring as stiff as the weight was important.",
       "L(batch) + (λ/2)·Σᵢ Fᵢ (θᵢ − θ*ᵢ)²",
       "Kirkpatrick et al. 2017, eq. 3; online: Schwarz et al. 2018",
       {lambda_parameter(100, "How stiff the springs are for a given Fisher information."),
        fisher_parameter(),
        {.key = "structure",
         .label = "structure",
         .help = "Whether weights are tied one by one, or all their combinations that matter.",
         .type = Type::choice,
         .fallback = "diagonal",
         .choices = kStructures},
        {.key = "fisher_samples",
         .label = "Fisher examples",
         .help = "How many training examples the Fisher information is computed on.",
         .type = Type::integer,
         .fallback = 0,
         .minimum = 0,
         .maximum = 100000,
         .scale = Scale::log,
         .zero = "all"},
        consolidation_parameter(),
        {.key = "gamma",
         .label = "decay",
         .symbol = "γ",
         .help = "The share of the old importance that is kept when a task ends.",
         .fallback = 1,
         .minimum = 0,
         .maximum = 1,
         .when_key = "consolidation",
         .when_value = "online"}}},
      make_method<Ewc>};
}

}  // namespace palimpsest
