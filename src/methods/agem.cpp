#include <cmath>

#include "../kernels.hpp"
#include "../memory.hpp"
#include "../method.hpp"

namespace palimpsest {
namespace {

// Where ⟨g, g_ref⟩ < 0, with g the gradient of the step's objective and g_ref that of the loss on
// examples drawn from all memories: g̃ = g − ⟨g, g_ref⟩/⟨g_ref, g_ref⟩ · g_ref (Chaudhry et al.
// 2019, eq. 11). GEM with the average of its constraints as the only one.
class AveragedGem : public Method {
 public:
  explicit AveragedGem(const Settings& settings)
      : memory_(settings), batch_(static_cast<std::size_t>(settings.integer("reference_batch"))) {}

  void shape_gradient(const Step& step, std::span<float> gradient) override {
    memory_.observe(step.batch, step.model.data.count());
    if (memory_.tasks() == 0) return;
    const auto rows = memory_.draw(batch_, step.random).rows;
    loss_gradient(step.model, step.parameters, rows, 1, false, reference_, step.workspace);
    const double scale = kernels::scale_to_one(reference_);  // a tiny g_ref would underflow squared
    const double product = kernels::dot(gradient, reference_);
    report_.before[0] = report_.after[0] = product / scale;
    report_.multipliers[0] = 0;
    if (step.recorded)
      report_.norms[0] = std::sqrt(kernels::dot(reference_, reference_)) / scale;
    report_.active = product < 0;
    if (!report_.active) return;
    const double multiplier = -product / kernels::dot(reference_, reference_);
    kernels::add_scaled(reference_, static_cast<float>(multiplier), gradient);
    report_.multipliers[0] = multiplier * scale;
    report_.after[0] = kernels::dot(gradient, reference_) / scale;
  }

  void end_task(const Step& step) override {
    memory_.end_task(step.task, step.random);
    reference_.resize(step.parameters.size());
    for (auto* numbers : {&report_.before, &report_.after, &report_.multipliers, &report_.norms})
      numbers->assign(1, 0);
  }

  const ProjectionReport* projection() const override {
    return memory_.tasks() ? &report_ : nullptr;
  }

  Room room(const Extent& extent) const override { return memory_.room(extent, batch_); }

  std::span<const std::uint32_t> kept() const override { return memory_.rows(); }

 private:
  EpisodicMemory memory_;
  std::size_t batch_;
  std::vector<float> reference_;  // g_ref
  ProjectionReport report_;
};

}  // namespace

MethodEntry agem() {
  return {{"agem",
           "A-GEM",
           "Bends the gradient where a step along it would raise the average loss on kept "
           "examples.",
           "min ½‖g̃ − g‖²  with ⟨g̃, g_ref⟩ ≥ 0",
           "Chaudhry et al. 2019, eq. 11",
           {memory_per_task_parameter(),
            replay_batch_parameter("reference_batch", "compared a step",
                                   "How many examples are drawn from all memories for the "
                                   "reference gradient."),
            selection_parameter()}},
          make_method<AveragedGem>};
}

}  // namespace palimpsest
