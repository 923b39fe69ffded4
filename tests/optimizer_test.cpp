// The update rules against PyTorch's formulas, written out in double.
#include "optimizer.hpp"

#include <cmath>
#include <limits>

#include "catalogue.hpp"
#include "support.hpp"

using namespace support;

namespace {

Optimizer make_optimizer(const char* kind, const char* document, double weight_decay = 0,
                         bool decoupled = false, std::size_t parameters = 1) {
  Faults faults;
  const Settings settings = read_settings(
      "", json(document), find_kind(optimizer_entries(), kind)->parameters, {}, faults);
  REQUIRE(faults == Faults{});
  return Optimizer(kind, settings, weight_decay, decoupled, parameters);
}

// torch.optim.SGD and Adam (AdamW where decoupled), one parameter, in double.
struct Naive {
  bool adam;
  double rate, momentum, beta1, beta2, epsilon, decay;
  bool decoupled;
  double b = 0, m = 0, v = 0;
  int t = 0;

  double step(double theta, double g) {
    if (decoupled)
      theta -= rate * decay * theta;
    else
      g += decay * theta;
    ++t;
    if (!adam) {
      b = momentum * b + g;
      return theta - rate * b;
    }
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    const double mean = m / (1 - std::pow(beta1, t)), square = v / (1 - std::pow(beta2, t));
    return theta - rate * mean / (std::sqrt(square) + epsilon);
  }
  void reset() {
    b = m = v = 0;
    t = 0;
  }
};

}  // namespace

TEST_CASE("optimizer: SGD with momentum, by hand") {
  // g = 1 throughout, η = 1/4, μ = 1/2: b = 1, 3/2, 7/4; θ = 1 − (1, 5/2, 17/4)/4.
  Optimizer optimizer = make_optimizer("sgd", "{'learning_rate': 0.25, 'momentum': 0.5}");
  std::vector<float> theta = {1};
  const std::vector<float> one = {1};
  for (float expected : {0.75f, 0.375f, -0.0625f}) {
    CHECK(optimizer.update(one, theta));
    CHECK(theta[0] == expected);
  }
  optimizer.end_task();  // b is forgotten
  CHECK(optimizer.update(one, theta));
  CHECK(theta[0] == -0.3125f);
}

TEST_CASE("optimizer: Adam's first step is η against the gradient's sign, whatever its size") {
  for (float g : {1e-3f, -2.0f, 1e4f}) {
    Optimizer optimizer = make_optimizer("adam", "{'learning_rate': 0.5}");
    std::vector<float> theta = {0};
    CHECK(optimizer.update(std::vector<float>{g}, theta));
    CHECK(theta[0] == Approx(g > 0 ? -0.5 : 0.5).epsilon(2e-5));
  }
}

TEST_CASE("optimizer: forty steps, with every kind of decay, kept or reset between tasks") {
  constexpr std::size_t kCount = 5;
  for (bool adam : {false, true})
    for (double momentum : {0.0, 0.8})
      for (double decay : {0.0, 0.3})
        for (bool decoupled : {false, true})
          for (bool reset : {false, true}) {
            const std::string document =
                std::string("{'learning_rate': 0.05, 'reset_each_task': ") +
                (reset ? "true" : "false") +
                (adam ? momentum > 0 ? ", 'beta1': 0.8, 'beta2': 0.95, 'epsilon': 0.01}" : "}"
                      : momentum > 0 ? ", 'momentum': 0.8}"
                                     : "}");
            INFO(document << " decay " << decay << (decoupled ? " decoupled" : ""));
            Optimizer optimizer = make_optimizer(adam ? "adam" : "sgd", document.c_str(), decay,
                                                 decoupled, kCount);
            const bool tuned = adam && momentum > 0;
            std::vector<Naive> naive(kCount, Naive{adam, 0.05, momentum, tuned ? 0.8 : 0.9,
                                                   tuned ? 0.95 : 0.999, tuned ? 0.01 : 1e-8,
                                                   decay, decoupled});
            Random random(1, "optimizer");
            std::vector<float> theta = uniform_floats(random, kCount);
            std::vector<double> expected(theta.begin(), theta.end());
            for (int step = 0; step < 40; ++step) {
              const auto g = uniform_floats(random, kCount);
              REQUIRE(optimizer.update(g, theta));
              for (std::size_t i = 0; i < kCount; ++i)
                expected[i] = naive[i].step(expected[i], g[i]);
              if (step != 20) continue;
              optimizer.end_task();
              for (Naive& one : naive)
                if (reset) one.reset();
            }
            for (std::size_t i = 0; i < kCount; ++i) CHECK(std::abs(theta[i] - expected[i]) < 3e-6);
          }
}

TEST_CASE("optimizer: one parameter that is no longer finite is found wherever it stands") {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kLargest = std::numeric_limits<float>::max();
  struct Rule {
    const char *kind, *document;
  };
  for (const auto& [kind, document] :
       {Rule{"sgd", "{}"}, Rule{"sgd", "{'momentum': 0.5}"}, Rule{"adam", "{}"}})
    for (std::size_t count = 1; count <= 13; ++count) {
      std::vector<float> theta(count, kLargest);
      for (std::size_t i = 0; i < count; i += 2) theta[i] = -kLargest;
      const std::vector<float> rest(count, 0.0f);
      REQUIRE(make_optimizer(kind, document, 0, false, count).update(rest, theta));
      for (std::size_t i = 0; i < count; ++i)
        for (float bad : {kInfinity, -kInfinity, std::numeric_limits<float>::quiet_NaN()}) {
          std::vector<float> spoilt = theta, gradient = rest;
          spoilt[i] = bad;
          REQUIRE_FALSE(make_optimizer(kind, document, 0, false, count).update(rest, spoilt));
          spoilt[i] = 1;
          gradient[i] = std::numeric_limits<float>::quiet_NaN();
          REQUIRE_FALSE(make_optimizer(kind, document, 0, false, count).update(gradient, spoilt));
        }
    }
}

TEST_CASE("optimizer: defaults are PyTorch's") {
  const auto fallback = [](const char* kind, const char* key) {
    return *find(find_kind(optimizer_entries(), kind)->parameters, key)->fallback.as<double>();
  };
  CHECK(fallback("adam", "learning_rate") == 1e-3);
  CHECK(fallback("adam", "beta1") == 0.9);
  CHECK(fallback("adam", "beta2") == 0.999);
  CHECK(fallback("adam", "epsilon") == 1e-8);
  CHECK(fallback("sgd", "momentum") == 0);
}
