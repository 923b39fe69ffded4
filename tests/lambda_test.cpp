// Every conversion, by computing both sides on a small network: the other code base's penalty from
// its formula, in double precision with differences for derivatives, and ours by the method as
// `here` has it.
#include "lambda.hpp"

#include <cmath>
#include <functional>

#include "support.hpp"

using namespace support;

namespace {

using Vector = std::vector<double>;
constexpr std::size_t kInputs = 2, kHidden = 4, kOutputs = 3, kRows = 6;  // rows of one task

Value ask(const std::string& question) {
  Faults faults;
  const Value answer = convert_lambda(json(question), faults);
  INFO(question);
  REQUIRE(faults == Faults{});
  return answer;
}

Faults faults_of_question(const std::string& question) {
  Faults faults;
  convert_lambda(json(question), faults);
  return faults;
}

double factor(const std::string& question) { return number_at(ask(question), "factor"); }

// Two tasks, where each of them ended, and where the network is now.
struct Lab {
  Network network{{kInputs, kHidden, kOutputs}, Activation::tanh};
  Examples data;
  Loss loss;
  std::vector<std::vector<float>> ends;
  std::vector<float> now;
  Model model{network, data, loss};
  Workspace workspace;
  Random random{7, "lambda"};

  Lab(const Lab&) = delete;  // the model points into it
  explicit Lab(Loss kind) : loss(kind) {
    data.width = kInputs;
    data.inputs = uniform_floats(random, 2 * kRows * kInputs);
    if (kind == Loss::mse) {
      data.target_width = kOutputs;
      data.targets = uniform_floats(random, 2 * kRows * kOutputs);
    } else {
      for (std::size_t i = 0; i < 2 * kRows; ++i) data.labels.push_back(random.below(kOutputs));
    }
    data.finish();
    for (int task = 0; task < 2; ++task)
      ends.push_back(uniform_floats(random, network.parameters()));
    now = uniform_floats(random, network.parameters());
  }

  Range task(std::size_t index) const {
    return {static_cast<std::uint32_t>(index * kRows),
            static_cast<std::uint32_t>((index + 1) * kRows)};
  }

  Vector outputs(const Vector& theta, std::uint32_t row) const {
    Vector values(data.input(row).begin(), data.input(row).end());
    for (std::size_t l = 0; l < network.layers().size(); ++l) {
      const Layer& layer = network.layers()[l];
      Vector next(layer.out);
      for (std::size_t o = 0; o < layer.out; ++o) {
        next[o] = theta[layer.biases + o];
        for (std::size_t i = 0; i < layer.in; ++i)
          next[o] += theta[layer.weights + i * layer.out + o] * values[i];
        if (l + 1 < network.layers().size()) next[o] = std::tanh(next[o]);
      }
      values = next;
    }
    return values;
  }
  Vector outputs(const std::vector<float>& theta, std::uint32_t row) const {
    return outputs(Vector(theta.begin(), theta.end()), row);
  }

  // By output: ∂f_k/∂θ.
  std::vector<Vector> jacobian(const std::vector<float>& at, std::uint32_t row) const {
    constexpr double kStep = 1e-5;
    Vector theta(at.begin(), at.end());
    std::vector<Vector> rows(kOutputs, Vector(theta.size()));
    for (std::size_t i = 0; i < theta.size(); ++i) {
      const double here = theta[i];
      theta[i] = here + kStep;
      const Vector up = outputs(theta, row);
      theta[i] = here - kStep;
      const Vector down = outputs(theta, row);
      theta[i] = here;
      for (std::size_t k = 0; k < kOutputs; ++k) rows[k][i] = (up[k] - down[k]) / (2 * kStep);
    }
    return rows;
  }

  // Σ_k weights_k ∂f_k/∂θ.
  Vector output_gradient(const std::vector<float>& theta, std::uint32_t row,
                         const Vector& weights) const {
    const auto rows = jacobian(theta, row);
    Vector sum(theta.size());
    for (std::size_t k = 0; k < kOutputs; ++k)
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += weights[k] * rows[k][i];
    return sum;
  }

  Vector probabilities(const std::vector<float>& theta, std::uint32_t row,
                       double temperature) const {
    Vector p = outputs(theta, row);
    double sum = 0;
    for (double& x : p) sum += x = std::exp(x / temperature);
    for (double& x : p) x /= sum;
    return p;
  }

  // ∂(−log p_label)/∂θ.
  Vector class_gradient(const std::vector<float>& theta, std::uint32_t row,
                        std::size_t label) const {
    Vector weights = probabilities(theta, row, 1);
    weights[label] -= 1;
    return output_gradient(theta, row, weights);
  }

  // Of PyTorch's CrossEntropyLoss or MSELoss on one example.
  Vector loss_gradient(const std::vector<float>& theta, std::uint32_t row) const {
    if (loss == Loss::cross_entropy) return class_gradient(theta, row, data.labels[row]);
    Vector weights = outputs(theta, row);
    for (std::size_t k = 0; k < kOutputs; ++k)
      weights[k] = 2 * (weights[k] - data.target(row)[k]) / kOutputs;
    return output_gradient(theta, row, weights);
  }

  // As a code base that trains on the labels which the network finds most likely.
  void label_by_prediction() {
    for (std::size_t task = 0; task < 2; ++task)
      for (std::uint32_t row : data.rows(this->task(task))) {
        const Vector f = outputs(ends[task], row);
        data.labels[row] =
            static_cast<std::uint32_t>(std::max_element(f.begin(), f.end()) - f.begin());
      }
  }
};

Vector mean(const std::vector<Vector>& vectors) {
  Vector sum(vectors.front().size());
  for (const Vector& v : vectors)
    for (std::size_t i = 0; i < sum.size(); ++i)
      sum[i] += v[i] / static_cast<double>(vectors.size());
  return sum;
}

Vector map(Vector vector, const std::function<double(double)>& f) {
  for (double& x : vector) x = f(x);
  return vector;
}
Vector squared(const Vector& v) {
  return map(v, [](double x) { return x * x; });
}
Vector absolute(const Vector& v) {
  return map(v, [](double x) { return std::abs(x); });
}
Vector times(const Vector& v, double s) {
  return map(v, [s](double x) { return s * x; });
}
Vector plus(Vector a, const Vector& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
  return a;
}

// A task's importance as a code base computes it, where the task ended.
using Measure = std::function<Vector(const Lab&, std::size_t task)>;

// The mean over a task's examples of something of each.
Measure over_examples(
    std::function<Vector(const Lab&, const std::vector<float>&, std::uint32_t)> each) {
  return [each](const Lab& lab, std::size_t task) {
    std::vector<Vector> all;
    for (std::uint32_t row : lab.data.rows(lab.task(task)))
      all.push_back(each(lab, lab.ends[task], row));
    return mean(all);
  };
}

const Measure kExampleSquares = over_examples([](const Lab& lab, const auto& theta, auto row) {
  return squared(lab.loss_gradient(theta, row));
});
const Measure kSquareOfMean = [](const Lab& lab, std::size_t task) {
  return squared(over_examples([](const Lab& l, const auto& theta, auto row) {
    return l.loss_gradient(theta, row);
  })(lab, task));
};
const Measure kAllLabels = over_examples([](const Lab& lab, const auto& theta, auto row) {
  const Vector p = lab.probabilities(theta, row, 1);
  Vector sum(theta.size());
  for (std::size_t c = 0; c < kOutputs; ++c)
    sum = plus(sum, times(squared(lab.class_gradient(theta, row, c)), p[c]));
  return sum;
});

struct Quadratic {
  double value = 0;
  Vector gradient;

  // weight · Σ importance·(now − centre)².
  void add(const std::vector<float>& now, const std::vector<float>& centre,
           const Vector& importance, double weight) {
    gradient.resize(now.size());
    for (std::size_t i = 0; i < now.size(); ++i) {
      const double distance = static_cast<double>(now[i]) - centre[i];
      value += weight * importance[i] * distance * distance;
      gradient[i] += 2 * weight * importance[i] * distance;
    }
  }
};

std::unique_ptr<Method> method_of(const Value& here) {
  const MethodEntry* entry = find_kind(method_entries(), string_at(here, "kind"));
  REQUIRE(entry);
  Faults faults;
  const Settings settings = read_settings("here", here, entry->parameters, {"kind"}, faults);
  REQUIRE(faults == Faults{});
  return entry->make(settings);
}

Step step(Lab& lab, std::size_t task, const std::vector<float>& theta,
          const std::vector<float>& gradient = {}) {
  const Range range = lab.task(task);
  return {lab.model, range, lab.data.rows(range), theta, gradient, true, lab.workspace, lab.random};
}

void require_equal(const Quadratic& theirs, Lab& lab, Method& method, double tolerance) {
  std::vector<float> gradient(lab.now.size(), 0.0f);
  method.shape_gradient(step(lab, 1, lab.now), gradient);
  const double value = method.penalty(lab.now);
  CHECK(std::abs(value - theirs.value) <= tolerance * theirs.value);
  double largest = 0;
  for (double g : theirs.gradient) largest = std::max(largest, std::abs(g));
  REQUIRE(largest > 0);
  for (std::size_t i = 0; i < gradient.size(); ++i)
    CHECK(std::abs(gradient[i] - theirs.gradient[i]) <= tolerance * largest);
}

// Two tasks, a penalty for each: theirs with λ = 3 and their coefficient, ours as converted.
void require_separate(Lab& lab, const std::string& question, double coefficient,
                      const Measure& measure, std::size_t tasks = 2, double tolerance = 1e-4) {
  INFO(question);
  const Value answer = ask(question);
  CHECK(number_at(answer, "result") == Approx(3 * number_at(answer, "factor")));
  const auto method = method_of(at(answer, "here"));
  Quadratic theirs;
  for (std::size_t task = 0; task < tasks; ++task) {
    theirs.add(lab.now, lab.ends[task], measure(lab, task), 3 * coefficient);
    method->end_task(step(lab, task, lab.ends[task]));
  }
  require_equal(theirs, lab, *method, tolerance);
}

// One penalty at the latest task's end, its importance decay·(the old one) + the new one.
void require_online(Lab& lab, const std::string& question, double coefficient,
                    const Measure& measure, double decay, double tolerance = 1e-4) {
  INFO(question);
  const Value answer = ask(question);
  const auto method = method_of(at(answer, "here"));
  for (std::size_t task = 0; task < 2; ++task) method->end_task(step(lab, task, lab.ends[task]));
  Quadratic theirs;
  theirs.add(lab.now, lab.ends[1], plus(times(measure(lab, 0), decay), measure(lab, 1)),
             3 * coefficient);
  require_equal(theirs, lab, *method, tolerance);
}

}  // namespace

TEST_CASE("lambda: the paper's EWC") {
  Lab lab(Loss::cross_entropy);
  require_separate(lab, "{'from': 'paper', 'value': 3}", 0.5, kAllLabels);
  CHECK(factor("{'from': 'paper', 'value': 3}") == 1);
}

TEST_CASE(
    "lambda: the paper's EWC on regression, whose −log p is K/2 times the mean squared error") {
  Lab lab(Loss::mse);
  const Measure fisher = over_examples([](const Lab& l, const auto& theta, auto row) {
    Vector sum(theta.size());
    for (const Vector& derivative : l.jacobian(theta, row)) sum = plus(sum, squared(derivative));
    return sum;
  });
  // ½‖f − y‖² + (λ/2)·Σ F (θ − θ*)², times 2/K.
  require_separate(lab, "{'from': 'paper', 'loss': 'mse', 'outputs': 3, 'value': 3}",
                   0.5 * 2 / kOutputs, fisher);
}

TEST_CASE("lambda: GEM's authors' EWC squares the memory's mean gradient, and has no ½") {
  Lab lab(Loss::cross_entropy);
  require_separate(lab, "{'from': 'gem', 'value': 3}", 1, kSquareOfMean);
  require_separate(lab,
                   "{'from': 'facebookresearch/GradientEpisodicMemory', 'examples': 6, 'value': 3}",
                   1, kSquareOfMean);
  CHECK(factor("{'from': 'gem', 'value': 3}") == 2);
  CHECK(factor("{'to': 'gem', 'value': 3}") == 0.5);
}

TEST_CASE("lambda: Avalanche's EWC by the size of its batches") {
  Lab classes(Loss::cross_entropy), values(Loss::mse);
  require_separate(classes, "{'from': 'avalanche', 'batch_size': 1, 'value': 3}", 1,
                   kExampleSquares);
  require_separate(classes, "{'from': 'avalanche', 'batch_size': 6, 'examples': 6, 'value': 3}", 1,
                   kSquareOfMean);
  require_separate(
      values, "{'from': 'avalanche', 'batch_size': 1, 'loss': 'mse', 'outputs': 3, 'value': 3}", 1,
      kExampleSquares);
  require_separate(
      values,
      "{'from': 'avalanche', 'batch_size': 8, 'examples': 6, 'loss': 'mse', 'outputs': 3,"
      " 'value': 3}",
      1, kSquareOfMean);
  require_online(classes,
                 "{'from': 'avalanche', 'batch_size': 1, 'consolidation': 'online', 'gamma': 0.25,"
                 " 'value': 3}",
                 1, kExampleSquares, 0.25);
}

TEST_CASE("lambda: batches in between, in expectation where the mean gradient is zero") {
  // Every input twice, with targets on both sides of the output: each pair's gradients cancel.
  Lab lab(Loss::mse);
  for (std::uint32_t row = 0; row < kRows; ++row) {
    for (std::size_t i = 0; i < kInputs; ++i)
      lab.data.inputs[row * kInputs + i] = lab.data.inputs[(row & ~1u) * kInputs + i];
    const Vector f = lab.outputs(lab.ends[0], row);
    for (std::size_t k = 0; k < kOutputs; ++k)
      lab.data.targets[row * kOutputs + k] = static_cast<float>(
          f[k] + (row % 2 ? 1 : -1) * 0.3 * static_cast<double>(k + row / 2 + 1));
  }
  lab.data.finish();
  // The mean over all pairs of examples, which is the expectation over random batches of 2.
  const Measure pairs = [](const Lab& l, std::size_t) {
    std::vector<Vector> all;
    for (std::uint32_t a = 0; a < kRows; ++a)
      for (std::uint32_t b = 0; b < a; ++b)
        all.push_back(
            squared(mean({l.loss_gradient(l.ends[0], a), l.loss_gradient(l.ends[0], b)})));
    return mean(all);
  };
  const std::string question =
      "{'from': 'avalanche', 'batch_size': 2, 'examples': 6, 'loss': 'mse', 'outputs': 3, 'value': "
      "3}";
  require_separate(lab, question, 1, pairs, 1);
  CHECK_FALSE(*at(ask(question), "exact").as<bool>());
  CHECK(factor("{'from': 'avalanche', 'batch_size': 50, 'value': 3}") == Approx(2.0 / 50));
}

TEST_CASE("lambda: van de Ven's EWC, divided by one less than its passes") {
  Lab lab(Loss::cross_entropy);
  const Measure all = [](const Lab& l, std::size_t task) {
    return times(kAllLabels(l, task), 6.0 / 5);
  };
  const Measure data = [](const Lab& l, std::size_t task) {
    return times(kExampleSquares(l, task), 6.0 / 5);
  };
  require_separate(lab, "{'from': 'van-de-ven', 'examples': 6, 'value': 3}", 0.5, all);
  require_separate(lab, "{'from': 'van-de-ven', 'labels': 'true', 'examples': 6, 'value': 3}", 0.5,
                   data);
  // Online, the sum (old ones times γ) is multiplied by γ again in the penalty.
  require_online(lab,
                 "{'from': 'van-de-ven', 'examples': 6, 'consolidation': 'online', 'gamma': 0.5,"
                 " 'value': 3}",
                 0.5 * 0.5, all, 0.5);
  CHECK(factor("{'from': 'van-de-ven', 'value': 3}") == 1);
  CHECK(string_at(ask("{'from': 'van-de-ven', 'labels': 'sample', 'value': 3}"), "here.fisher") ==
        "sampled");
  CHECK(at(ask("{'from': 'van-de-ven', 'examples': 1, 'value': 3}"), "factor").is_null());
}

TEST_CASE("lambda: Mammoth's EWC weighs the examples by their probability") {
  Lab lab(Loss::cross_entropy);
  lab.label_by_prediction();
  double least = 1;
  const auto weighted = [&](double divisor) {
    return Measure([&least, divisor](const Lab& l, std::size_t task) {
      Vector sum(l.ends[task].size());
      for (std::uint32_t row : l.data.rows(l.task(task))) {
        const double p = l.probabilities(l.ends[task], row, 1)[l.data.labels[row]];
        least = std::min(least, p);
        sum = plus(sum, times(squared(l.class_gradient(l.ends[task], row, l.data.labels[row])),
                              p / divisor));
      }
      return sum;
    });
  };
  for (least = 0; least < 0.95;) {  // until it is sure of itself, as after training
    for (auto& theta : lab.ends)
      for (std::size_t i = lab.network.layers().back().weights; i < theta.size(); ++i)
        theta[i] *= 1.5f;
    least = 1;
    weighted(6)(lab, 0);
    weighted(6)(lab, 1);
  }
  const double tolerance = 1 / least - 1 + 1e-3;  // ours is theirs over p
  require_online(lab, "{'from': 'mammoth', 'gamma': 0.75, 'value': 3}", 1, weighted(6), 0.75,
                 tolerance);
  require_online(lab, "{'from': 'mammoth', 'batch_size': 4, 'examples': 6, 'value': 3}", 1,
                 weighted(8), 1, tolerance);
}

TEST_CASE("lambda: GT-RIPL's EWC multiplies by the batch, at the likeliest labels") {
  Lab lab(Loss::cross_entropy);
  lab.label_by_prediction();
  const Measure batch = [](const Lab& l, std::size_t task) {
    return times(kSquareOfMean(l, task), 6);
  };
  require_separate(lab, "{'from': 'gt-ripl', 'batch_size': 1, 'value': 3}", 1, kExampleSquares);
  require_separate(lab, "{'from': 'gt-ripl', 'batch_size': 100, 'examples': 6, 'value': 3}", 1,
                   batch);
  require_online(lab, "{'from': 'gt-ripl', 'batch_size': 1, 'consolidation': 'online', 'value': 3}",
                 1, kExampleSquares, 1);
  CHECK(factor("{'from': 'gt-ripl', 'batch_size': 100, 'value': 3}") == Approx(2));
}

TEST_CASE("lambda: GT-RIPL's L2 has no ½, and one anchor") {
  Lab lab(Loss::cross_entropy);
  const auto method = method_of(at(ask("{'from': 'gt-ripl', 'method': 'l2', 'value': 3}"), "here"));
  for (std::size_t task = 0; task < 2; ++task) method->end_task(step(lab, task, lab.ends[task]));
  Quadratic theirs;
  theirs.add(lab.now, lab.ends[1], Vector(lab.now.size(), 1.0), 3);
  require_equal(theirs, lab, *method, 1e-4);
}

TEST_CASE("lambda: SI of every code base, on a path of gradient descent") {
  const auto check = [](const std::string& repository, double coefficient, double damping,
                        const std::string& extra = "") {
    INFO(repository);
    Lab lab(Loss::cross_entropy);
    const Value answer =
        ask("{'from': '" + repository + "', 'method': 'si', 'value': 3" + extra + "}");
    const auto method = method_of(at(answer, "here"));
    std::vector<float> theta = lab.ends[0], gradient(theta.size());
    Vector share(theta.size());
    for (int t = 0; t < 5; ++t) {
      loss_gradient(lab.model, theta, lab.data.rows(lab.task(0)), 1, false, gradient,
                    lab.workspace);
      std::vector<float> shaped = gradient;
      method->shape_gradient(step(lab, 0, theta, gradient), shaped);
      for (std::size_t i = 0; i < theta.size(); ++i) {
        const float before = theta[i];
        theta[i] -= 0.5f * gradient[i];
        share[i] -= static_cast<double>(gradient[i]) * (static_cast<double>(theta[i]) - before);
      }
      method->after_update(step(lab, 0, theta, gradient));
    }
    method->end_task(step(lab, 0, theta));
    Vector importance(theta.size());
    for (std::size_t i = 0; i < theta.size(); ++i)
      importance[i] =
          share[i] / (std::pow(static_cast<double>(theta[i]) - lab.ends[0][i], 2) + damping);
    Quadratic theirs;
    theirs.add(lab.now, theta, importance, 3 * coefficient);
    require_equal(theirs, lab, *method, 1e-3);
  };
  check("paper", 1, 0.1);
  check("van-de-ven", 1, 0.1);
  check("gt-ripl", 1, 0.1);
  check("mammoth", 1, 0.7, ", 'xi': 0.7");
  check("avalanche", 0.5, 1e3, ", 'xi': 1000");  // small enough an Ω for its ceiling not to matter
}

TEST_CASE("lambda: the paper's SI, and where a share of the loss's fall is negative") {
  // One step up the gradient: every ω = −g·δθ is negative. The paper's Ω is negative there, ours 0.
  Lab lab(Loss::cross_entropy);
  const Value answer = ask("{'from': 'paper', 'method': 'si', 'value': 3}");
  CHECK_FALSE(*at(answer, "exact").as<bool>());
  CHECK(at(answer, "reason").as<std::string>()->find("negative") != std::string::npos);
  const auto method = method_of(at(answer, "here"));
  std::vector<float> theta = lab.ends[0], gradient(theta.size());
  loss_gradient(lab.model, theta, lab.data.rows(lab.task(0)), 1, false, gradient, lab.workspace);
  std::vector<float> shaped = gradient;
  method->shape_gradient(step(lab, 0, theta, gradient), shaped);
  for (std::size_t i = 0; i < theta.size(); ++i) theta[i] += 0.5f * gradient[i];
  method->after_update(step(lab, 0, theta, gradient));
  method->end_task(step(lab, 0, theta));
  for (float importance : method->importance()) CHECK(importance == 0);
}

TEST_CASE("lambda: MAS of every code base, example by example") {
  Lab lab(Loss::cross_entropy);
  const Measure sensitivity = over_examples([](const Lab& l, const auto& theta, auto row) {
    return absolute(l.output_gradient(theta, row, times(l.outputs(theta, row), 2)));
  });
  const Measure averaged = [&](const Lab& l, std::size_t task) {
    return times(sensitivity(l, task), 1.0 / kOutputs);
  };
  require_online(lab, "{'from': 'paper', 'method': 'mas', 'value': 3}", 1, sensitivity, 1);
  require_separate(lab, "{'from': 'avalanche', 'method': 'mas', 'batch_size': 1, 'value': 3}", 1,
                   sensitivity, 1);
  require_online(lab,
                 "{'from': 'gt-ripl', 'method': 'mas', 'batch_size': 1, 'outputs': 3, 'value': 3}",
                 1, averaged, 1);
  const Value none = ask("{'from': 'avalanche', 'method': 'mas', 'batch_size': 32, 'value': 3}");
  CHECK(at(none, "factor").is_null());
  CHECK(at(none, "here.lambda").is_null());
}

TEST_CASE("lambda: LwF without the T² before the distance") {
  for (const char* repository : {"paper", "avalanche", "mammoth"}) {
    INFO(repository);
    constexpr double kTemperature = 3;
    Lab lab(Loss::cross_entropy);
    const Value answer = ask(std::string("{'from': '") + repository +
                             "', 'method': 'lwf', 'temperature': 3, 'value': 3}");
    const auto method = method_of(at(answer, "here"));
    method->end_task(step(lab, 0, lab.ends[0]));
    std::vector<float> gradient(lab.now.size(), 0.0f);
    method->shape_gradient(step(lab, 1, lab.now), gradient);
    Vector theirs(lab.now.size());
    for (std::uint32_t row : lab.data.rows(lab.task(1))) {
      const Vector q = lab.probabilities(lab.ends[0], row, kTemperature);
      Vector weights = lab.probabilities(lab.now, row, kTemperature);
      for (std::size_t k = 0; k < kOutputs; ++k)
        weights[k] = 3 * (weights[k] - q[k]) / kTemperature / kRows;
      theirs = plus(theirs, lab.output_gradient(lab.now, row, weights));
    }
    for (std::size_t i = 0; i < theirs.size(); ++i) CHECK(std::abs(gradient[i] - theirs[i]) < 1e-4);
  }
}

TEST_CASE("lambda: between two other code bases, and back") {
  CHECK(factor("{'from': 'avalanche', 'to': 'gt-ripl', 'batch_size': 1, 'value': 3}") == 1);
  CHECK(factor("{'from': 'paper', 'to': 'van-de-ven', 'value': 3}") == 1);
  CHECK(at(ask("{'from': 'gem', 'to': 'paper', 'value': 3}"), "factor").is_null());
  CHECK(number_at(ask("{'from': 'gem', 'to': 'paper', 'value': 3}"), "here.lambda") == 6);
  CHECK(number_at(ask("{'value': 3}"), "result") == 3);
  CHECK_FALSE(
      *at(ask("{'from': 'avalanche', 'to': 'mammoth', 'batch_size': 1, 'value': 3}"), "exact")
           .as<bool>());
  const double there = number_at(ask("{'to': 'avalanche', 'method': 'si', 'value': 3}"), "result");
  CHECK(there == 6);
}

TEST_CASE("lambda: faults") {
  const auto only = [](const std::string& question, const std::string& fault) {
    INFO(question);
    const Faults faults = faults_of_question(question);
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].substr(0, fault.size()) == fault);
  };
  only("3", "the document: must be an object, not 3");
  only("{'from': 'gem'}", "value: must be given");
  only("{'from': 'gem', 'value': -1}", "value: must be a number from 0 to 1e+12, not -1");
  only("{'from': 'gem', 'value': 1, 'lambda': 2}", "lambda: unknown key");
  only("{'from': 'who', 'value': 1}", "from: must be one of palimpsest, paper, gem, ");
  only("{'from': 'gem', 'method': 'mas', 'value': 1}",
       "method: must be one of ewc for gem, not \"mas\"");
  only("{'from': 'avalanche', 'value': 1}", "batch_size: must be given");
  only("{'from': 'paper', 'loss': 'mse', 'value': 1}", "outputs: must be given");
  only("{'from': 'gem', 'loss': 'mse', 'value': 1}",
       "loss: must be cross_entropy for gem, not \"mse\"");
  only("{'from': 'gem', 'consolidation': 'online', 'value': 1}",
       "consolidation: must be separate for gem, not \"online\"");
  only("{'from': 'paper', 'method': 'si', 'consolidation': 'online', 'value': 1}",
       "consolidation: is no choice for si");
  only("{'from': 'gt-ripl', 'gamma': 0.5, 'batch_size': 1, 'value': 1}",
       "gamma: must be 1 for gt-ripl");
  only("{'from': 'van-de-ven', 'batch_size': 8, 'value': 1}",
       "batch_size: must be 1 for van-de-ven");
}
