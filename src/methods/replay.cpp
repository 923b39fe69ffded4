#include "../memory.hpp"
#include "../method.hpp"

namespace palimpsest {
namespace {

// L(batch) + weight·L(examples drawn from all memories): naive rehearsal, which fits its small
// memory ever more closely (the contrast that motivates GEM: Lopez-Paz & Ranzato 2017, section 3).
class Replay : public Method {
 public:
  explicit Replay(const Settings& settings)
      : memory_(settings),
        batch_(static_cast<std::size_t>(settings.integer("replay_batch"))) {}

  void configure(const Settings& settings) override {
    weight_ = static_cast<float>(settings.number("weight"));
  }

  void shape_gradient(const Step& step, std::span<float> gradient) override {
    memory_.observe(step.batch, step.model.data.count());
    if (memory_.tasks() == 0) return;
    const auto rows = memory_.draw(batch_, step.random).rows;
    penalty_ = weight_ * loss_gradient(step.model, step.parameters, rows, weight_, true, gradient,
                                       step.workspace);
  }

  double penalty(std::span<const float>) override { return penalty_; }

  void end_task(const Step& step) override { memory_.end_task(step.task, step.random); }

  Room room(const Extent& extent) const override { return memory_.room(extent, batch_); }

  std::span<const std::uint32_t> kept() const override { return memory_.rows(); }

 private:
  EpisodicMemory memory_;
  std::size_t batch_;
  float weight_ = 1;
  double penalty_ = 0;
};

}  // namespace

MethodEntry replay() {
  return {{"replay",
           "naive rehearsal",
           "Trains on a few kept examples of the old tasks along with the new ones.",
           "L(batch) + w·L(memory)",
           "Robins 1995; Lopez-Paz & Ranzato 2017, section 3",
           {memory_per_task_parameter(),
            replay_batch_parameter("replay_batch", "replayed a step",
                                   "How many examples are drawn from all memories at every step."),
            {.key = "weight",
             .label = "weight",
             .symbol = "w",
             .help = "How much the loss on the replayed examples counts.",
             .fallback = 1,
             .minimum = 0,
             .maximum = 1000,
             .scale = Scale::log,
             .live = true},
            selection_parameter()}},
          make_method<Replay>};
}

}  // namespace palimpsest
