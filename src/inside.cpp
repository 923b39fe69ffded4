#include "inside.hpp"

#include <algorithm>

namespace palimpsest {
namespace {

// By column and unit: the sum over all parameters that touch the unit.
std::vector<std::vector<double>> sums_by_unit(const Network& network,
                                              std::span<const float> weights) {
  const auto& layers = network.layers();
  std::vector<std::vector<double>> sums(layers.size() + 1);
  sums[0].resize(network.inputs());
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const Layer& layer = layers[l];
    sums[l + 1].assign(&weights[layer.biases], &weights[layer.biases] + layer.out);
    for (std::size_t i = 0; i < layer.in; ++i)
      for (std::size_t o = 0; o < layer.out; ++o) {
        const double weight = weights[layer.weights + i * layer.out + o];
        sums[l][i] += weight;
        sums[l + 1][o] += weight;
      }
  }
  return sums;
}

}  // namespace

std::vector<std::vector<std::size_t>> heaviest_units(const Network& network,
                                                     std::span<const float> weights,
                                                     std::size_t most) {
  std::vector<std::vector<std::size_t>> columns;
  for (std::vector<double>& sums : sums_by_unit(network, weights)) {
    constexpr double kTaken = -1;
    for (std::size_t n = 0; n < std::min(most, sums.size()); ++n)
      *std::max_element(sums.begin(), sums.end()) = kTaken;
    std::vector<std::size_t>& units = columns.emplace_back();
    for (std::size_t i = 0; i < sums.size(); ++i)
      if (sums[i] == kTaken) units.push_back(i);
  }
  return columns;
}

std::vector<float> between(const Network& network,
                           const std::vector<std::vector<std::size_t>>& units,
                           std::span<const float> values) {
  std::vector<float> found;
  for (std::size_t l = 0; l < network.layers().size(); ++l) {
    const Layer& layer = network.layers()[l];
    for (std::size_t o : units[l + 1])
      for (std::size_t i : units[l]) found.push_back(values[layer.weights + i * layer.out + o]);
    for (std::size_t o : units[l + 1]) found.push_back(values[layer.biases + o]);
  }
  return found;
}

}  // namespace palimpsest
