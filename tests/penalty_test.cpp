// Regularisation and anchored penalties.
#include "penalty.hpp"

#include <cmath>

#include "support.hpp"

using namespace support;

namespace {

struct Anchor {
  std::vector<float> centre, weight;
};

// (λ/2)·Σ_tasks Σ_i w_i (θ_i − θ*_i)², term by term, and its derivative.
double naive_value(const std::vector<Anchor>& anchors, const std::vector<float>& theta,
                   double lambda) {
  double sum = 0;
  for (const Anchor& anchor : anchors)
    for (std::size_t i = 0; i < theta.size(); ++i)
      sum += anchor.weight[i] * std::pow(static_cast<double>(theta[i]) - anchor.centre[i], 2);
  return lambda / 2 * sum;
}

double naive_slope(const std::vector<Anchor>& anchors, const std::vector<float>& theta,
                   double lambda, std::size_t i) {
  double sum = 0;
  for (const Anchor& anchor : anchors)
    sum += anchor.weight[i] * (static_cast<double>(theta[i]) - anchor.centre[i]);
  return lambda * sum;
}

void require_equal(const AnchoredPenalty& penalty, const std::vector<Anchor>& anchors,
                   const std::vector<float>& theta, double lambda) {
  const double value = naive_value(anchors, theta, lambda);
  CHECK(std::abs(penalty.value(theta, lambda) - value) <= 2e-6 * value + 1e-12);
  std::vector<float> gradient(theta.size(), 0.25f);
  penalty.add_gradient(theta, lambda, gradient);
  for (std::size_t i = 0; i < theta.size(); ++i) {
    const double slope = naive_slope(anchors, theta, lambda, i);
    double scale = 1;  // of the terms, which may cancel
    for (const Anchor& anchor : anchors) scale += lambda * anchor.weight[i];
    CHECK(std::abs(gradient[i] - (0.25 + slope)) < 1e-6 * scale);
  }
}

std::vector<float> weights(Random& random, std::size_t count) {
  std::vector<float> values = uniform_floats(random, count);
  for (float& value : values) value = value > 0 ? value * 10 : 0;  // half of them of no importance
  return values;
}

}  // namespace

TEST_CASE("penalty: λ₁·Σ|θ| + λ₂·Σθ², and the subgradient of |θ| at 0 is 0") {
  const std::vector<float> theta = {2, -3, 0, -0.0f, 0.5};
  std::vector<float> gradient = {1, 1, 1, 1, 1};
  add_regularisation(theta, 0.25, 0, gradient);
  CHECK(gradient == std::vector<float>{1.25, 0.75, 1, 1, 1.25});
  add_regularisation(theta, 0, 0.5, gradient);
  CHECK(gradient == std::vector<float>{3.25, -2.25, 1, 1, 1.75});
  add_regularisation(theta, 0, 0, gradient);
  CHECK(gradient == std::vector<float>{3.25, -2.25, 1, 1, 1.75});
}

TEST_CASE("penalty: any number of anchored quadratics, held as one, is their sum") {
  constexpr std::size_t kCount = 50;
  Random random(1, "penalty");
  AnchoredPenalty penalty;
  std::vector<Anchor> anchors;
  CHECK(penalty.empty());
  CHECK(penalty.value(std::vector<float>(kCount, 1.0f), 3) == 0);
  for (int task = 0; task < 6; ++task) {
    anchors.push_back({uniform_floats(random, kCount), weights(random, kCount)});
    penalty.anchor(anchors.back().centre, anchors.back().weight, Consolidation::separate, 0.5);
    CHECK_FALSE(penalty.empty());
    for (double lambda : {0.0, 0.7, 100.0})
      require_equal(penalty, anchors, uniform_floats(random, kCount), lambda);
  }
}

TEST_CASE("penalty: online, one anchor follows the latest task and the old stiffness fades") {
  // After tasks 1 … n: stiffness Σ_k γ^(n−k) w_k, all of it around θ*_n.
  constexpr std::size_t kCount = 20;
  constexpr double kGamma = 0.5;
  Random random(2, "penalty");
  AnchoredPenalty penalty;
  std::vector<float> stiffness(kCount, 0.0f);
  for (int task = 0; task < 4; ++task) {
    const auto centre = uniform_floats(random, kCount), weight = weights(random, kCount);
    penalty.anchor(centre, weight, Consolidation::online, kGamma);
    for (std::size_t i = 0; i < kCount; ++i)
      stiffness[i] = static_cast<float>(kGamma * stiffness[i] + weight[i]);
    require_equal(penalty, {{centre, stiffness}}, uniform_floats(random, kCount), 2);
  }
}

TEST_CASE("penalty: what has no importance for any task is free") {
  AnchoredPenalty penalty;
  penalty.anchor(std::vector<float>{1, 2}, std::vector<float>{0, 3}, Consolidation::separate, 0);
  penalty.anchor(std::vector<float>{5, 6}, std::vector<float>{0, 0}, Consolidation::separate, 0);
  const std::vector<float> theta = {100, 4};
  std::vector<float> gradient = {0, 0};
  penalty.add_gradient(theta, 2, gradient);
  CHECK(gradient == std::vector<float>{0, 12});  // 2·3·(4 − 2)
  CHECK(penalty.value(theta, 2) == 12);          // (2/2)·3·(4 − 2)²
  // Where only the second task cares, the first one's place counts for nothing.
  AnchoredPenalty later;
  later.anchor(std::vector<float>{1}, std::vector<float>{0}, Consolidation::separate, 0);
  later.anchor(std::vector<float>{5}, std::vector<float>{2}, Consolidation::separate, 0);
  std::vector<float> slope = {0};
  later.add_gradient(std::vector<float>{6}, 1, slope);
  CHECK(slope[0] == 2);
  CHECK(later.value(std::vector<float>{6}, 1) == 1);
}

TEST_CASE("penalty: two anchors worked by hand") {
  // (1/2)·[1·(θ − 0)² + 3·(θ − 4)²] = (1/2)·[4·(θ − 3)² + 12]: stiffness 4, centre 3, remainder
  // 1·9 + 3·1 = 12.
  AnchoredPenalty penalty;
  penalty.anchor(std::vector<float>{0}, std::vector<float>{1}, Consolidation::separate, 0);
  penalty.anchor(std::vector<float>{4}, std::vector<float>{3}, Consolidation::separate, 0);
  CHECK(penalty.value(std::vector<float>{3}, 1) == 6);
  CHECK(penalty.value(std::vector<float>{5}, 1) == 14);
  std::vector<float> gradient = {0};
  penalty.add_gradient(std::vector<float>{5}, 1, gradient);
  CHECK(gradient[0] == 8);
}
