#include <algorithm>

#include "../fisher.hpp"
#include "../method.hpp"
#include "../penalty.hpp"

namespace palimpsest {
namespace {

// L(batch) + (λ/2)·Σ_i F_i (θ_i − θ*_i)²: a spring to θ*, where a finished task left the weights,
// as stiff as the diagonal Fisher information F of that task there (Kirkpatrick et al. 2017, eq. 3;
// online: Schwarz et al. 2018, eq. 8–9, with the anchor at the latest task).
class Ewc : public Method {
 public:
  explicit Ewc(const Settings& settings)
      : consolidation_(consolidation(settings)),
        gamma_(settings.number("gamma")),
        kind_(settings.choice("fisher") == "empirical" ? FisherKind::empirical : FisherKind::exact),
        samples_(static_cast<std::size_t>(settings.integer("fisher_samples"))) {}

  void configure(const Settings& settings) override { lambda_ = settings.number("lambda"); }

  void shape_gradient(const Step& step, std::span<float> gradient) override {
    penalty_.add_gradient(step.parameters, lambda_, gradient);
  }

  void end_task(const Step& step) override {
    const auto all = step.model.data.rows(step.task);
    std::vector<std::uint32_t> rows(all.begin(), all.end());
    if (samples_ != 0 && samples_ < rows.size()) {
      step.random.shuffle(rows);
      rows.resize(samples_);
    }
    fisher_ = diagonal_fisher(step.model, step.parameters, rows, kind_, step.workspace);
    penalty_.anchor(step.parameters, fisher_, consolidation_, gamma_);
  }

  std::span<const float> importance() const override { return fisher_; }

 private:
  Consolidation consolidation_;
  double gamma_, lambda_ = 0;
  FisherKind kind_;
  std::size_t samples_;
  AnchoredPenalty penalty_;
  std::vector<float> fisher_;
};

}  // namespace

MethodEntry ewc() {
  return {
      {"ewc",
       "EWC",
       "Ties every weight to its old value with a spring as stiff as the weight was important.",
       "L(batch) + (λ/2)·Σᵢ Fᵢ (θᵢ − θ*ᵢ)²",
       "Kirkpatrick et al. 2017, eq. 3; online: Schwarz et al. 2018",
       {lambda_parameter(100, "How stiff the springs are for a given Fisher information."),
        {.key = "fisher",
         .label = "Fisher",
         .symbol = "F",
         .help = "How the Fisher information of the finished task is computed.",
         .type = Type::choice,
         .fallback = "exact",
         .choices = {{"exact", "exact", "The expectation over the model's own predictions."},
                     {"empirical", "empirical", "The data's own targets in its place."}}},
        {.key = "fisher_samples",
         .label = "Fisher examples",
         .help = "How many training examples the Fisher information is computed on; 0 means all.",
         .type = Type::integer,
         .fallback = 0,
         .minimum = 0,
         .maximum = 100000,
         .scale = Scale::log},
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
