// The diagonal Fisher information: by hand, by PyTorch, by finite differences.
#include "fisher.hpp"

#include <cmath>

#include "catalogue.hpp"
#include "reference.hpp"

using namespace support;
using reference::make_problem;
using reference::relative_error;

namespace {

// In the document's order.
std::vector<float> fisher_of(const Model& model, const std::vector<float>& theta, FisherKind kind) {
  Workspace workspace;
  Random random(1, "fisher");
  const auto rows = model.data.rows({0, model.data.count()});
  return model.network.to_document_order(
      diagonal_fisher(model, theta, rows, kind, random, workspace));
}

Examples table_of(const std::vector<double>& inputs, const std::vector<double>& targets) {
  Examples table;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    add_example(table, {&inputs[i], 1}, std::span<const double>(&targets[i], 1));
  table.finish();
  return table;
}

}  // namespace

TEST_CASE("fisher: the Gaussian, by hand") {
  // f(x) = w₂(w₁x + b₁) + b₂ with w₁ = 2, b₁ = 1, w₂ = 3, b₂ = −1.
  //              x = 1          x = −2
  //   h          3              −3
  //   f          8              −10
  //   ∂f/∂w₁     w₂x = 3        −6
  //   ∂f/∂b₁     w₂  = 3        3
  //   ∂f/∂w₂     h   = 3        −3
  //   ∂f/∂b₂     1              1
  const Network network({1, 1, 1}, Activation::identity);
  const Examples table = table_of({1, -2}, {6, -11});
  const std::vector<float> theta = {2, 1, 3, -1};
  const Model model{network, table, Loss::mse};
  // Mean of the squares: (9 + 36)/2, (9 + 9)/2, (9 + 9)/2, (1 + 1)/2.
  CHECK(fisher_of(model, theta, FisherKind::exact) == std::vector<float>{22.5, 9, 9, 1});
  // Times the squared residuals of the data, (8 − 6)² = 4 and (−10 + 11)² = 1:
  // (4·9 + 36)/2, (4·9 + 9)/2, (4·9 + 9)/2, (4 + 1)/2.
  CHECK(fisher_of(model, theta, FisherKind::empirical) == std::vector<float>{36, 22.5, 22.5, 2.5});
}

TEST_CASE("fisher: the softmax, by hand") {
  // Logits (w₁x + b₁, w₂x + b₂) with w = 0, b = (log 3, 0): p = (3/4, 1/4) for every x; x = 2.
  // ∂ log p₁ = (1 − p₁, −p₂) = (1/4, −1/4) by the logits, ∂ log p₂ = (−3/4, 3/4).
  // E: 3/4·1/16 + 1/4·9/16 = 3/16 for both biases, x² = 4 times as much for the weights.
  const Network network({1, 2}, Activation::tanh);
  const std::vector<float> theta = {0, 0, 1.0986123f, 0};
  Examples table;
  const double two = 2;
  add_example(table, {&two, 1}, 1u);
  table.finish();
  const Model model{network, table, Loss::cross_entropy};
  CHECK(relative_error(fisher_of(model, theta, FisherKind::exact),
                       {0.75, 0.75, 0.1875, 0.1875}) < 1e-6);
  // The data's own label is the second class: (3/4)² = 9/16.
  CHECK(relative_error(fisher_of(model, theta, FisherKind::empirical),
                       {2.25, 2.25, 0.5625, 0.5625}) < 1e-6);
}

TEST_CASE("fisher: PyTorch's autograd agrees") {
  const Value cases = fixture("fisher");
  const Array& list = *cases.as<Array>();
  REQUIRE(list.size() == 2);
  for (const Value& one : list) {
    const bool mse = string_at(one, "loss") == "mse";
    // The loader is the document's own: a task of these data.
    Object train{{"inputs", at(one, "inputs")}};
    train.emplace_back(mse ? "targets" : "labels", at(one, mse ? "targets" : "labels"));
    Faults faults;
    const TaskSequence tasks = read_explicit_tasks(
        Object{{"kind", "explicit"}, {"loss", at(one, "loss")},
               {"tasks", Array{Object{{"train", train}}}}}, faults);
    REQUIRE(faults == Faults{});
    std::vector<std::size_t> widths = {tasks.inputs};
    for (double width : numbers_at(one, "network.hidden"))
      widths.push_back(static_cast<std::size_t>(width));
    widths.push_back(tasks.outputs);
    const Network network(widths, activation(string_at(one, "network.activation")));
    const Numbers theta = numbers_at(one, "network.parameters");
    const Model model{network, tasks.train, tasks.loss};
    const auto own = network.from_document_order(std::vector<float>(theta.begin(), theta.end()));
    for (const auto& [kind, name] : {std::pair(FisherKind::exact, "exact"),
                                     std::pair(FisherKind::empirical, "empirical"),
                                     std::pair(FisherKind::batch, "batch")}) {
      INFO(name);
      CHECK(relative_error(fisher_of(model, own, kind), numbers_at(one, name)) < 1e-6);
    }
    // The whole matrix, times some directions.
    const std::size_t count = theta.size();
    Workspace workspace;
    Random random(2, "fisher");
    FisherFactor factor(model, own, model.data.rows({0, model.data.count()}), FisherKind::exact,
                        random, workspace);
    for (int i = 0; i < 5; ++i) {
      const std::vector<float> direction = uniform_floats(random, count);
      reference::Vector expected(count, 0.0);
      double square = 0;
      for (std::size_t r = 0; r < count; ++r) {
        const Numbers row = numbers_at(one, "full[" + std::to_string(r) + "]");
        for (std::size_t c = 0; c < count; ++c) expected[r] += row[c] * direction[c];
        square += direction[r] * expected[r];
        expected[r] = 0.5 + 3 * expected[r];
      }
      std::vector<float> gradient(count, 0.5f);
      CHECK(factor.add_product(network.from_document_order(direction), 3, gradient) ==
            Approx(square).epsilon(1e-5));
      CHECK(relative_error(network.to_document_order(gradient), expected) < 1e-6);
    }
  }
}

TEST_CASE("fisher: drawing y from the model, over very many draws, is the expectation") {
  for (Loss loss : {Loss::mse, Loss::cross_entropy}) {
    const auto problem = make_problem({2, 4, 3}, Activation::tanh, loss, 4, 31);
    std::vector<std::uint32_t> rows;
    constexpr std::size_t kDraws = 40'000;
    for (std::uint32_t i = 0; i < kDraws; ++i) rows.push_back(i % 4);
    Workspace workspace;
    Random random(3, "fisher");
    const Model model = problem.model();
    const auto exact =
        diagonal_fisher(model, problem.theta, rows, FisherKind::exact, random, workspace);
    const auto sampled =
        diagonal_fisher(model, problem.theta, rows, FisherKind::sampled, random, workspace);
    for (std::size_t i = 0; i < exact.size(); ++i)
      CHECK(std::abs(sampled[i] - exact[i]) <= 0.06 * exact[i]);
    CHECK(sampled != exact);
  }
}

TEST_CASE("fisher: the diagonal is the whole matrix's") {
  for (Loss loss : {Loss::mse, Loss::cross_entropy})
    for (FisherKind kind : {FisherKind::exact, FisherKind::empirical, FisherKind::batch}) {
      const auto problem = make_problem({2, 3, 2}, Activation::softplus, loss, 9, 32);
      Workspace workspace;
      Random random(4, "fisher");
      const Model model = problem.model();
      const auto rows = model.data.rows(problem.all());
      FisherFactor factor(model, problem.theta, rows, kind, random, workspace);
      const auto diagonal =
          diagonal_fisher(model, problem.theta, rows, kind, random, workspace);
      for (std::size_t i = 0; i < diagonal.size(); ++i) {
        std::vector<float> unit(diagonal.size(), 0.0f), column = unit;
        unit[i] = 1;
        CHECK(factor.add_product(unit, 1, column) == Approx(diagonal[i]).epsilon(1e-4).margin(1e-7));
        CHECK(column[i] == Approx(diagonal[i]).epsilon(1e-4).margin(1e-7));
      }
    }
}

TEST_CASE("fisher: Kronecker's factors are the whole matrix where one layer meets the Gaussian") {
  // F = mean of x̃x̃ᵀ ⊗ I: the expected ddᵀ is the same for every example.
  const auto problem = make_problem({3, 2}, Activation::tanh, Loss::mse, 8, 33);
  Workspace workspace;
  Random random(5, "fisher");
  const Model model = problem.model();
  const auto rows = model.data.rows(problem.all());
  FisherFactor whole(model, problem.theta, rows, FisherKind::exact, random, workspace);
  const KroneckerFisher factors(model, problem.theta, rows, FisherKind::exact, random, workspace);
  KroneckerFisher::Scratch scratch;
  for (int i = 0; i < 5; ++i) {
    const auto direction = uniform_floats(random, problem.theta.size());
    std::vector<float> a(direction.size(), 1.0f), b = a;
    const double square = whole.add_product(direction, 2, a);
    CHECK(factors.add_product(direction, 2, b, scratch) == Approx(square).epsilon(1e-5));
    CHECK(relative_error(b, reference::Vector(a.begin(), a.end())) < 1e-6);
  }
}

TEST_CASE("fisher: Kronecker's factors by hand, and nothing between the layers") {
  // f(x) = w₂(w₁x + b₁) + b₂ with w₁ = 2, b₁ = 1, w₂ = 3, b₂ = −1; x = 1, −2, so h = 3, −3.
  // A₁ = mean of (x, 1)(x, 1)ᵀ = [5/2 −1/2; −1/2 1], B₁ = w₂² = 9; A₂ = [9 0; 0 1], B₂ = 1.
  const Network network({1, 1, 1}, Activation::identity);
  const Examples table = table_of({1, -2}, {6, -11});
  const Model model{network, table, Loss::mse};
  Workspace workspace;
  Random random(6, "fisher");
  const std::vector<float> theta = {2, 1, 3, -1};
  const KroneckerFisher factors(model, theta, table.rows({0, 2}), FisherKind::exact, random,
                                workspace);
  KroneckerFisher::Scratch scratch;
  std::vector<float> gradient(4, 0.0f);
  const std::vector<float> direction = {1, 2, 3, 4};
  // A₁·(1, 2)·9 = (27/2, 27/2), A₂·(3, 4) = (27, 4); 27/2 + 27 + 81 + 16 = 275/2.
  CHECK(factors.add_product(direction, 1, gradient, scratch) == 137.5);
  CHECK(gradient == std::vector<float>{13.5, 13.5, 27, 4});
}

TEST_CASE("fisher: finite differences of every outcome's log probability") {
  std::uint64_t seed = 10;
  for (const std::vector<std::size_t>& widths :
       {std::vector<std::size_t>{1, 4, 1}, {2, 5, 4, 3}, {3, 2}})
    for (Activation activation : {Activation::tanh, Activation::relu, Activation::sigmoid,
                                  Activation::softplus, Activation::identity})
      for (Loss loss : {Loss::mse, Loss::cross_entropy}) {
        const auto problem = make_problem(widths, activation, loss, 5, ++seed);
        INFO("seed " << seed);
        for (bool exact : {true, false}) {
          const auto expected =
              reference::fisher(problem.naive, problem.data, problem.naive_theta, exact);
          const auto found = fisher_of(problem.model(), problem.theta,
                                       exact ? FisherKind::exact : FisherKind::empirical);
          double largest = 0;
          for (double f : expected) largest = std::max(largest, f);
          if (largest < 1e-12) {  // one class: nothing to learn about it
            for (float f : found) CHECK(f < 1e-12f);
            continue;
          }
          CHECK(relative_error(found, expected) < 5e-6);
        }
      }
}

TEST_CASE("fisher: the mean over many rows is the mean over its parts") {
  const auto problem = make_problem({2, 3, 2}, Activation::tanh, Loss::cross_entropy, 300, 5);
  Workspace workspace;
  Random random(1, "fisher");
  const Model model = problem.model();
  for (FisherKind kind : {FisherKind::exact, FisherKind::empirical}) {
    reference::Vector sum(problem.theta.size(), 0.0);
    for (std::uint32_t row = 0; row < 300; ++row) {
      const auto one = diagonal_fisher(model, problem.theta, model.data.rows({row, row + 1}), kind,
                                       random, workspace);
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += one[i] / 300.0;
    }
    CHECK(relative_error(diagonal_fisher(model, problem.theta, model.data.rows({0, 300}), kind,
                                         random, workspace),
                         sum) < 1e-6);
  }
}
