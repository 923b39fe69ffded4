#include "../distillation.hpp"
#include "../memory.hpp"
#include "../method.hpp"

namespace palimpsest {
namespace {

// L(batch) + α·mean (f − z)² over one draw from the memories + β·L over another, z the outputs that
// the network gave when its example was stored (Buzzega et al. 2020, eq. 6, Dark Experience
// Replay++; there the memory is a reservoir, here it is filled when a task ends).
class DarkExperienceReplay : public Method {
 public:
  explicit DarkExperienceReplay(const Settings& settings)
      : memory_(settings), batch_(static_cast<std::size_t>(settings.integer("replay_batch"))) {}

  void configure(const Settings& settings) override {
    alpha_ = static_cast<float>(settings.number("alpha"));
    beta_ = static_cast<float>(settings.number("beta"));
  }

  void shape_gradient(const Step& step, std::span<float> gradient) override {
    memory_.observe(step.batch, step.model.data.count());
    if (memory_.tasks() == 0) return;
    penalty_ = add_distillation(step, memory_.draw(batch_, step.random), gradient);
    const auto rows = memory_.draw(batch_, step.random).rows;
    penalty_ += beta_ * loss_gradient(step.model, step.parameters, rows, beta_, true, gradient,
                                      step.workspace);
  }

  void end_task(const Step& step) override {
    memory_.end_task(step.task, step.random);
    const auto rows = memory_.rows(memory_.tasks() - 1);
    const auto outputs =
        step.model.network.forward(step.parameters, step.model.data, rows, step.workspace);
    stored_.insert(stored_.end(), outputs.begin(), outputs.end());
    drawn_.resize(stored_.size());
  }

  double penalty(std::span<const float>) override { return penalty_; }

  Room room(const Extent& extent) const override { return memory_.room(extent, batch_); }

  std::span<const std::uint32_t> kept() const override { return memory_.rows(); }

 private:
  double add_distillation(const Step& step, EpisodicMemory::Draw draw, std::span<float> gradient) {
    const Network& network = step.model.network;
    const std::size_t width = network.outputs();
    for (std::size_t i = 0; i < draw.places.size(); ++i)
      for (std::size_t k = 0; k < width; ++k)
        drawn_[i * width + k] = stored_[draw.places[i] * width + k];
    const auto now = network.forward(step.parameters, step.model.data, draw.rows, step.workspace);
    const double value =
        distillation(Loss::mse, now, std::span(drawn_).first(now.size()), draw.rows.size(), {}, 1,
                     alpha_, step.workspace.deltas.back());
    network.backward(step.parameters, draw.rows.size(), step.workspace);
    network.gradient(step.workspace, draw.rows.size(), true, gradient);
    return value;
  }

  EpisodicMemory memory_;
  std::size_t batch_;
  float alpha_ = 0, beta_ = 0;
  std::vector<float> stored_;  // by place in the memory: the outputs when it was stored
  std::vector<float> drawn_;   // those of the last draw
  double penalty_ = 0;
};

constexpr Parameter weight(std::string_view key, std::string_view symbol, std::string_view label,
                           std::string_view help) {
  return {.key = key,
          .label = label,
          .symbol = symbol,
          .help = help,
          .fallback = 0.5,
          .minimum = 0,
          .maximum = 1000,
          .scale = Scale::log,
          .live = true};
}

}  // namespace

MethodEntry derpp() {
  return {{"derpp",
           "DER++",
           "Replays kept examples with the outputs that the network gave for them back then.",
           "L(batch) + α·mean (f − z)² + β·L(memory)",
           "Buzzega et al. 2020, eq. 6",
           {memory_per_task_parameter(),
            replay_batch_parameter(
                "replay_batch", "replayed a step",
                "How many examples each of the two draws takes from all memories."),
            weight("alpha", "α", "old outputs", "How much staying near the kept outputs counts."),
            weight("beta", "β", "old targets", "How much the loss on the kept examples counts."),
            selection_parameter()}},
          make_method<DarkExperienceReplay>};
}

}  // namespace palimpsest
