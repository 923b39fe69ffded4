#include "optimizer.hpp"

#include <algorithm>
#include <cmath>

#include "kernels.hpp"
#include "vec.hpp"

namespace palimpsest {
namespace {

constexpr Parameter learning_rate(double fallback) {
  return {.key = "learning_rate",
          .label = "learning rate",
          .symbol = "η",
          .help = "The length of a step along the gradient.",
          .fallback = fallback,
          .minimum = 1e-6,
          .maximum = 10,
          .scale = Scale::log};
}

constexpr Parameter reset_each_task() {
  return {.key = "reset_each_task",
          .label = "reset between tasks",
          .help = "Clears the optimizer’s running averages when a new task begins.",
          .type = Type::boolean,
          .fallback = true};
}

constexpr Parameter decay_rate(std::string_view key, std::string_view label,
                               std::string_view symbol, std::string_view help, double fallback) {
  return {.key = key,
          .label = label,
          .symbol = symbol,
          .help = help,
          .fallback = fallback,
          .minimum = 0,
          .maximum = 0.99999};
}

// Calls use(i, like) for every place, four or, `like` says, one at a time: two vectors in turn, so
// that neither waits for its division.
template <class Use>
void for_each_place(std::size_t count, Use use) {
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    use(i, vec4{});
    use(i + 4, vec4{});
  }
  for (; i < count; ++i) use(i, float{});
}

}  // namespace

const std::vector<Entry>& optimizer_entries() {
  static const std::vector<Entry> entries = {
      {"adam",
       "Adam",
       "Scales each parameter’s step by running averages of its gradient and its square.",
       "θ ← θ − η·m̂ / (√v̂ + ε)",
       "Kingma & Ba 2015, algorithm 1",
       {learning_rate(0.001),
        decay_rate("beta1", "decay of the mean", "β₁",
                   "How slowly the running mean of the gradient forgets.", 0.9),
        decay_rate("beta2", "decay of the square", "β₂",
                   "How slowly the running mean of the squared gradient forgets.", 0.999),
        {.key = "epsilon",
         .label = "epsilon",
         .symbol = "ε",
         .help = "Keeps the division from blowing up where gradients vanish.",
         .fallback = 1e-8,
         .minimum = 1e-12,
         .maximum = 1,
         .scale = Scale::log},
        reset_each_task()}},
      {"sgd",
       "SGD",
       "Steps straight down the gradient, with momentum if asked.",
       "b ← μ·b + g,  θ ← θ − η·b",
       "Robbins & Monro 1951; Polyak 1964",
       {learning_rate(0.01),
        decay_rate("momentum", "momentum", "μ", "The share of the last step that is kept.", 0),
        reset_each_task()}}};
  return entries;
}

Optimizer::Optimizer(std::string_view kind, const Settings& settings, double weight_decay,
                     bool decoupled, std::size_t parameters)
    : adaptive_(kind == "adam"),
      reset_each_task_(settings.boolean("reset_each_task")),
      decoupled_(decoupled),
      learning_rate_(settings.number("learning_rate")),
      weight_decay_(weight_decay),
      first_(parameters) {
  if (adaptive_) {
    beta1_ = settings.number("beta1");
    beta2_ = settings.number("beta2");
    epsilon_ = settings.number("epsilon");
    second_.resize(parameters);
  } else {
    momentum_ = settings.number("momentum");
  }
}

bool Optimizer::update(std::span<const float> gradient, std::span<float> parameters) {
  if (decoupled_ && weight_decay_ != 0) {
    const float keep = static_cast<float>(1 - learning_rate_ * weight_decay_);
    for (float& theta : parameters) theta *= keep;
  }
  return adaptive_ ? adam(gradient, parameters) : sgd(gradient, parameters);
}

std::optional<float> Optimizer::plain_rate() const {
  if (adaptive_ || momentum_ != 0 || weight_decay_ != 0) return std::nullopt;
  return static_cast<float>(learning_rate_);
}

bool Optimizer::sgd(std::span<const float> gradient, std::span<float> parameters) {
  if (const auto rate = plain_rate()) return kernels::subtract_scaled(gradient, *rate, parameters);
  const float decay = static_cast<float>(decoupled_ ? 0 : weight_decay_);
  const float momentum = static_cast<float>(momentum_);
  const float rate = static_cast<float>(learning_rate_);
  const float* __restrict g = gradient.data();
  float* __restrict theta = parameters.data();
  float* __restrict b = first_.data();
  Overflow overflow;
  for_each_place(parameters.size(), [&](std::size_t i, auto like) {
    const auto before = load_like(theta + i, like);
    const auto step =
        momentum * load_like(b + i, like) + (load_like(g + i, like) + decay * before);
    const auto next = before - rate * step;
    store_like(b + i, step);
    store_like(theta + i, next);
    overflow.see(next);
  });
  return overflow.none(parameters);
}

bool Optimizer::adam(std::span<const float> gradient, std::span<float> parameters) {
  beta1_power_ *= beta1_;
  beta2_power_ *= beta2_;
  const float decay = static_cast<float>(decoupled_ ? 0 : weight_decay_);
  const float beta1 = static_cast<float>(beta1_), rest1 = static_cast<float>(1 - beta1_);
  const float beta2 = static_cast<float>(beta2_), rest2 = static_cast<float>(1 - beta2_);
  const float rate = static_cast<float>(learning_rate_ / (1 - beta1_power_));
  const float root = static_cast<float>(1 / std::sqrt(1 - beta2_power_));
  const float epsilon = static_cast<float>(epsilon_);
  const float* __restrict gradients = gradient.data();
  float* __restrict theta = parameters.data();
  float* __restrict m = first_.data();
  float* __restrict v = second_.data();
  Overflow overflow;
  for_each_place(parameters.size(), [&](std::size_t i, auto like) {
    const auto before = load_like(theta + i, like);
    const auto g = load_like(gradients + i, like) + decay * before;
    const auto mean = beta1 * load_like(m + i, like) + rest1 * g;
    const auto square = beta2 * load_like(v + i, like) + rest2 * (g * g);
    const auto next = before - rate * (mean / (sqrt(square) * root + epsilon));
    store_like(m + i, mean);
    store_like(v + i, square);
    store_like(theta + i, next);
    overflow.see(next);
  });
  return overflow.none(parameters);
}

void Optimizer::end_task() {
  if (!reset_each_task_) return;
  std::fill(first_.begin(), first_.end(), 0.0f);
  std::fill(second_.begin(), second_.end(), 0.0f);
  beta1_power_ = beta2_power_ = 1;
}

}  // namespace palimpsest
