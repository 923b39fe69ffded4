#include <algorithm>
#include <cmath>

#include "../kernels.hpp"
#include "../memory.hpp"
#include "../method.hpp"
#include "../quadratic_program.hpp"

namespace palimpsest {
namespace {

// A step along the gradient g of the objective may not raise the loss on any past task's memory
// (the optimizer's own step may: Adam scales g̃, and weight decay is added to it). Where some
// ⟨g, g_k⟩ < 0, with g_k the mean gradient over the whole memory of task k, it is replaced by
// g̃ = g + Gᵀv (Lopez-Paz & Ranzato 2017, eq. 8–12; quadratic_program.hpp has the problem).
class Gem : public Method {
 public:
  explicit Gem(const Settings& settings) : memory_(settings) {}

  void configure(const Settings& settings) override {
    margin_ = settings.number("margin");
    epsilon_ = settings.number("epsilon");
  }

  void shape_gradient(const Step& step, std::span<float> gradient) override {
    memory_.observe(step.batch, step.model.data.count());
    if (memory_.tasks() == 0) return;
    compare_with_memories(step, gradient);
    if (violated()) project(step, gradient);
  }

  void end_task(const Step& step) override {
    memory_.end_task(step.task, step.random);
    const std::size_t tasks = memory_.tasks();
    constraints_.resize(tasks * step.parameters.size());
    Kept& kept = kept_.emplace_back();
    kept.examples = step.model.data.selection(memory_.rows(tasks - 1));
    if (kept.examples.sparse())
      kept.index.sort(kept.examples.nonzeros, kept.examples.all_rows, step.model.network.inputs());
    gram_.assign(tasks * tasks, 0);
    products_.assign(tasks, 0);
    scales_.assign(tasks, 1);
    for (auto* numbers : {&report_.before, &report_.after, &report_.multipliers, &report_.norms})
      numbers->assign(tasks, 0);
    workspace_.reserve(tasks);
  }

  const ProjectionReport* projection() const override {
    return memory_.tasks() ? &report_ : nullptr;
  }

  // The constraints, the copied memories, and a pass over one.
  Room room(const Extent& extent) const override {
    const double rows = static_cast<double>(memory_.most(extent));
    const double task = static_cast<double>(extent.network.parameters()) + rows * extent.input;
    return {"memory_per_task", static_cast<double>(extent.tasks) * task + rows * extent.pass};
  }

  std::span<const std::uint32_t> kept() const override { return memory_.rows(); }

 private:
  // A past task's memory, copied together: walking through the whole table costs a twentieth more.
  struct Kept {
    Examples examples;
    InputIndex index;  // where they are sparse
  };

  // The memories' gradients g_k, their inner products with g, and a report of nothing done.
  void compare_with_memories(const Step& step, std::span<const float> gradient) {
    length_ = gradient.size();
    for (std::size_t k = 0; k < memory_.tasks(); ++k) {
      const auto& [examples, index] = kept_[k];
      loss_gradient({step.model.network, examples, step.model.loss}, step.parameters,
                    examples.all_rows, 1, false, constraint(k), step.workspace,
                    examples.sparse() ? &index : nullptr);
      report_.before[k] = report_.after[k] = kernels::dot(gradient, constraint(k));
      report_.multipliers[k] = 0;
      if (step.recorded) report_.norms[k] = std::sqrt(kernels::dot(constraint(k), constraint(k)));
    }
    report_.active = false;
    report_.kkt_residual = 0;
  }

  bool violated() const {
    for (double product : report_.before)
      if (product < 0) return true;
    return false;
  }

  void project(const Step& step, std::span<float> gradient) {
    const std::size_t tasks = memory_.tasks();
    kernels::gram(constraints_.data(), tasks, length_, gram_.data());
    products_ = report_.before;
    std::fill(scales_.begin(), scales_.end(), 1.0);
    if (margin_ == 0 && epsilon_ == 0) scale_up_tiny_constraints(gradient);
    const double norm = std::sqrt(kernels::dot(gradient, gradient));
    const QuadraticResult solution = solve({gram_, products_, margin_, epsilon_, norm}, workspace_);
    if (solution.status == QuadraticStatus::not_finite) return;  // the step will diverge
    report_.kkt_residual = solution.kkt_residual;
    report_.active = true;
    for (std::size_t k = 0; k < tasks; ++k) {
      if (solution.multipliers[k] == 0) continue;
      report_.multipliers[k] = solution.multipliers[k] * scales_[k];
      kernels::add_scaled(constraint(k), static_cast<float>(solution.multipliers[k]), gradient);
    }
    for (std::size_t k = 0; step.recorded && k < tasks; ++k)
      report_.after[k] = kernels::dot(gradient, constraint(k)) / scales_[k];
  }

  // A memory that is fitted perfectly has a gradient so small that its square underflows. Scaling
  // it changes nothing but its multiplier, since ⟨g̃, g_k⟩ ≥ 0 does not depend on its length.
  void scale_up_tiny_constraints(std::span<const float> gradient) {
    constexpr double kTiny = 1e-20;
    const std::size_t tasks = memory_.tasks();
    bool scaled = false;
    for (std::size_t k = 0; k < tasks; ++k) {
      if (gram_[k * tasks + k] > kTiny) continue;
      scales_[k] = kernels::scale_to_one(constraint(k));
      products_[k] = kernels::dot(gradient, constraint(k));
      scaled = true;
    }
    if (scaled) kernels::gram(constraints_.data(), tasks, length_, gram_.data());
  }

  std::span<float> constraint(std::size_t k) {
    return std::span(constraints_).subspan(k * length_, length_);
  }

  EpisodicMemory memory_;
  double margin_ = 0, epsilon_ = 0;
  std::size_t length_ = 0;
  std::vector<Kept> kept_;          // by past task
  std::vector<float> constraints_;  // G: past tasks × parameters
  std::vector<double> gram_;        // GGᵀ
  std::vector<double> products_;    // Gg
  std::vector<double> scales_;      // by which rows of G were multiplied
  QuadraticWorkspace workspace_;
  ProjectionReport report_;
};

}  // namespace

MethodEntry gem() {
  return {{"gem",
           "GEM",
           "Bends the gradient where a step along it would raise the loss on the kept examples of "
           "an old task.",
           "min ½‖g̃ − g‖²  with ⟨g̃, gₖ⟩ ≥ 0 for every past task k",
           "Lopez-Paz & Ranzato 2017, eq. 8–12",
           {memory_per_task_parameter(),
            {.key = "margin",
             .label = "margin",
             .symbol = "γ",
             .help = "The least multiplier of every old task’s gradient once one is violated: "
                     "more of it helps the old tasks along.",
             .fallback = 0,
             .minimum = 0,
             .maximum = 10,
             .live = true},
            {.key = "epsilon",
             .label = "damping",
             .symbol = "ε",
             .help = "Added to the diagonal of the quadratic program, as the authors’ code does "
                     "with 0.001.",
             .fallback = 0,
             .minimum = 0,
             .maximum = 1000,
             .scale = Scale::log,
             .live = true},
            selection_parameter()}},
          make_method<Gem>};
}

}  // namespace palimpsest
