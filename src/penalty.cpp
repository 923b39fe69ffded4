#include "penalty.hpp"

namespace palimpsest {

void add_regularisation(std::span<const float> parameters, double l1, double l2,
                        std::span<float> gradient) {
  const float slope = static_cast<float>(l1), twice = static_cast<float>(2 * l2);
  const std::size_t count = parameters.size();
  const float* __restrict theta = parameters.data();
  float* __restrict g = gradient.data();
  if (l1 != 0)
    for (std::size_t i = 0; i < count; ++i)
      g[i] += theta[i] > 0 ? slope : theta[i] < 0 ? -slope : 0;
  if (l2 != 0)
    for (std::size_t i = 0; i < count; ++i) g[i] += twice * theta[i];
}

Consolidation consolidation(const Settings& settings) {
  return settings.choice("consolidation") == "online" ? Consolidation::online
                                                      : Consolidation::separate;
}

void AnchoredPenalty::anchor(std::span<const float> parameters, std::span<const float> importance,
                             Consolidation consolidation, double gamma) {
  if (empty()) {
    stiffness_.assign(parameters.size(), 0);
    centre_.assign(parameters.begin(), parameters.end());
  }
  const bool online = consolidation == Consolidation::online;
  if (online) remainder_ = 0;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const double old = online ? gamma * stiffness_[i] : stiffness_[i], added = importance[i];
    const double sum = old + added;
    const double move = static_cast<double>(parameters[i]) - centre_[i];
    stiffness_[i] = static_cast<float>(sum);
    if (online) {
      centre_[i] = parameters[i];
    } else if (sum > 0) {
      centre_[i] = static_cast<float>(centre_[i] + added / sum * move);
      remainder_ += old * added / sum * move * move;
    }
  }
}

void AnchoredPenalty::add_gradient(std::span<const float> parameters, double lambda,
                                   std::span<float> gradient) const {
  if (empty()) return;
  const float strength = static_cast<float>(lambda);
  const std::size_t count = parameters.size();
  const float* __restrict theta = parameters.data();
  const float* __restrict stiffness = stiffness_.data();
  const float* __restrict centre = centre_.data();
  float* __restrict g = gradient.data();
  for (std::size_t i = 0; i < count; ++i) g[i] += strength * stiffness[i] * (theta[i] - centre[i]);
}

Springs AnchoredPenalty::springs(std::span<const float> parameters, double lambda) const {
  Springs springs{stiffness_, std::vector<float>(stiffness_.size())};
  add_gradient(parameters, lambda, springs.tension);
  return springs;
}

double AnchoredPenalty::value(std::span<const float> parameters, double lambda) const {
  double sum = remainder_;
  for (std::size_t i = 0; i < stiffness_.size(); ++i) {
    const double distance = static_cast<double>(parameters[i]) - centre_[i];
    sum += stiffness_[i] * distance * distance;
  }
  return lambda / 2 * sum;
}

}  // namespace palimpsest
