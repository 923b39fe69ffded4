// θ before training, apart from the rest of the network: it is no part of the hot path.
#include <algorithm>
#include <cmath>
#include <limits>

#include "network.hpp"

namespace palimpsest {
namespace {

// The size of a first-layer weight in the `spread` start, per half width of the data's box: steep
// enough that a unit bends in one place only, so that tasks at different inputs share few of them.
constexpr double kSpreadGain = 8;

double truncated_normal(Random& random) {
  for (;;)
    if (const double x = random.normal(); std::abs(x) <= 2) return x;
}

}  // namespace

std::vector<float> Network::initial_parameters(Initialization initialization, const Examples& data,
                                               Random random) const {
  std::vector<float> parameters(parameters_);
  for (const Layer& layer : layers_) {
    if (initialization == Initialization::truncated_normal) {
      for (std::size_t i = layer.weights; i < layer.biases; ++i)
        parameters[i] = static_cast<float>(0.1 * truncated_normal(random));
      for (std::size_t i = layer.biases; i < layer.biases + layer.out; ++i) parameters[i] = 0.1f;
      continue;
    }
    const bool narrowed = &layer == &layers_.front() && data.fan_in != 0;
    const double in = static_cast<double>(narrowed ? data.fan_in : layer.in);
    const double out = static_cast<double>(layer.out);
    const bool last = &layer == &layers_.back();
    const bool xavier = initialization == Initialization::xavier ||
                        (initialization == Initialization::spread && last);
    const double bound = xavier ? std::sqrt(6 / (in + out)) : 1 / std::sqrt(in);
    for (std::size_t i = layer.weights; i < layer.biases; ++i)
      parameters[i] = static_cast<float>(random.uniform(-bound, bound));
    for (std::size_t i = layer.biases; i < layer.biases + layer.out; ++i)
      parameters[i] = xavier ? 0 : static_cast<float>(random.uniform(-bound, bound));
  }
  if (initialization == Initialization::spread && layers_.size() > 1)  // a single layer is the last
    spread_first_layer(data, random, parameters);
  return parameters;
}

void Network::spread_first_layer(const Examples& data, Random& random,
                                 std::span<float> parameters) const {
  const Layer& layer = layers_.front();
  std::vector<double> bias(layer.out, 0.0);
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  std::vector<float> input(layer.in), lows(layer.in, kInfinity), highs(layer.in, -kInfinity);
  for (std::uint32_t row = 0; row < data.count(); ++row) {
    data.copy_input(row, input);
    for (std::size_t i = 0; i < layer.in; ++i) {
      lows[i] = std::min(lows[i], input[i]);
      highs[i] = std::max(highs[i], input[i]);
    }
  }
  for (std::size_t i = 0; i < layer.in; ++i) {
    const double low = lows[i], high = highs[i];
    const double gain = high > low ? kSpreadGain / ((high - low) / 2) : 1;
    for (std::size_t o = 0; o < layer.out; ++o) {
      const double sign = random.uniform() < 0.5 ? -1 : 1;
      const double weight = sign * gain / std::sqrt(static_cast<double>(layer.in));
      parameters[layer.weights + i * layer.out + o] = static_cast<float>(weight);
      bias[o] -= weight * random.uniform(low, high);
    }
  }
  std::copy(bias.begin(), bias.end(), parameters.begin() + layer.biases);
}

}  // namespace palimpsest
