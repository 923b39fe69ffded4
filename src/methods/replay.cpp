#include <algorithm>

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
    memory_.observe(step.batch);
    if (memory_.tasks() == 0) return;
    loss_gradient(step.model, step.parameters, draw(step.random), weight_, true, gradient,
                  step.workspace);
  }

  void end_task(const Step& step) override {
    memory_.end_task(step.task, step.random);
    order_.assign(memory_.rows().begin(), memory_.rows().end());
  }

 private:
  // A uniform subset without repetition: the first elements of a partial shuffle.
  std::span<const std::uint32_t> draw(Random& random) {
    if (batch_ == 0 || batch_ >= order_.size()) return memory_.rows();
    for (std::size_t i = 0; i < batch_; ++i)
      std::swap(order_[i], order_[i + random.below(static_cast<std::uint32_t>(order_.size() - i))]);
    return std::span(order_).first(batch_);
  }

  EpisodicMemory memory_;
  std::size_t batch_;
  float weight_ = 1;
  std::vector<std::uint32_t> order_;  // the memories' rows, in the order of the last draw
};

}  // namespace

MethodEntry replay() {
  return {{"replay",
           "naive rehearsal",
           "Trains on a few kept examples of the old tasks along with the new ones.",
           "L(batch) + w·L(memory)",
           "Robins 1995; Lopez-Paz & Ranzato 2017, section 3",
           {memory_per_task_parameter(),
            {.key = "replay_batch",
             .label = "replayed a step",
             .help = "How many examples are drawn from all memories at every step; 0 means all.",
             .type = Type::integer,
             .fallback = 0,
             .minimum = 0,
             .maximum = 100000,
             .scale = Scale::log},
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
