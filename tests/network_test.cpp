// The network and its gradients against the naive reference in double (reference.hpp).
#include "network.hpp"

#include <cmath>
#include <limits>

#include "catalogue.hpp"
#include "penalty.hpp"
#include "reference.hpp"

using namespace support;
using reference::make_problem;
using reference::Problem;
using reference::relative_error;

namespace {

using Widths = std::vector<std::size_t>;

const Activation kActivations[] = {Activation::tanh, Activation::relu, Activation::sigmoid,
                                   Activation::softplus, Activation::identity};
const Widths kShapes[] = {{1, 3, 2}, {2, 5, 4, 3}, {3, 2}, {4, 9, 2}, {1, 6, 5, 4, 2}, {2, 17, 1}};
constexpr std::size_t kRows = 7;

std::string name(const Widths& widths, Activation activation, Loss loss) {
  std::string text(activation_entries()[static_cast<std::size_t>(activation)].kind);
  for (std::size_t width : widths) text += "-" + std::to_string(width);
  return text + (loss == Loss::mse ? " mse" : " cross_entropy");
}

template <class Check>
void for_every_network(Check check) {
  std::uint64_t seed = 0;
  for (const Widths& widths : kShapes)
    for (Activation activation : kActivations)
      for (Loss loss : {Loss::mse, Loss::cross_entropy}) {
        INFO(name(widths, activation, loss));
        check(make_problem(widths, activation, loss, kRows, ++seed));
      }
}

// What the objective adds to the loss; l2_anchor and ewc are methods.
enum class Penalty { none, l1, l2, l2_anchor, ewc_exact, ewc_empirical };
constexpr double kStrength = 0.3;

std::unique_ptr<Method> method_of(Penalty penalty) {
  const bool ewc = penalty == Penalty::ewc_exact || penalty == Penalty::ewc_empirical;
  if (!ewc && penalty != Penalty::l2_anchor) return nullptr;
  const MethodEntry* entry = find_kind(method_entries(), ewc ? "ewc" : "l2");
  Value document = Object{{"lambda", kStrength}};
  if (ewc) place(document, "fisher") = penalty == Penalty::ewc_exact ? "exact" : "empirical";
  Faults faults;
  const Settings settings = read_settings("", document, entry->parameters, {}, faults);
  REQUIRE(faults == Faults{});
  return entry->make(settings);
}

// The engine's gradient of the objective at problem.theta, the anchor at `anchor`.
std::vector<float> engine_gradient(const Problem& problem, Penalty penalty,
                                   const std::vector<float>& anchor) {
  Workspace workspace;
  Random random(1, "tests");
  const Model model = problem.model();
  const auto rows = model.data.rows(problem.all());
  std::vector<float> gradient(problem.theta.size());
  loss_gradient(model, problem.theta, rows, 1, false, gradient, workspace);
  add_regularisation(problem.theta, penalty == Penalty::l1 ? kStrength : 0,
                     penalty == Penalty::l2 ? kStrength : 0, gradient);
  if (const auto method = method_of(penalty)) {
    method->end_task({.model = model,
                      .task = problem.all(),
                      .batch = {},
                      .parameters = anchor,
                      .loss_gradient = {},
                      .workspace = workspace,
                      .random = random});
    method->shape_gradient({.model = model,
                            .task = problem.all(),
                            .batch = rows,
                            .parameters = problem.theta,
                            .loss_gradient = {},
                            .workspace = workspace,
                            .random = random},
                           gradient);
  }
  return problem.network.to_document_order(gradient);
}

// The same by finite differences of the objective as the document defines it.
reference::Vector naive_gradient(const Problem& problem, Penalty penalty,
                                 const reference::Vector& anchor) {
  reference::Vector weights(anchor.size(), 0.0);
  if (penalty == Penalty::l2_anchor) weights.assign(anchor.size(), 1.0);
  if (penalty == Penalty::ewc_exact || penalty == Penalty::ewc_empirical)
    weights = reference::fisher(problem.naive, problem.data, anchor, penalty == Penalty::ewc_exact);
  const auto objective = [&](const reference::Vector& theta) {
    double sum = reference::loss(problem.naive, problem.data, theta);
    for (std::size_t i = 0; i < theta.size(); ++i) {
      if (penalty == Penalty::l1) sum += kStrength * std::abs(theta[i]);
      if (penalty == Penalty::l2) sum += kStrength * theta[i] * theta[i];
      sum += kStrength / 2 * weights[i] * std::pow(theta[i] - anchor[i], 2);
    }
    return sum;
  };
  return reference::gradient(objective, problem.naive_theta);
}

}  // namespace

TEST_CASE("network: outputs and loss are the reference's") {
  for_every_network([](const Problem& problem) {
    Workspace workspace;
    const Model model = problem.model();
    const auto outputs = problem.network.forward(problem.theta, problem.table,
                                                 model.data.rows(problem.all()), workspace);
    const std::vector<float> by_rows(outputs.begin(), outputs.end());
    reference::Vector expected;
    for (const auto& x : problem.data.inputs)
      for (double f : problem.naive(problem.naive_theta, x)) expected.push_back(f);
    CHECK(relative_error(by_rows, expected) < 2e-6);
    const auto again = problem.network.forward(problem.theta, problem.table.inputs, workspace);
    CHECK(std::vector<float>(again.begin(), again.end()) == by_rows);
    const Evaluation found = evaluate(model, problem.theta, problem.all(), workspace);
    const double loss = reference::loss(problem.naive, problem.data, problem.naive_theta);
    CHECK(std::abs(found.loss - loss) <= 1e-6 * loss + 1e-12);
  });
}

TEST_CASE("network: gradients by finite differences, every activation × loss × penalty") {
  for (Penalty penalty : {Penalty::none, Penalty::l1, Penalty::l2, Penalty::l2_anchor,
                          Penalty::ewc_exact, Penalty::ewc_empirical})
    for_every_network([&](const Problem& problem) {
      Random random(7, "anchor");
      const std::vector<float> anchor = uniform_floats(random, problem.theta.size());
      const auto document = problem.network.to_document_order(anchor);
      INFO("penalty " << static_cast<int>(penalty));
      const auto expected =
          naive_gradient(problem, penalty, reference::Vector(document.begin(), document.end()));
      CHECK(relative_error(engine_gradient(problem, penalty, anchor), expected) < 3e-6);
    });
}

TEST_CASE("network: the document's order of θ, worked by hand") {
  // Out × in, row by row, then the biases: W = [1 2; 3 4; 5 6], b = (7, 8, 9); then (10 11 12), 13.
  // x = (1, 10): Wx + b = (28, 51, 74); 280 + 561 + 888 + 13 = 1742.
  const Network network({2, 3, 1}, Activation::identity);
  const std::vector<float> document = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13};
  REQUIRE(network.parameters() == document.size());
  const auto theta = network.from_document_order(document);
  Workspace workspace;
  CHECK(network.forward(theta, std::vector<float>{1, 10}, workspace)[0] == 1742);
  CHECK(network.to_document_order(theta) == document);
  // In the engine the weights lie in × out.
  CHECK(std::vector<float>(theta.begin(), theta.begin() + 6) ==
        std::vector<float>{1, 3, 5, 2, 4, 6});
}

TEST_CASE("network: the order of θ comes back for every shape") {
  for_every_network([](const Problem& problem) {
    std::vector<float> numbered(problem.network.parameters());
    for (std::size_t i = 0; i < numbered.size(); ++i) numbered[i] = static_cast<float>(i);
    const auto own = problem.network.from_document_order(numbered);
    CHECK(problem.network.to_document_order(own) == numbered);
    CHECK(problem.network.from_document_order(problem.network.to_document_order(numbered)) ==
          numbered);
  });
}

TEST_CASE("network: a weighted gradient is added to what is there") {
  const Problem problem = make_problem({2, 5, 3}, Activation::tanh, Loss::cross_entropy, kRows, 3);
  Workspace workspace;
  const Model model = problem.model();
  const auto rows = model.data.rows(problem.all());
  std::vector<float> plain(problem.theta.size()), sum(problem.theta.size(), 2);
  const double loss = loss_gradient(model, problem.theta, rows, 1, false, plain, workspace);
  CHECK(loss_gradient(model, problem.theta, rows, 0.5f, true, sum, workspace) == loss);
  for (std::size_t i = 0; i < sum.size(); ++i)
    CHECK(std::abs(sum[i] - (2 + 0.5 * plain[i])) < 1e-6);
}

// θ one step down, by way of the gradient and without it.
void check_descent(const Model& model, const std::vector<float>& theta,
                   const std::vector<std::uint32_t>& rows) {
  constexpr float kRate = 0.07f;
  Workspace workspace;
  std::vector<float> gradient(theta.size()), scratch(theta.size()), expected = theta, own = theta;
  const double loss = loss_gradient(model, theta, rows, 1, false, gradient, workspace);
  for (std::size_t i = 0; i < theta.size(); ++i) expected[i] -= kRate * gradient[i];
  const Descent descent = descend(model, own, rows, kRate, scratch, workspace);
  CHECK(descent.loss == loss);
  CHECK(descent.finite);
  CHECK(own == expected);
}

TEST_CASE("network: a descent is a step along the gradient, to the bit") {
  const std::vector<std::uint32_t> rows = {19, 3, 3, 7, 0, 11};
  for (std::size_t width : {3u, 50u}) {
    Problem problem = make_problem({width, 9, 4}, Activation::relu, Loss::cross_entropy, 20, 6);
    check_descent(problem.model(), problem.theta, rows);
    Random random(8, "zeros");
    for (float& x : problem.table.inputs)
      if (random.below(4) > 0) x = 0;
    problem.table.nonzeros = {};
    problem.table.finish();
    REQUIRE(problem.table.nonzeros.begin.empty() == (width == 3));
    check_descent(problem.model(), problem.theta, rows);
  }
}

TEST_CASE(
    "network: inputs that are mostly zero give what the same inputs give when none is skipped") {
  constexpr std::size_t kWidth = 50;
  for (Loss loss : {Loss::mse, Loss::cross_entropy}) {
    Problem problem = make_problem({kWidth, 9, 4}, Activation::tanh, loss, 20, 6);
    Examples sparse = problem.table;
    Random random(6, "zeros");
    for (float& x : sparse.inputs)
      if (random.below(4) > 0) x = 0;
    std::fill(sparse.inputs.begin() + 3 * kWidth, sparse.inputs.begin() + 4 * kWidth, 0.0f);
    const Examples dense = sparse;
    sparse.finish();
    REQUIRE(sparse.sparse());
    REQUIRE(sparse.inputs.empty());
    REQUIRE(sparse.count() == 20);
    std::vector<float> copied;
    sparse.copy_inputs(sparse.all_rows, copied);
    REQUIRE(copied == dense.inputs);
    Workspace workspace;
    const std::vector<std::uint32_t> rows = {19, 3, 3, 7, 0, 11};
    std::vector<float> gradients[2];
    double losses[2];
    for (int i : {0, 1}) {
      const Model model{problem.network, i ? dense : sparse, loss};
      gradients[i].assign(problem.theta.size(), 0.5f);
      losses[i] = loss_gradient(model, problem.theta, rows, 1, false, gradients[i], workspace);
      loss_gradient(model, problem.theta, rows, 0.25f, true, gradients[i], workspace);
      CHECK(evaluate(model, problem.theta, {0, 20}, workspace).loss ==
            evaluate({problem.network, sparse, loss}, problem.theta, {0, 20}, workspace).loss);
    }
    CHECK(losses[0] == losses[1]);
    CHECK(gradients[0] == gradients[1]);
    InputIndex index;  // sorted once, used for a batch that was sorted anew before
    index.sort(sparse.nonzeros, rows, kWidth);
    const Model model{problem.network, sparse, loss};
    loss_gradient(model, problem.theta, rows, 1, false, gradients[0], workspace);
    loss_gradient(model, problem.theta, rows, 1, false, gradients[1], workspace, &index);
    CHECK(gradients[0] == gradients[1]);
  }
}

TEST_CASE("network: a selection of examples gives what its rows give in the whole table") {
  const std::vector<std::uint32_t> rows = {19, 3, 3, 7, 0, 11};
  Workspace workspace;
  for (Loss loss : {Loss::mse, Loss::cross_entropy})
    for (bool zeros : {false, true}) {
      Problem problem = make_problem({50, 9, 4}, Activation::relu, loss, 20, 6);
      Random random(9, "zeros");
      for (float& x : problem.table.inputs)
        if (zeros && random.below(4) > 0) x = 0;
      if (loss == Loss::cross_entropy) {
        problem.table.heads = {{0, 2}, {2, 2}};
        for (std::uint32_t label : problem.table.labels)
          problem.table.task.push_back(static_cast<std::uint16_t>(label / 2));
      }
      problem.table.finish();
      const Examples chosen = problem.table.selection(rows);
      REQUIRE(chosen.sparse() == zeros);
      REQUIRE(chosen.count() == rows.size());
      std::vector<float> whole(problem.theta.size()), own(problem.theta.size());
      const double of_whole =
          loss_gradient(problem.model(), problem.theta, rows, 1, false, whole, workspace);
      CHECK(of_whole == loss_gradient({problem.network, chosen, loss}, problem.theta,
                                      chosen.all_rows, 1, false, own, workspace));
      CHECK(whole == own);
    }
}

TEST_CASE("network: evaluation over many rows, and any range of them") {
  for (Loss loss : {Loss::mse, Loss::cross_entropy}) {
    const Problem problem = make_problem({2, 4, 3}, Activation::relu, loss, 700, 4);
    Workspace workspace;
    for (Range range : {Range{0, 700}, Range{0, 256}, Range{255, 513}, Range{699, 700}}) {
      reference::Data part;
      double right = 0;
      for (std::uint32_t r = range.begin; r < range.end; ++r) {
        part.inputs.push_back(problem.data.inputs[r]);
        if (loss == Loss::mse) {
          part.targets.push_back(problem.data.targets[r]);
          continue;
        }
        part.labels.push_back(problem.data.labels[r]);
        const auto f = problem.naive(problem.naive_theta, problem.data.inputs[r]);
        right += std::max_element(f.begin(), f.end()) - f.begin() ==
                 static_cast<std::ptrdiff_t>(problem.data.labels[r]);
      }
      const Evaluation found = evaluate(problem.model(), problem.theta, range, workspace);
      CHECK(found.loss ==
            Approx(reference::loss(problem.naive, part, problem.naive_theta)).epsilon(1e-6));
      CHECK(found.accuracy == right / range.size());
    }
  }
}

TEST_CASE("network: softmax of logits that would overflow") {
  // Logits (1000, 0, −1000): p = (1, 0, 0), and −log p of the labels is 0, 1000, 2000.
  const Network network({1, 3}, Activation::tanh);
  const auto theta = network.from_document_order(std::vector<float>{1000, 0, -1000, 0, 0, 0});
  Examples table;
  const double one = 1;
  for (std::uint32_t label : {0u, 1u, 2u}) add_example(table, {&one, 1}, label);
  table.finish();
  Workspace workspace;
  const Model model{network, table, Loss::cross_entropy};
  const double expected[] = {0, 1000, 2000};
  for (std::uint32_t row : {0u, 1u, 2u})
    CHECK(evaluate(model, theta, {row, row + 1}, workspace).loss == expected[row]);
  CHECK(evaluate(model, theta, {0, 3}, workspace).accuracy == 1.0 / 3);
  std::vector<float> gradient(theta.size());
  loss_gradient(model, theta, model.data.rows({1, 2}), 1, false, gradient, workspace);
  CHECK(network.to_document_order(gradient) == std::vector<float>{1, -1, 0, 1, -1, 0});
}

TEST_CASE("network: what is not a number is not hidden by any activation") {
  for (Activation activation : kActivations)
    for (Loss loss : {Loss::mse, Loss::cross_entropy}) {
      Problem problem = make_problem({2, 5, 3}, activation, loss, kRows, 5);
      problem.theta[0] = std::numeric_limits<float>::quiet_NaN();
      Workspace workspace;
      std::vector<float> gradient(problem.theta.size());
      INFO(name({2, 5, 3}, activation, loss));
      CHECK(std::isnan(loss_gradient(problem.model(), problem.theta,
                                     problem.table.rows(problem.all()), 1, false, gradient,
                                     workspace)));
      CHECK(std::isnan(evaluate(problem.model(), problem.theta, problem.all(), workspace).loss));
      CHECK(std::isnan(gradient.back()));
    }
}

TEST_CASE("network: the start is drawn as its name says") {
  const Problem problem = make_problem({3, 400, 200, 2}, Activation::tanh, Loss::mse, 50, 6);
  const auto& layers = problem.network.layers();
  for (Initialization kind :
       {Initialization::uniform, Initialization::xavier, Initialization::spread}) {
    const auto theta = problem.network.initial_parameters(kind, problem.table, Random(1, "start"));
    CHECK(theta == problem.network.initial_parameters(kind, problem.table, Random(1, "start")));
    CHECK(theta != problem.network.initial_parameters(kind, problem.table, Random(2, "start")));
    for (std::size_t l = kind == Initialization::spread ? 1 : 0; l < layers.size(); ++l) {
      const double in = static_cast<double>(layers[l].in), out = static_cast<double>(layers[l].out);
      const bool last = l + 1 == layers.size();
      const bool xavier =
          kind == Initialization::xavier || (kind == Initialization::spread && last);
      const double bound = xavier ? std::sqrt(6 / (in + out)) : 1 / std::sqrt(in);
      double largest = 0, sum = 0, squares = 0;
      const std::size_t count = layers[l].biases - layers[l].weights;
      for (std::size_t i = layers[l].weights; i < layers[l].biases; ++i) {
        largest = std::max<double>(largest, std::abs(theta[i]));
        sum += theta[i];
        squares += theta[i] * theta[i];
      }
      INFO("layer " << l << ", kind " << static_cast<int>(kind));
      const double n = static_cast<double>(count);
      CHECK(largest <= bound * (1 + 1e-6));
      CHECK(largest > bound * (1 - 10 / n));
      CHECK(std::abs(sum / n) < 4 * bound / std::sqrt(3 * n));
      CHECK(std::abs(squares / n / (bound * bound) - 1.0 / 3) < 4 * 0.3 / std::sqrt(n));
      bool zero = true, beyond = false;
      for (std::size_t i = layers[l].biases; i < layers[l].biases + layers[l].out; ++i) {
        zero = zero && theta[i] == 0;
        beyond = beyond || std::abs(theta[i]) > bound * (1 + 1e-6);
      }
      CHECK(zero == xavier);
      CHECK_FALSE(beyond);
    }
  }
}

TEST_CASE("network: a truncated normal start has its formula's moments and quantiles") {
  const Problem problem = make_problem({3, 400, 200, 2}, Activation::relu, Loss::mse, 50, 6);
  const auto draw = [&](std::uint64_t seed) {
    return problem.network.initial_parameters(Initialization::truncated_normal, problem.table,
                                              Random(seed, "start"));
  };
  const auto theta = draw(1);
  CHECK(theta == draw(1));
  CHECK(theta != draw(2));
  std::vector<double> z;  // the weights, in deviations of the normal distribution before it is cut
  for (const Layer& layer : problem.network.layers()) {
    for (std::size_t i = layer.weights; i < layer.biases; ++i) z.push_back(theta[i] / 0.1);
    for (std::size_t o = 0; o < layer.out; ++o) CHECK(theta[layer.biases + o] == 0.1f);
  }
  double mean = 0, square = 0, largest = 0;
  for (double x : z) {
    mean += x / static_cast<double>(z.size());
    square += x * x / static_cast<double>(z.size());
    largest = std::max(largest, std::abs(x));
  }
  CHECK(largest <= 2 * (1 + 1e-6));
  CHECK(largest > 1.99);
  // Cut at ±2 (Johnson, Kotz & Balakrishnan 1994, section 10.1): with φ, Φ the normal density and
  // distribution function and Z = Φ(2) − Φ(−2), E z² = 1 − 4φ(2)/Z = 0.8796256610342398² and
  // E z⁴ = 3 − 28φ(2)/Z. Four standard errors.
  const auto below = [](double x) { return std::erfc(-x / std::sqrt(2.0)) / 2; };
  const double Z = below(2) - below(-2);
  const double tail = std::exp(-2.0) / std::sqrt(2 * std::acos(-1.0)) / Z;
  const double variance = 1 - 4 * tail, fourth = 3 - 28 * tail;
  const auto error = [&](double of) { return 4 * std::sqrt(of / static_cast<double>(z.size())); };
  CHECK(std::sqrt(variance) == Approx(0.8796256610342398).epsilon(1e-12));
  CHECK(std::abs(mean) < error(variance));
  CHECK(std::abs(square - variance) < error(fourth - variance * variance));
  for (double at : {-1.9, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 1.9}) {
    const auto less = std::count_if(z.begin(), z.end(), [at](double x) { return x < at; });
    const double share = (below(at) - below(-2)) / Z;
    INFO("the share below " << at);
    CHECK(std::abs(static_cast<double>(less) / static_cast<double>(z.size()) - share) <
          error(share * (1 - share)));
  }
}

TEST_CASE("network: a spread start puts every first unit's zero inside the data's box") {
  for (std::size_t inputs : {1u, 2u, 5u}) {
    const Problem problem =
        make_problem({inputs, 100, 1}, Activation::relu, Loss::mse, 40, 8 + inputs);
    const auto theta = problem.network.to_document_order(
        problem.network.initial_parameters(Initialization::spread, problem.table, Random(1, "s")));
    double left = 0;
    for (std::size_t o = 0; o < 100; ++o) {
      // The least and the greatest of w·x + b over the box that holds the data.
      double least = theta[100 * inputs + o], greatest = least;
      for (std::size_t i = 0; i < inputs; ++i) {
        double low = 1, high = -1;
        for (const auto& x : problem.data.inputs) {
          low = std::min(low, x[i]);
          high = std::max(high, x[i]);
        }
        const double w = theta[o * inputs + i];
        least += std::min(w * low, w * high);
        greatest += std::max(w * low, w * high);
      }
      INFO(inputs << " inputs, unit " << o);
      REQUIRE(least <= 1e-5);
      REQUIRE(greatest >= -1e-5);
      if (inputs == 1) left += -theta[100 + o] / theta[o] < 0;
    }
    if (inputs == 1) CHECK(std::abs(left - 50) < 20);  // and not all in one place
  }
}

TEST_CASE("network: with a spread start a single layer is the last, and Xavier's") {
  const Problem problem = make_problem({3, 2}, Activation::tanh, Loss::mse, 20, 5);
  const auto start = [&](Initialization initialization) {
    return problem.network.initial_parameters(initialization, problem.table, Random(1, "s"));
  };
  CHECK(start(Initialization::spread) == start(Initialization::xavier));
}

TEST_CASE("network: sorted inputs have room for any batch of the table, and no more") {
  Nonzeros table;
  table.begin = {0};
  for (std::uint32_t row = 0; row < 10; ++row) {  // one number a row, but for the last
    for (std::uint32_t i = 0; i < (row == 9 ? 5u : 1u); ++i) {
      table.column.push_back(i);
      table.value.push_back(1);
    }
    table.begin.push_back(static_cast<std::uint32_t>(table.value.size()));
  }
  table.widest = 5;
  InputIndex index;
  const std::uint32_t pair[] = {0, 1}, all[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  index.sort(table, pair, 1000);
  CHECK(index.value.size() == 10);  // as two rows of five would need
  const std::uint32_t last[] = {8, 9};
  index.sort(table, last, 1000);
  CHECK(index.value.size() == 10);
  index.sort(table, all, 1000);
  CHECK(index.value.size() == 14);  // all that there are
}
