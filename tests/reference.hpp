// A network in double, written as the experiment document defines it and as slowly as that reads;
// its derivatives are finite differences. It shares no code with the engine.
#pragma once

#include <cmath>
#include <vector>

#include "support.hpp"
#include "tasks.hpp"

namespace reference {

using Vector = std::vector<double>;

inline double activate(palimpsest::Activation activation, double z) {
  switch (activation) {
    case palimpsest::Activation::tanh:
      return std::tanh(z);
    case palimpsest::Activation::relu:
      return z > 0 ? z : 0;
    case palimpsest::Activation::sigmoid:
      return 1 / (1 + std::exp(-z));
    case palimpsest::Activation::softplus:
      return std::log(1 + std::exp(z));
    case palimpsest::Activation::identity:
      break;
  }
  return z;
}

struct Network {
  std::vector<std::size_t> widths;
  palimpsest::Activation activation;

  // θ in the document's order: layer by layer, out × in row by row, then the biases.
  Vector operator()(const Vector& theta, Vector x) const {
    std::size_t weights = 0;
    for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
      const std::size_t in = widths[l], out = widths[l + 1], biases = weights + in * out;
      Vector z(out);
      for (std::size_t o = 0; o < out; ++o) {
        z[o] = theta[biases + o];
        for (std::size_t i = 0; i < in; ++i) z[o] += theta[weights + o * in + i] * x[i];
        if (l + 2 < widths.size()) z[o] = activate(activation, z[o]);
      }
      x = z;
      weights = biases + out;
    }
    return x;
  }
};

struct Data {
  std::vector<Vector> inputs, targets;
  std::vector<std::size_t> labels;  // empty for mse
};

inline Vector log_softmax(const Vector& logits) {
  double sum = 0;
  for (double z : logits) sum += std::exp(z);
  Vector result;
  for (double z : logits) result.push_back(z - std::log(sum));
  return result;
}

// The mean over examples (and outputs) of (f − y)², or of −log softmax(f)[label].
inline double loss(const Network& network, const Data& data, const Vector& theta) {
  double sum = 0;
  for (std::size_t r = 0; r < data.inputs.size(); ++r) {
    const Vector f = network(theta, data.inputs[r]);
    if (!data.labels.empty())
      sum -= log_softmax(f)[data.labels[r]];
    else
      for (std::size_t k = 0; k < f.size(); ++k)
        sum += std::pow(f[k] - data.targets[r][k], 2) / static_cast<double>(f.size());
  }
  return sum / static_cast<double>(data.inputs.size());
}

// Central differences of a function of θ.
template <class Function>
Vector gradient(Function function, Vector theta) {
  constexpr double h = 1e-5;
  Vector result;
  for (double& t : theta) {
    const double kept = t;
    t = kept + h;
    const double above = function(theta);
    t = kept - h;
    const double below = function(theta);
    t = kept;
    result.push_back((above - below) / (2 * h));
  }
  return result;
}

// The diagonal Fisher information by its definition: of every example and every outcome of the
// model's own prediction (exact), or of the data's answer (empirical), the derivative of log p,
// squared, weighted by the outcome's probability; the mean over the examples.
inline Vector fisher(const Network& network, const Data& data, const Vector& theta, bool exact) {
  Vector sum(theta.size(), 0.0);
  const auto add = [&](double weight, auto function) {
    const Vector g = gradient(function, theta);
    for (std::size_t i = 0; i < g.size(); ++i)
      sum[i] += weight * g[i] * g[i] / static_cast<double>(data.inputs.size());
  };
  for (std::size_t r = 0; r < data.inputs.size(); ++r) {
    const Vector& x = data.inputs[r];
    const Vector f = network(theta, x);
    if (data.labels.empty() && exact) {
      // E_y[(∂ log p)²] with ∂ log p = Σ_k (y_k − f_k) ∂f_k and y − f standard normal: Σ_k (∂f_k)².
      for (std::size_t k = 0; k < f.size(); ++k)
        add(1, [&](const Vector& t) { return network(t, x)[k]; });
    } else if (data.labels.empty()) {
      add(1, [&](const Vector& t) {
        const Vector output = network(t, x);
        double half_square = 0;
        for (std::size_t k = 0; k < output.size(); ++k)
          half_square += std::pow(output[k] - data.targets[r][k], 2) / 2;
        return half_square;
      });
    } else {
      for (std::size_t c = 0; c < f.size(); ++c)
        if (exact || c == data.labels[r])
          add(exact ? std::exp(log_softmax(f)[c]) : 1,
              [&](const Vector& t) { return log_softmax(network(t, x))[c]; });
    }
  }
  return sum;
}

// The same problem for the engine and for the reference.
struct Problem {
  palimpsest::Loss loss;
  palimpsest::Network network;
  palimpsest::Examples table;
  std::vector<float> theta;  // in the engine's order
  Network naive;
  Data data;
  Vector naive_theta;  // in the document's order

  palimpsest::Model model() const { return {network, table, loss}; }
  palimpsest::Range all() const { return {0, table.count()}; }

  void set_theta(std::vector<float> document) {
    naive_theta.assign(document.begin(), document.end());
    theta = network.from_document_order(document);
  }
};

inline Problem make_problem(const std::vector<std::size_t>& widths,
                            palimpsest::Activation activation, palimpsest::Loss loss,
                            std::size_t rows, std::uint64_t seed) {
  using namespace palimpsest;
  Problem problem{loss, palimpsest::Network(widths, activation), {}, {}, {widths, activation}, {},
                  {}};
  Random random(seed, "problem");
  const auto row = [&](std::size_t width) {
    const auto floats = support::uniform_floats(random, width);
    return Vector(floats.begin(), floats.end());
  };
  for (std::size_t r = 0; r < rows; ++r) {
    problem.data.inputs.push_back(row(widths.front()));
    if (loss == Loss::mse) {
      problem.data.targets.push_back(row(widths.back()));
      add_example(problem.table, problem.data.inputs.back(),
                  std::span<const double>(problem.data.targets.back()));
    } else {
      problem.data.labels.push_back(random.below(static_cast<std::uint32_t>(widths.back())));
      add_example(problem.table, problem.data.inputs.back(),
                  static_cast<std::uint32_t>(problem.data.labels.back()));
    }
  }
  problem.table.finish();
  problem.set_theta(support::uniform_floats(random, problem.network.parameters()));
  return problem;
}

// The largest difference, in units of the largest of the expected numbers (of 1/1000, where all are
// smaller: the softmax of one class has no gradient at all).
inline double relative_error(std::span<const float> found, const Vector& expected) {
  REQUIRE(found.size() == expected.size());
  double worst = 0, largest = 1e-3;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    worst = std::max(worst, std::abs(found[i] - expected[i]));
    largest = std::max(largest, std::abs(expected[i]));
  }
  return worst / largest;
}

}  // namespace reference
