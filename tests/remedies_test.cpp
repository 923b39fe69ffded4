// What sets each remedy apart, by its own mathematics (the fixtures check their trainings whole).
#include <Eigen/Dense>
#include <cmath>

#include "fisher.hpp"
#include "kernels.hpp"
#include "support.hpp"

using namespace support;

namespace {

// A linear network (no hidden layer) with random parameters, on random data.
struct Linear {
  explicit Linear(Loss loss) : network({3, 4}, Activation::tanh) {
    tasks.loss = loss;
    for (int i = 0; i < 12; ++i) {
      Numbers x, y;
      for (int k = 0; k < 3; ++k) x.push_back(random.uniform(-1, 1));
      for (int k = 0; k < 4; ++k) y.push_back(random.uniform(-1, 1));
      if (loss == Loss::mse)
        add_example(tasks.train, x, std::span<const double>(y));
      else
        add_example(tasks.train, x, random.below(4));
    }
    tasks.train.finish();
    parameters = uniform_floats(random, network.parameters());
    direction = uniform_floats(random, network.parameters());
  }
  Model model() const { return {network, tasks.train, tasks.loss}; }
  std::span<const std::uint32_t> rows() const { return tasks.train.all_rows; }

  // The loss's value at θ + h·direction.
  double loss(double h) {
    std::vector<float> moved = parameters;
    for (std::size_t i = 0; i < moved.size(); ++i)
      moved[i] = static_cast<float>(parameters[i] + h * direction[i]);
    return evaluate(model(), moved, {0, tasks.train.count()}, workspace).loss;
  }

  Random random{3, "remedies"};
  TaskSequence tasks;
  Network network;
  std::vector<float> parameters, direction;
  Workspace workspace;
};

double quadratic_form(Linear& linear, FisherKind kind, std::span<const float> direction) {
  FisherFactor factor(linear.model(), linear.parameters, linear.rows(), kind, linear.random,
                      linear.workspace);
  std::vector<float> product(direction.size());
  const double value = factor.add_product(direction, 1, product);
  REQUIRE(kernels::dot(direction, product) == Approx(value).epsilon(1e-4));
  return value;
}

// The outcome of a document's only learner, with this method.
Value trained(const Value& document, const char* method) {
  return run(with(document, "methods", Array{json(method)}));
}

double distance(const Value& a, const Value& b) {
  const Numbers x = numbers_at(a, learner(0) + ".parameters");
  const Numbers y = numbers_at(b, learner(0) + ".parameters");
  REQUIRE(x.size() == y.size());
  double largest = 0;
  for (std::size_t i = 0; i < x.size(); ++i) largest = std::max(largest, std::abs(x[i] - y[i]));
  return largest;
}

double last_loss(const Value& result, int task) {
  return numbers_at(result, learner(0) + ".curves.loss[" + std::to_string(task) + "]").back();
}

}  // namespace

TEST_CASE("on a linear network the full Fisher form is the change of the outputs, squared") {
  // f is linear in θ, so f(θ + d) − f(θ) = J d and dᵀFd = mean ‖J d‖².
  Linear linear(Loss::mse);
  std::vector<float> moved = linear.parameters;
  for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += linear.direction[i];
  Workspace other;
  const auto before = linear.network.forward(linear.parameters, linear.tasks.train, linear.rows(),
                                             linear.workspace);
  const auto after = linear.network.forward(moved, linear.tasks.train, linear.rows(), other);
  double change = 0;
  for (std::size_t i = 0; i < before.size(); ++i)
    change += std::pow(static_cast<double>(after[i]) - before[i], 2) / linear.tasks.train.count();
  CHECK(quadratic_form(linear, FisherKind::exact, linear.direction) ==
        Approx(change).epsilon(1e-4));
}

TEST_CASE("on a linear softmax network the full Fisher form is the loss's second difference") {
  // There the Hessian of the cross-entropy does not depend on the labels: it is F.
  Linear linear(Loss::cross_entropy);
  const double h = 0.05;
  const double second = (linear.loss(h) - 2 * linear.loss(0) + linear.loss(-h)) / (h * h);
  CHECK(quadratic_form(linear, FisherKind::exact, linear.direction) ==
        Approx(second).epsilon(1e-2));
}

TEST_CASE("a product with the Fisher factor is one with the matrix that Eigen forms") {
  // F = mean JᵀHJ on a network with a hidden layer; J output by output, one example at a time.
  for (Loss loss : {Loss::mse, Loss::cross_entropy}) {
    Linear data(loss);
    const Network network({3, 5, 4}, Activation::tanh);
    const std::vector<float> theta = uniform_floats(data.random, network.parameters());
    const std::vector<float> direction = uniform_floats(data.random, network.parameters());
    const auto size = static_cast<Eigen::Index>(theta.size());
    Eigen::MatrixXd fisher = Eigen::MatrixXd::Zero(size, size);
    for (std::uint32_t row : data.rows()) {
      const auto outputs = network.forward(theta, data.tasks.train, {&row, 1}, data.workspace);
      Eigen::VectorXd p(4);
      for (Eigen::Index k = 0; k < 4; ++k)
        p[k] = std::exp(static_cast<double>(outputs[static_cast<std::size_t>(k)]));
      p /= p.sum();
      const Eigen::MatrixXd hessian = loss == Loss::mse
                                          ? Eigen::MatrixXd(Eigen::MatrixXd::Identity(4, 4))
                                          : Eigen::MatrixXd(p.asDiagonal()) - p * p.transpose();
      Eigen::MatrixXd jacobian(4, size);
      for (Eigen::Index k = 0; k < 4; ++k) {
        for (std::size_t o = 0; o < 4; ++o)
          data.workspace.deltas.back()[o] = static_cast<Eigen::Index>(o) == k ? 1 : 0;
        network.backward(theta, 1, data.workspace);
        std::vector<float> gradient(theta.size());
        network.gradient(data.workspace, 1, false, gradient);
        jacobian.row(k) = Eigen::Map<Eigen::RowVectorXf>(gradient.data(), size).cast<double>();
      }
      fisher += jacobian.transpose() * hessian * jacobian / data.tasks.train.count();
    }
    const Model model{network, data.tasks.train, loss};
    FisherFactor factor(model, theta, data.rows(), FisherKind::exact, data.random, data.workspace);
    std::vector<float> product(theta.size());
    factor.add_product(direction, 1, product);
    const Eigen::VectorXd expected =
        fisher * Eigen::Map<const Eigen::VectorXf>(direction.data(), size).cast<double>();
    const Eigen::VectorXd found =
        Eigen::Map<const Eigen::VectorXf>(product.data(), size).cast<double>();
    CHECK((found - expected).norm() < 1e-4 * expected.norm());
  }
}

TEST_CASE("the full Fisher matrix has the diagonal Fisher information on its diagonal") {
  for (Loss loss : {Loss::mse, Loss::cross_entropy})
    for (FisherKind kind : {FisherKind::exact, FisherKind::empirical, FisherKind::batch}) {
      Linear linear(loss);
      const auto diagonal = diagonal_fisher(linear.model(), linear.parameters, linear.rows(), kind,
                                            linear.random, linear.workspace);
      for (std::size_t i = 0; i < diagonal.size(); ++i) {
        std::vector<float> unit(diagonal.size());
        unit[i] = 1;
        CHECK(quadratic_form(linear, kind, unit) == Approx(diagonal[i]).epsilon(1e-3).margin(1e-6));
      }
    }
}

TEST_CASE("the sampled Fisher information tends to the exact one") {
  for (Loss loss : {Loss::mse, Loss::cross_entropy}) {
    Linear linear(loss);
    const auto exact = diagonal_fisher(linear.model(), linear.parameters, linear.rows(),
                                       FisherKind::exact, linear.random, linear.workspace);
    std::vector<double> mean(exact.size());
    constexpr int kDraws = 2000;
    for (int draw = 0; draw < kDraws; ++draw) {
      const auto sampled = diagonal_fisher(linear.model(), linear.parameters, linear.rows(),
                                           FisherKind::sampled, linear.random, linear.workspace);
      for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += sampled[i] / kDraws;
    }
    for (std::size_t i = 0; i < mean.size(); ++i)
      CHECK(mean[i] == Approx(exact[i]).epsilon(0.1).margin(0.002));
  }
}

TEST_CASE("on a linear network with mse the Kronecker factors are the whole Fisher matrix") {
  // Every delta is a unit vector whatever the input, so that E[xxᵀ ⊗ ddᵀ] = E[xxᵀ] ⊗ E[ddᵀ].
  Linear linear(Loss::mse);
  KroneckerFisher factors(linear.model(), linear.parameters, linear.rows(), FisherKind::exact,
                          linear.random, linear.workspace);
  KroneckerFisher::Scratch scratch;
  std::vector<float> product(linear.direction.size()), full(linear.direction.size());
  const double value = factors.add_product(linear.direction, 1, product, scratch);
  FisherFactor factor(linear.model(), linear.parameters, linear.rows(), FisherKind::exact,
                      linear.random, linear.workspace);
  CHECK(value == Approx(factor.add_product(linear.direction, 1, full)).epsilon(1e-4));
  for (std::size_t i = 0; i < full.size(); ++i)
    CHECK(product[i] == Approx(full[i]).epsilon(1e-3).margin(1e-5));
}

TEST_CASE("SI's shares add up to the fall of the loss along the path") {
  // Plain gradient descent in small steps: ω_i = Σ lr·g_i² ≥ 0, so that nothing is clipped, and
  // ω_i = Ω_i (Δ_i² + ξ), of which Σ is L(start) − L(end) as the steps grow small.
  Value document = with(small_regression(), "tasks.tasks", 1);
  document = with(document, "training",
                  "{'steps_per_task': 400, 'batch_size': 0, 'optimizer': {'kind': 'sgd',"
                  " 'learning_rate': 0.002}}");
  document = with(document, "record.importance", true);
  const auto experiment = open(with(document, "methods", "[{'kind': 'si', 'xi': 1000}]"));
  const Numbers start = numbers_at(experiment->result(), learner(0) + ".parameters");
  while (experiment->step(100) > 0) {
  }
  const Value result = experiment->result();
  const Numbers end = numbers_at(result, learner(0) + ".parameters");
  const Numbers importance = numbers_at(result, learner(0) + ".importance[0]");
  double shares = 0;
  for (std::size_t i = 0; i < end.size(); ++i)
    shares += importance[i] * (std::pow(end[i] - start[i], 2) + 1000);
  const Numbers loss = numbers_at(result, learner(0) + ".curves.train_loss[0]");
  CHECK(shares == Approx(loss.front() - loss.back()).epsilon(0.02));
}

TEST_CASE("A-GEM with one past task is GEM") {
  Value document = with(small_regression(), "tasks.tasks", 2);
  document = with(document, "training.steps_per_task", 60);
  const Value gem = trained(document, "{'kind': 'gem', 'memory_per_task': 11}");
  const Value agem = trained(document, "{'kind': 'agem', 'memory_per_task': 11}");
  const Value finetune = trained(document, "{'kind': 'finetune'}");
  CHECK(distance(gem, agem) < 1e-4);
  CHECK(distance(gem, finetune) > 1e-2);  // it did act
}

TEST_CASE("a strength of zero is fine-tuning") {
  for (const Value& document : {small_regression(), small_classification()})
    for (const char* method :
         {"{'kind': 'ewc', 'structure': 'full', 'lambda': 0}", "{'kind': 'kfac', 'lambda': 0}",
          "{'kind': 'si', 'c': 0}", "{'kind': 'mas', 'lambda': 0}", "{'kind': 'lwf', 'lambda': 0}",
          "{'kind': 'derpp', 'alpha': 0, 'beta': 0}"}) {
      INFO(method);
      CHECK(distance(trained(document, method), trained(document, "{'kind': 'finetune'}")) == 0);
    }
}

TEST_CASE("DER++ without old outputs is naive rehearsal") {
  for (const Value& document : {small_regression(), small_classification()})
    CHECK(distance(trained(document, "{'kind': 'derpp', 'alpha': 0, 'beta': 0.7}"),
                   trained(document, "{'kind': 'replay', 'weight': 0.7}")) < 1e-5);
}

TEST_CASE("LwF holds the old outputs on the new inputs as its weight grows") {
  // After A, the loss on B is that of the old network; held there, B is not learned.
  Value document = with(small_regression(), "tasks.tasks", 2);
  document = with(document, "training.steps_per_task", 200);
  const Value result = trained(document, "{'kind': 'finetune'}");
  const double held = numbers_at(result, learner(0) + ".matrix.loss.after[0]")[1];
  double distance_before = std::abs(last_loss(result, 1) - held);
  for (const char* method : {"{'kind': 'lwf', 'lambda': 1}", "{'kind': 'lwf', 'lambda': 10}",
                             "{'kind': 'lwf', 'lambda': 1000}"}) {
    const double distance_now = std::abs(last_loss(trained(document, method), 1) - held);
    INFO(method);
    CHECK(distance_now < distance_before);
    distance_before = distance_now;
  }
  CHECK(distance_before < 0.05 * held);
}

TEST_CASE("orthogonal gradients leave the old outputs alone, to first order") {
  // With every example kept and small plain steps, task A's loss hardly moves while B's falls.
  Value document = with(small_regression(), "tasks.tasks", 2);
  document = with(document, "training",
                  "{'steps_per_task': 100, 'batch_size': 0, 'optimizer': {'kind': 'sgd',"
                  " 'learning_rate': 0.01}}");
  const auto moved = [&](const char* method) {
    const Value result = trained(document, method);
    const Numbers first = numbers_at(result, learner(0) + ".matrix.loss.after[0]");
    const Numbers last = numbers_at(result, learner(0) + ".matrix.loss.after[1]");
    CHECK(last[1] < first[1]);
    return std::abs(last[0] - first[0]);
  };
  CHECK(moved("{'kind': 'ogd', 'memory_per_task': 11}") < 0.02 * moved("{'kind': 'finetune'}"));
}

TEST_CASE("a method that does nothing shows it, and one that acts too") {
  Value document = with(small_regression(), "tasks.tasks", 2);
  document = with(document, "training.steps_per_task", 60);
  const auto diagnostics = [&](const char* method, const char* key) {
    const Value result = trained(document, method);
    const Numbers values = numbers_at(result, learner(0) + ".diagnostics." + std::string(key));
    REQUIRE(values.size() == numbers_at(result, learner(0) + ".curves.step").size());
    REQUIRE(std::isnan(values.front()));
    return Numbers(values.begin() + 1, values.end());
  };
  for (double penalty : diagnostics("{'kind': 'finetune'}", "penalty")) CHECK(penalty == 0);
  for (double cosine : diagnostics("{'kind': 'finetune'}", "cosine")) CHECK(cosine == Approx(1));
  for (double norm : diagnostics("{'kind': 'finetune'}", "gradient_norm")) CHECK(norm > 0);
  for (const char* method :
       {"{'kind': 'ewc', 'lambda': 100}", "{'kind': 'ewc', 'lambda': 1, 'structure': 'full'}",
        "{'kind': 'l2', 'lambda': 1}", "{'kind': 'kfac', 'lambda': 1}", "{'kind': 'si', 'c': 1}",
        "{'kind': 'mas', 'lambda': 1}", "{'kind': 'lwf'}", "{'kind': 'replay'}",
        "{'kind': 'derpp'}"}) {
    INFO(method);
    CHECK(diagnostics(method, "penalty").front() == 0);  // in task A
    CHECK(diagnostics(method, "penalty").back() > 0);
    CHECK(diagnostics(method, "cosine").back() < 0.9999);
  }
  for (const char* method : {"{'kind': 'gem'}", "{'kind': 'agem'}", "{'kind': 'ogd'}"}) {
    const Numbers cosine = diagnostics(method, "cosine");
    INFO(method);
    CHECK(*std::min_element(cosine.begin(), cosine.end()) < 0.9999);
  }
}

TEST_CASE("a head of its own keeps a task's outputs out of the others' losses") {
  // Training on A must leave B's rows of the last layer where they started.
  const Value document = json(
      "{'version': 1, 'tasks': {'kind': 'moons', 'tasks': 2, 'scenario': 'task', 'points': 20},"
      " 'network': {'hidden': [5]}, 'training': {'steps_per_task': 10},"
      " 'methods': [{'kind': 'finetune'}]}");
  const auto experiment = open(document);
  const Numbers start = numbers_at(experiment->result(), learner(0) + ".parameters");
  experiment->step(10);
  const Numbers end = numbers_at(experiment->result(), learner(0) + ".parameters");
  const std::size_t last = 2 * 5 + 5;  // where the last layer begins: 4 × 5 weights, 4 biases
  for (std::size_t output = 0; output < 4; ++output) {
    double change = std::abs(end[last + 20 + output] - start[last + 20 + output]);
    for (std::size_t i = 0; i < 5; ++i)
      change += std::abs(end[last + output * 5 + i] - start[last + output * 5 + i]);
    INFO(output);
    CHECK((change == 0) == (output >= 2));
  }
}

TEST_CASE("the scenarios have the outputs that they need") {
  const auto outputs = [](const char* scenario) {
    Value document = json(
        "{'version': 1, 'tasks': {'kind': 'gaussians', 'tasks': 3},"
        " 'methods': [{'kind': 'finetune'}]}");
    return number_at(open(with(document, "tasks.scenario", Value(scenario)))->describe(),
                     "outputs");
  };
  CHECK(outputs("domain") == 2);
  CHECK(outputs("task") == 6);
  CHECK(outputs("class") == 6);
}

TEST_CASE("scaling to one is by a power of two, and leaves nothing and infinity alone") {
  for (float size : {1e-45f, 1e-40f, 1e-30f, 1e-3f, 1.0f, 3e38f}) {
    std::vector<float> x = {0, size, -size / 2};
    const float power = kernels::scale_to_one(x);
    int exponent;
    CHECK(std::frexp(power, &exponent) == 0.5f);
    CHECK(x[1] == size * power);
    if (size > 1e-37f) CHECK((x[1] >= 1 && x[1] < 4));
    CHECK(x[1] * x[1] > 0);
  }
  std::vector<float> zero = {0, 0};
  CHECK(kernels::scale_to_one(zero) == 1);
  std::vector<float> infinite = {1, std::numeric_limits<float>::infinity()};
  CHECK(kernels::scale_to_one(infinite) == 1);
}
