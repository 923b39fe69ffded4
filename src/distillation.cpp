#include "distillation.hpp"

#include <algorithm>

#include "elementary.hpp"
#include "model.hpp"

namespace palimpsest {
namespace {

// The most outputs that a row may have: the most classes that a document may name.
constexpr std::size_t kWidest = 1000;

// KL(softmax(old/T) ‖ softmax(now/T)) and scale · (its gradient for `now`, times T).
double softened_divergence(std::span<const float> now, std::span<const float> old,
                           float temperature, float scale, std::span<float> deltas) {
  float target[kWidest];
  const std::span<float> q(target, old.size());
  for (std::size_t k = 0; k < old.size(); ++k) {
    q[k] = old[k] / temperature;
    deltas[k] = now[k] / temperature;
  }
  softmax(q);
  softmax(deltas);
  double divergence = 0;
  for (std::size_t k = 0; k < old.size(); ++k) {
    if (q[k] > 0)
      divergence += q[k] * (elementary::log(static_cast<double>(q[k])) -
                            elementary::log(static_cast<double>(std::max(deltas[k], 1e-38f))));
    deltas[k] = scale * (deltas[k] - q[k]);
  }
  return divergence;
}

}  // namespace

double distillation(Loss loss, std::span<const float> now, std::span<const float> old,
                    std::size_t rows, std::span<const Head> heads, float temperature, float weight,
                    std::span<float> deltas) {
  double sum = 0;
  if (loss == Loss::mse) {
    const float scale = 2 * weight / static_cast<float>(now.size());
    for (std::size_t i = 0; i < now.size(); ++i) {
      const float error = now[i] - old[i];
      sum += static_cast<double>(error) * error;
      deltas[i] = scale * error;
    }
    return weight * sum / static_cast<double>(now.size());
  }
  const std::size_t width = now.size() / rows;
  const Head all{0, static_cast<std::uint32_t>(width)};
  const float scale = weight * temperature / static_cast<float>(rows);
  if (heads.empty())
    heads = {&all, 1};
  else
    std::fill(deltas.begin(), deltas.end(), 0.0f);
  for (std::size_t r = 0; r < rows; ++r)
    for (const Head& head : heads) {
      const std::size_t at = r * width + head.first;
      sum += softened_divergence(now.subspan(at, head.count), old.subspan(at, head.count),
                                 temperature, scale, deltas.subspan(at, head.count));
    }
  return static_cast<double>(weight) * temperature * temperature * sum / static_cast<double>(rows);
}

}  // namespace palimpsest
