// What methods promise: each of them by its own mathematics, and all of them by one contract, which
// a new entry of the catalogue has to keep without being named here.
#include "method.hpp"

#include <cmath>

#include "catalogue.hpp"
#include "quadratic_program.hpp"
#include "reference.hpp"

using namespace support;

namespace {

Value method(std::string_view kind) { return Object{{"kind", kind}}; }

Value every_method() {
  Array methods;
  for (const MethodEntry& entry : method_entries()) methods.push_back(method(entry.kind));
  return methods;
}

std::vector<Value> both_losses() { return {small_regression(), small_classification()}; }

// The digests of the learners of a document with these methods.
std::vector<std::string> digests(const Value& document, Value methods) {
  const Value result = run(with(document, "methods", std::move(methods)));
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < size_at(result, "learners"); ++i)
    texts.push_back(digest_of(result, i));
  return texts;
}

bool all_finite(const Numbers& numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](double x) { return std::isfinite(x); });
}

void require_finite(const Value& result, std::size_t index) {
  REQUIRE(status_of(result, index) == "finished");
  REQUIRE(all_finite(numbers_at(result, learner(index) + ".parameters")));
  for (const char* curve : {".curves.loss", ".curves.train_loss"})
    for (std::size_t j = 0; j < size_at(result, learner(index) + curve); ++j)
      REQUIRE(all_finite(
          numbers_at(result, learner(index) + curve + "[" + std::to_string(j) + "]")));
}

// The least and the largest number, every choice, both truth values.
std::vector<Value> extremes(const Parameter& parameter) {
  switch (parameter.type) {
    case Type::number:
    case Type::integer:
      return {parameter.minimum, parameter.maximum};
    case Type::boolean:
      return {true, false};
    case Type::integers:
      return {Array{}, Numbers{parameter.minimum}};
    case Type::choice:
      break;
  }
  std::vector<Value> values;
  for (const Choice& choice : parameter.choices) values.push_back(choice.value);
  return values;
}

// Calls check(method, text) for every extreme of every parameter of every method.
template <class Check>
void for_every_extreme(Check check) {
  for (const MethodEntry& entry : method_entries())
    for (const Parameter& parameter : entry.parameters)
      for (const Value& value : extremes(parameter)) {
        Value one = method(entry.kind);
        if (!parameter.when_key.empty())
          place(one, std::string(parameter.when_key)) = parameter.when_value;
        place(one, std::string(parameter.key)) = value;
        INFO(write_json(one));
        check(entry, parameter, one);
      }
}

}  // namespace

// ---------------------------------------------------------------- the contract

TEST_CASE("methods: every one is finite over three tasks, and the same every time") {
  for (const Value& document : both_losses())
    for (const MethodEntry& entry : method_entries()) {
      INFO(entry.kind);
      const Value alone = with(document, "methods", Array{method(entry.kind)});
      const Value result = run(alone);
      require_finite(result, 0);
      CHECK(same(result, run(alone)));
    }
}

TEST_CASE("methods: a learner's result does not depend on the other learners") {
  for (const Value& document : both_losses()) {
    Array methods = *every_method().as<Array>();
    const auto together = digests(document, methods);
    std::reverse(methods.begin(), methods.end());
    const auto reversed = digests(document, methods);
    for (std::size_t i = 0; i < together.size(); ++i) {
      INFO(method_entries()[i].kind);
      const auto alone = digests(document, Array{method(method_entries()[i].kind)});
      CHECK(together[i] == alone[0]);
      CHECK(reversed[together.size() - 1 - i] == alone[0]);
    }
  }
}

TEST_CASE("methods: with a single task there is nothing to keep: every one is fine-tuning") {
  for (Value document : both_losses()) {
    if (string_at(document, "tasks.kind") == "sines")
      place(document, "tasks.tasks") = 1;
    else
      place(document, "tasks.tasks").as<Array>()->resize(1);
    const std::string expected = digests(document, Array{method("finetune")})[0];
    const auto all = digests(document, every_method());
    for (std::size_t i = 0; i < all.size(); ++i) {
      INFO(method_entries()[i].kind);
      CHECK(all[i] == expected);
    }
  }
}

TEST_CASE("methods: every extreme of every parameter trains on, or says that it diverged") {
  for (const Value& document : both_losses())
    for_every_extreme([&](const MethodEntry&, const Parameter&, const Value& one) {
      const Value alone = with(document, "methods", Array{one});
      const Value result = run(alone);
      if (status_of(result, 0) != "diverged") {
        require_finite(result, 0);
      } else {
        CHECK(number_at(result, "learners[0].diverged_at") >= 1);
        CHECK(number_at(result, "learners[0].diverged_at") <= 36);
        CHECK(at(result, "learners[0].metrics").is_null());
      }
      CHECK(same(result, run(alone)));
    });
}

TEST_CASE("methods: every live parameter can be changed while it runs, and the change be replayed") {
  for (const Value& document : both_losses())
    for_every_extreme([&](const MethodEntry&, const Parameter& parameter, const Value& one) {
      const Value start = with(document, "methods", Array{method(string_at(one, "kind"))});
      const auto experiment = open(start);
      experiment->step(17);
      const std::string key(parameter.key);
      const Faults faults = experiment->alter(0, key, at(one, key));
      CHECK(faults.empty() == parameter.live);
      experiment->step(1000);
      const Value result = experiment->result();
      CHECK(digest_of(run(at(result, "experiment"))) == digest_of(result));
      if (!parameter.live) CHECK(digest_of(run(start)) == digest_of(result));
    });
}

TEST_CASE("methods: importance is one weight a parameter, never negative") {
  for (const Value& document : both_losses()) {
    const Value result = run(
        with(with(document, "record.importance", true), "methods", every_method()));
    const std::size_t parameters = numbers_at(result, "learners[0].parameters").size();
    for (std::size_t i = 0; i < size_at(result, "learners"); ++i) {
      INFO(method_entries()[i].kind);
      REQUIRE(size_at(result, learner(i) + ".importance") == 3);
      for (int task = 0; task < 3; ++task) {
        const std::string path = learner(i) + ".importance[" + std::to_string(task) + "]";
        if (at(result, path).is_null()) continue;
        const Numbers weights = numbers_at(result, path);
        CHECK(weights.size() == parameters);
        CHECK(all_finite(weights));
        CHECK(*std::min_element(weights.begin(), weights.end()) >= 0);
      }
    }
  }
}

// ---------------------------------------------------------------- each by its mathematics

TEST_CASE("methods: a penalty of strength 0, and rehearsal of weight 0, are fine-tuning") {
  for (const Value& document : both_losses()) {
    const auto all = digests(document, json(
        "[{'kind': 'finetune'}, {'kind': 'ewc', 'lambda': 0}, {'kind': 'l2', 'lambda': 0},"
        " {'kind': 'replay', 'weight': 0}, {'kind': 'replay', 'weight': 0, 'replay_batch': 3},"
        " {'kind': 'ewc', 'lambda': 1}, {'kind': 'l2', 'lambda': 1}, {'kind': 'replay'}]"));
    for (int i = 1; i < 5; ++i) CHECK(all[i] == all[0]);
    for (int i = 5; i < 8; ++i) CHECK(all[i] != all[0]);
  }
}

TEST_CASE("methods: with plain SGD, weight decay 2·l2 is the same run as l2, to the bit") {
  for (Value document : both_losses()) {
    place(document, "training.optimizer") = json("{'kind': 'sgd', 'learning_rate': 0.1}");
    const auto all = digests(document, json(
        "[{'kind': 'finetune', 'training': {'l2': 0.01}},"
        " {'kind': 'finetune', 'training': {'weight_decay': 0.02}},"
        " {'kind': 'finetune', 'training': {'l2': 0.02}}, {'kind': 'finetune'}]"));
    CHECK(all[0] == all[1]);
    CHECK(all[0] != all[2]);
    CHECK(all[0] != all[3]);
    place(document, "training.optimizer") = json("{'kind': 'adam', 'learning_rate': 0.01}");
    // Nor is it under Adam what the decoupled decay of AdamW does.
    const auto adam = digests(document, json(
        "[{'kind': 'finetune', 'training': {'weight_decay': 0.02}},"
        " {'kind': 'finetune', 'training': {'weight_decay': 0.02, 'decoupled': true}}]"));
    CHECK(adam[0] != adam[1]);
  }
}

TEST_CASE("methods: cumulative training is fine-tuning on the first task, joint training is not") {
  const Value result = run(with(small_regression(), "methods", json(
      "[{'kind': 'finetune'}, {'kind': 'cumulative'}, {'kind': 'joint'}]")));
  const auto after = [&](int i, int task) {
    return numbers_at(result, learner(static_cast<std::size_t>(i)) + ".matrix.loss.after[" +
                                  std::to_string(task) + "]");
  };
  CHECK(after(1, 0) == after(0, 0));
  CHECK(after(1, 1) != after(0, 1));
  CHECK(after(2, 0) != after(0, 0));
}

TEST_CASE("methods: Fisher information from as many examples as there are is that from all") {
  const auto all = digests(small_classification(), json(
      "[{'kind': 'ewc', 'lambda': 10}, {'kind': 'ewc', 'lambda': 10, 'fisher_samples': 9},"
      " {'kind': 'ewc', 'lambda': 10, 'fisher_samples': 8},"
      " {'kind': 'ewc', 'lambda': 10, 'fisher': 'empirical'}]"));
  CHECK(all[1] == all[0]);
  CHECK(all[2] != all[0]);
  CHECK(all[3] != all[0]);
}

TEST_CASE("methods: importance is the Fisher information, 1 for l2") {
  // EWC's at the end of the first task, where it has still done nothing.
  const Value result = run(with(with(small_classification(), "record.importance", true), "methods",
                                json("[{'kind': 'ewc'}, {'kind': 'l2'}, {'kind': 'finetune'}]")));
  for (double weight : numbers_at(result, "learners[1].importance[2]")) CHECK(weight == 1);
  CHECK(at(result, "learners[2].importance[0]").is_null());
  // The reference, from the parameters at the end of a run with the first task alone.
  Value alone = with(small_classification(), "methods", json("[{'kind': 'finetune'}]"));
  place(alone, "tasks.tasks").as<Array>()->resize(1);
  const Numbers theta = numbers_at(run(alone), "learners[0].parameters");
  reference::Data data;
  for (double label : numbers_at(alone, "tasks.tasks[0].train.labels"))
    data.labels.push_back(static_cast<std::size_t>(label));
  for (std::size_t i = 0; i < data.labels.size(); ++i)
    data.inputs.push_back(
        numbers_at(alone, "tasks.tasks[0].train.inputs[" + std::to_string(i) + "]"));
  const reference::Network naive{{2, 6, 5, 3}, Activation::tanh};
  const Numbers found = numbers_at(result, "learners[0].importance[0]");
  const std::vector<float> floats(found.begin(), found.end());
  CHECK(reference::relative_error(floats, reference::fisher(naive, data, theta, true)) < 1e-5);
  // From a single example: that of one of the nine.
  const Value single = run(with(with(small_classification(), "record.importance", true), "methods",
                                json("[{'kind': 'ewc', 'fisher_samples': 1}]")));
  const Numbers alone_found = numbers_at(single, "learners[0].importance[0]");
  const std::vector<float> one(alone_found.begin(), alone_found.end());
  int matches = 0;
  for (std::size_t i = 0; i < data.labels.size(); ++i) {
    const reference::Data example{{data.inputs[i]}, {}, {data.labels[i]}};
    matches += reference::relative_error(
                   one, reference::fisher(naive, example, theta, true)) < 1e-4;
  }
  CHECK(matches == 1);
}

TEST_CASE("methods: GEM over a whole training: the nearest gradient that no memory is against") {
  // Three tasks of one table; every memory is its task's whole set, so that the test can compute
  // g_k by itself.
  auto problem = reference::make_problem({2, 8, 2}, Activation::tanh, Loss::mse, 30, 11);
  const Model model = problem.model();
  const Range tasks[] = {{0, 12}, {12, 20}, {20, 30}};
  const MethodEntry* entry = find_kind(method_entries(), "gem");
  Faults faults;
  const Settings settings =
      read_settings("", json("{'memory_per_task': 100}"), entry->parameters, {}, faults);
  REQUIRE(faults == Faults{});
  const auto gem = entry->make(settings);
  Workspace workspace;
  Random random(1, "gem");
  std::vector<float>& theta = problem.theta;
  std::vector<float> g(theta.size());
  int projected = 0, untouched = 0, both = 0;
  for (std::size_t task = 0; task < 3; ++task) {
    for (std::uint32_t step = 0; step < 200; ++step) {
      // Two examples a step, so that the gradients point here and there.
      const std::uint32_t first = tasks[task].begin + 2 * step % tasks[task].size();
      const auto rows = model.data.rows({first, first + 2});
      loss_gradient(model, theta, rows, 1, false, g, workspace);
      std::vector<std::vector<double>> constraints;
      for (std::size_t k = 0; k < task; ++k) {
        std::vector<float> gk(theta.size());
        loss_gradient(model, theta, model.data.rows(tasks[k]), 1, false, gk, workspace);
        constraints.emplace_back(gk.begin(), gk.end());
      }
      const std::vector<double> before(g.begin(), g.end());
      const std::vector<float> kept = g;
      gem->shape_gradient({.model = model, .task = tasks[task], .batch = rows, .parameters = theta,
                           .loss_gradient = {}, .workspace = workspace, .random = random}, g);
      const std::vector<double> after(g.begin(), g.end());
      int violated = 0;
      bool near_zero = false;  // the sign of an inner product is below float's rounding
      for (const auto& gk : constraints) {
        const double size = std::sqrt(inner_product(gk, gk) * inner_product(before, before));
        REQUIRE(inner_product(after, gk) > -2e-6 * size);
        violated += inner_product(before, gk) < 0;
        near_zero = near_zero || std::abs(inner_product(before, gk)) < 1e-6 * size;
      }
      if (violated == 0 && !near_zero) {
        REQUIRE(g == kept);
        untouched += task > 0;
      } else if (violated > 0 && !near_zero) {
        REQUIRE(g != kept);
        REQUIRE(gem->projection()->active);
        const Projection nearest = project(before, constraints, 0, 0);
        const double norm = std::sqrt(inner_product(before, before));
        for (std::size_t i = 0; i < g.size(); ++i)
          REQUIRE(std::abs(g[i] - nearest.projected[i]) < 1e-5 * norm);
        ++projected;
        both += violated == 2;
      }
      for (std::size_t i = 0; i < theta.size(); ++i) theta[i] -= 0.1f * g[i];
    }
    gem->end_task({.model = model, .task = tasks[task], .batch = {}, .parameters = theta,
                           .loss_gradient = {}, .workspace = workspace, .random = random});
  }
  CHECK(projected > 20);
  CHECK(untouched > 20);
  CHECK(both > 0);
}

TEST_CASE("methods: GEM's recorded inner products, before and after") {
  const Value result = run(with(
      with(with(small_regression(), "record", json("{'every': 1, 'gradients': true}")),
           "methods", json("[{'kind': 'gem', 'memory_per_task': 6}, {'kind': 'finetune'}]")),
      "training.optimizer", json("{'kind': 'sgd', 'learning_rate': 0.05}")));
  CHECK(size_at(result, "learners[1].gradients") == 0);
  const std::size_t count = size_at(result, "learners[0].gradients");
  REQUIRE(count >= 24);  // at every step of the second and the third task
  int active = 0, idle = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string path = "learners[0].gradients[" + std::to_string(i) + "].";
    const double step = number_at(result, path + "step");
    const Numbers before = numbers_at(result, path + "before"),
                  after = numbers_at(result, path + "after"),
                  multipliers = numbers_at(result, path + "multipliers");
    if (step < 13) continue;  // the first task ends with an empty report
    INFO("step " << step);
    const std::size_t past = step <= 24 ? 1 : 2;
    REQUIRE(before.size() == past);
    REQUIRE(after.size() == past);
    REQUIRE(multipliers.size() == past);
    const bool violated = *std::min_element(before.begin(), before.end()) < 0;
    CHECK(*at(result, path + "active").as<bool>() == violated);
    CHECK(number_at(result, path + "kkt_residual") < 1e-12);
    for (std::size_t k = 0; k < past; ++k) {
      CHECK(multipliers[k] >= 0);
      CHECK(after[k] > -1e-6);
      if (!violated) CHECK(after[k] == before[k]);
    }
    if (past == 1 && violated) CHECK(std::abs(after[0]) < 1e-6);  // the one constraint binds
    (violated ? active : idle) += 1;
  }
  CHECK(active > 0);
  CHECK(idle > 0);
}
