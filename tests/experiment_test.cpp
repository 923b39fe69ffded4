// Experiments as a whole: lockstep, determinism, what is recorded, divergence, changes by hand.
#include "experiment.hpp"

#include <cmath>
#include <set>

#include "allocations.hpp"
#include "support.hpp"

using namespace support;

namespace {

Value methods(const char* text) { return json(text); }

Value regression(const char* list) { return with(small_regression(), "methods", methods(list)); }
Value classification(const char* list) {
  return with(small_classification(), "methods", methods(list));
}

// Some learners that draw, remember and solve.
const char* const kMixed =
    "[{'kind': 'finetune'}, {'kind': 'ewc', 'lambda': 5, 'fisher_samples': 4},"
    " {'kind': 'gem', 'memory_per_task': 4}, {'kind': 'replay', 'memory_per_task': 5,"
    " 'replay_batch': 3, 'selection': 'last'}, {'kind': 'joint'}]";

std::string digest_when(const Value& document, const std::vector<std::size_t>& strides,
                        bool watched) {
  const auto experiment = open(document);
  for (std::size_t i = 0; experiment->step(strides[i % strides.size()]) > 0; ++i) {
    if (!watched) continue;
    experiment->snapshot();
    experiment->result();
    experiment->describe();
  }
  return digest_of(experiment->result());
}

Numbers curve(const Value& result, std::size_t index, const std::string& name, std::size_t task) {
  return numbers_at(result,
                    learner(index) + ".curves." + name + "[" + std::to_string(task) + "]");
}

Numbers steps_of(const Value& result, std::size_t index = 0) {
  return numbers_at(result, learner(index) + ".curves.step");
}

}  // namespace

// ---------------------------------------------------------------- determinism

TEST_CASE("experiment: step(100) is 100 times step(1), and looking changes nothing") {
  for (const Value& document : {regression(kMixed), classification(kMixed)}) {
    const std::string expected = digest_when(document, {100}, false);
    CHECK(digest_when(document, {1}, false) == expected);
    CHECK(digest_when(document, {1}, true) == expected);
    CHECK(digest_when(document, {7, 1, 13, 2}, true) == expected);
    CHECK(digest_when(document, {1'000'000'000}, false) == expected);
  }
}

TEST_CASE("experiment: step returns how many were done, and 0 at the end") {
  const auto experiment = open(regression("[{'kind': 'finetune'}]"));
  CHECK(experiment->step(0) == 0);
  CHECK(experiment->step(5) == 5);
  CHECK(experiment->done() == 5);
  CHECK_FALSE(experiment->finished());
  CHECK(experiment->step(100) == 31);
  CHECK(experiment->finished());
  CHECK(experiment->step(100) == 0);
  CHECK(experiment->done() == 36);
}

TEST_CASE("experiment: learners share the start and the batches") {
  const Value result = run(regression(
      "[{'kind': 'finetune'}, {'kind': 'gem'}, {'kind': 'finetune'}, {'kind': 'joint'}]"));
  CHECK(digest_of(result, 2) == digest_of(result, 0));
  for (std::size_t i = 1; i < 4; ++i)
    for (std::size_t task = 0; task < 3; ++task)
      CHECK(curve(result, i, "loss", task)[0] == curve(result, 0, "loss", task)[0]);
}

TEST_CASE("experiment: the seed decides, the same seed the same") {
  const Value document = regression(kMixed);
  CHECK(same(run(document), run(document)));
  CHECK(digest_of(run(document)) != digest_of(run(with(document, "seed", 6))));
}

TEST_CASE("experiment: learners trained one at a time, as hosts with threads do") {
  const Value document = regression(kMixed);
  const auto experiment = open(document);
  for (std::size_t i = experiment->learners(); i-- > 0;)
    for (std::size_t until : {10, 12, 30, 36}) experiment->train_learner(i, until);
  CHECK(experiment->step(1000) == 36);
  CHECK(same(experiment->result(), run(document)));
}

TEST_CASE("experiment: what is recorded beside them changes neither curves nor parameters") {
  const Value document = regression(kMixed);
  const std::string expected = digest_of(run(document));
  CHECK(digest_of(run(with(document, "record.gradients", true))) == expected);
  CHECK(digest_of(run(with(document, "record.importance", true))) == expected);
  const Value bare = run(with(document, "record.parameters", false));
  CHECK(digest_of(bare) == expected);
  CHECK(at(bare, "learners[0].parameters").is_null());
  // More points of the curves: another digest, the same training.
  CHECK(numbers_at(run(with(document, "record.every", 1)), "learners[2].parameters") ==
        numbers_at(run(document), "learners[2].parameters"));
}

TEST_CASE("experiment: a learner's own training is the shared one with its changes") {
  const Value own = run(regression(
      "[{'kind': 'ewc'}, {'kind': 'ewc', 'training': {'l2': 0.1}},"
      " {'kind': 'ewc', 'training': {'optimizer': {'kind': 'sgd', 'learning_rate': 0.2}}},"
      " {'kind': 'ewc', 'training': {}}]"));
  Value shared = with(regression("[{'kind': 'ewc'}]"), "training.l2", 0.1);
  CHECK(digest_of(own, 1) == digest_of(run(shared), 0));
  place(shared, "training.l2") = 0;
  place(shared, "training.optimizer") = json("{'kind': 'sgd', 'learning_rate': 0.2}");
  CHECK(digest_of(own, 2) == digest_of(run(shared), 0));
  CHECK(digest_of(own, 3) == digest_of(own, 0));
  CHECK(digest_of(own, 1) != digest_of(own, 0));
  CHECK(digest_of(own, 2) != digest_of(own, 0));
}

// ---------------------------------------------------------------- batches

TEST_CASE("batches: every example once in an epoch, the last batch smaller, the order ever new") {
  BatchSampler sampler;
  sampler.start({5, 16}, 4, Random(1, "batches"));
  std::vector<std::vector<std::uint32_t>> orders;
  for (int epoch = 0; epoch < 6; ++epoch) {
    orders.emplace_back();
    for (std::size_t size : {4u, 4u, 3u}) {
      const auto batch = sampler.next();
      REQUIRE(batch.size() == size);
      orders.back().insert(orders.back().end(), batch.begin(), batch.end());
    }
    const std::set<std::uint32_t> seen(orders.back().begin(), orders.back().end());
    CHECK(seen.size() == 11);
    CHECK(*seen.begin() == 5);
    CHECK(*seen.rbegin() == 15);
  }
  CHECK(std::set<std::vector<std::uint32_t>>(orders.begin(), orders.end()).size() == 6);
}

TEST_CASE("batches: 0 is the whole set in its own order; more than there is, the whole set") {
  BatchSampler sampler;
  sampler.start({3, 8}, 0, Random(1, "batches"));
  for (int i = 0; i < 3; ++i) {
    const auto batch = sampler.next();
    CHECK(std::vector<std::uint32_t>(batch.begin(), batch.end()) ==
          std::vector<std::uint32_t>{3, 4, 5, 6, 7});
  }
  sampler.start({3, 8}, 99, Random(1, "batches"));
  CHECK(sampler.next().size() == 5);
  CHECK(sampler.next().size() == 5);
}

TEST_CASE("experiment: epochs count batches, the last, smaller one too") {
  const auto steps = [](int batch_size) {
    Value document = regression("[{'kind': 'finetune'}]");
    place(document, "training") = Object{{"epochs", 3}, {"batch_size", batch_size}};
    return numbers_at(open(document)->describe(), "boundaries");
  };
  CHECK(steps(4) == Numbers{9, 18, 27});  // 11 points: 4 + 4 + 3
  CHECK(steps(11) == Numbers{3, 6, 9});
  CHECK(steps(10) == Numbers{6, 12, 18});
  CHECK(steps(0) == Numbers{3, 6, 9});
  CHECK(steps(1) == Numbers{33, 66, 99});
}

TEST_CASE("experiment: an epoch is as many steps") {
  Value by_steps = regression("[{'kind': 'finetune'}]"), by_epochs = by_steps;
  place(by_steps, "training") = json("{'steps_per_task': 9, 'batch_size': 4}");
  place(by_epochs, "training") = json("{'epochs': 3, 'batch_size': 4}");
  CHECK(digest_of(run(by_steps)) == digest_of(run(by_epochs)));
}

// ---------------------------------------------------------------- what is recorded

TEST_CASE("experiment: curves have the start, every so many steps, and every task's last step") {
  for (const Value& document : {regression(kMixed), classification(kMixed)}) {
    const Value result = run(document);  // every 5 of 12 + 12 + 12 steps
    const Numbers expected = {0, 5, 10, 12, 15, 20, 24, 25, 30, 35, 36};
    for (std::size_t i = 0; i < 5; ++i) {
      CHECK(steps_of(result, i) == expected);
      const bool labels = !at(result, learner(i) + ".curves.accuracy").is_null();
      CHECK(labels == (string_at(document, "tasks.kind") == "explicit"));
      for (std::size_t task = 0; task < 3; ++task) {
        const Numbers loss = curve(result, i, "loss", task);
        REQUIRE(loss.size() == expected.size());
        REQUIRE(curve(result, i, "train_loss", task).size() == expected.size());
        CHECK(number_at(result, "version") == 1);
        if (labels)
          for (double share : curve(result, i, "accuracy", task))
            CHECK(std::abs(share * 9 - std::round(share * 9)) < 1e-12);  // of nine test examples
        // The matrix is the curves at the start and at the ends of the tasks.
        const std::string matrix = learner(i) + ".matrix.loss.";
        CHECK(numbers_at(result, matrix + "initial")[task] == loss[0]);
        const std::size_t ends[] = {3, 6, 10};
        for (std::size_t after = 0; after < 3; ++after)
          CHECK(numbers_at(result, matrix + "after[" + std::to_string(after) + "]")[task] ==
                loss[ends[after]]);
      }
    }
  }
}

TEST_CASE("experiment: metrics are those of the matrix, by accuracy where there is one") {
  for (const Value& document : {regression(kMixed), classification(kMixed)}) {
    const Value result = run(document);
    const bool labels = string_at(document, "tasks.kind") == "explicit";
    const std::string quantity = labels ? "accuracy" : "loss";
    ResultMatrix matrix{numbers_at(result, "learners[1].matrix." + quantity + ".initial"), {}};
    for (int i = 0; i < 3; ++i)
      matrix.after.push_back(numbers_at(
          result, "learners[1].matrix." + quantity + ".after[" + std::to_string(i) + "]"));
    const Metrics expected = metrics(matrix, labels);
    const std::string path = "learners[1].metrics.";
    CHECK(number_at(result, path + "average_" + quantity) == expected.average);
    CHECK(number_at(result, path + "learning_" + quantity) == expected.learning);
    CHECK(number_at(result, path + "backward_transfer") == expected.backward_transfer);
    CHECK(number_at(result, path + "forward_transfer") == expected.forward_transfer);
    CHECK(number_at(result, path + "forgetting") == expected.forgetting);
  }
}

TEST_CASE("experiment: the parameters of a result are those that gave its last losses") {
  for (Value document : {regression("[{'kind': 'finetune'}]"),
                         classification("[{'kind': 'finetune'}]")}) {
    const Value result = run(document);
    place(document, "network.parameters") = numbers_at(result, "learners[0].parameters");
    const Value again = open(document)->result();
    CHECK(numbers_at(again, "learners[0].matrix.loss.initial") ==
          numbers_at(result, "learners[0].matrix.loss.after[2]"));
    CHECK(numbers_at(again, "learners[0].parameters") ==
          numbers_at(result, "learners[0].parameters"));
  }
}

TEST_CASE("experiment: digest is 16 hexadecimal digits, and of the run alone") {
  const std::string digest = digest_of(run(regression(kMixed)));
  CHECK(digest.size() == 16);
  CHECK(digest.find_first_not_of("0123456789abcdef") == std::string::npos);
  // The order of the learners counts.
  CHECK(digest_of(run(regression("[{'kind': 'finetune'}, {'kind': 'joint'}]"))) !=
        digest_of(run(regression("[{'kind': 'joint'}, {'kind': 'finetune'}]"))));
}

TEST_CASE("experiment: describe tells what does not change") {
  const auto experiment = open(regression(kMixed));
  const Value facts = experiment->describe();
  CHECK(number_at(facts, "steps") == 36);
  CHECK(numbers_at(facts, "boundaries") == Numbers{12, 24, 36});
  CHECK(number_at(facts, "inputs") == 1);
  CHECK(number_at(facts, "outputs") == 1);
  CHECK(number_at(facts, "parameters") == 6 * 2 + 5 * 7 + 6);
  REQUIRE(size_at(facts, "learners") == 5);
  CHECK(string_at(facts, "learners[2].kind") == "gem");
  CHECK(string_at(facts, "learners[2].label") == "GEM");
  REQUIRE(size_at(facts, "tasks") == 3);
  CHECK(string_at(facts, "tasks[1].name") == "B");
  CHECK(string_at(facts, "tasks[1].loss") == "mse");
  CHECK(number_at(facts, "tasks[1].train.count") == 11);
  CHECK(numbers_at(facts, "tasks[1].train.inputs").size() == 11);
  CHECK(numbers_at(facts, "tasks[1].train.targets").size() == 11);
  CHECK(number_at(facts, "tasks[1].test.count") == 7);
  CHECK(numbers_at(facts, "tasks[1].truth.x").size() == numbers_at(facts, "tasks[1].truth.y").size());
  const Numbers grid = numbers_at(facts, "grid.x");
  CHECK(grid.front() == -2);
  CHECK(grid.back() == 2);
  CHECK(std::is_sorted(grid.begin(), grid.end()));
  experiment->step(20);
  CHECK(same(experiment->describe(), facts));

  const Value labelled = open(classification(kMixed))->describe();
  CHECK(numbers_at(labelled, "grid.x").size() == 48);  // two inputs: over the plane
  CHECK(numbers_at(labelled, "grid.y").size() == 48);
  CHECK(at(labelled, "tasks[0].truth").is_null());
  CHECK(numbers_at(labelled, "tasks[0].train.labels").size() == 9);
  CHECK(numbers_at(labelled, "tasks[0].train.inputs").size() == 18);
  CHECK(string_at(labelled, "tasks[0].loss") == "cross_entropy");
}

TEST_CASE("experiment: a snapshot shows where it stands") {
  const auto experiment = open(regression(kMixed));
  const auto task = [&] { return number_at(experiment->snapshot(), "task"); };
  CHECK(number_at(experiment->snapshot(), "step") == 0);
  CHECK(task() == 0);
  experiment->step(11);
  CHECK(task() == 0);
  experiment->step(1);
  CHECK(task() == 1);
  CHECK(size_at(experiment->snapshot(), "learners[0].fit.ends") == 1);
  experiment->step(13);
  Value shown = experiment->snapshot();
  CHECK(number_at(shown, "step") == 25);
  CHECK(number_at(shown, "task") == 2);
  CHECK_FALSE(*at(shown, "finished").as<bool>());
  CHECK(status_of(shown, 0) == "running");
  CHECK(size_at(shown, "learners[0].fit.ends") == 2);
  CHECK(at(shown, "learners[0].metrics").is_null());
  experiment->step(100);
  shown = experiment->snapshot();
  CHECK(number_at(shown, "task") == 2);
  CHECK(*at(shown, "finished").as<bool>());
  CHECK(status_of(shown, 0) == "finished");
  CHECK(digest_of(shown) == digest_of(experiment->result()));
  CHECK(digest_of(shown, 1) == digest_of(experiment->result(), 1));
  CHECK(number_at(shown, "learners[0].metrics.average_loss") ==
        number_at(experiment->result(), "learners[0].metrics.average_loss"));
}

TEST_CASE("experiment: fits are the network's function on the grid, now and at the tasks' ends") {
  // A linear network: f(x) = wx + b.
  Value document = with(regression("[{'kind': 'finetune'}]"), "network", json("{'hidden': []}"));
  const auto experiment = open(document);
  const Numbers grid = numbers_at(experiment->describe(), "grid.x");
  Numbers at_first_end;
  for (int stop : {0, 12, 36}) {
    experiment->step(static_cast<std::size_t>(stop) - experiment->done());
    const Numbers theta = numbers_at(experiment->result(), "learners[0].parameters");
    const Value shown = experiment->snapshot();
    const Numbers fit = numbers_at(shown, "learners[0].fit.now");
    REQUIRE(fit.size() == grid.size());
    for (std::size_t i = 0; i < grid.size(); ++i)
      REQUIRE(std::abs(fit[i] - (theta[0] * grid[i] + theta[1])) < 1e-5);
    if (stop == 12) at_first_end = fit;
    if (stop > 0) CHECK(numbers_at(shown, "learners[0].fit.ends[0]") == at_first_end);
    if (stop == 36) CHECK(numbers_at(shown, "learners[0].fit.ends[2]") == fit);
  }
}

TEST_CASE("experiment: a fit over the plane is the largest output, and its lead over the next") {
  // A linear network, so that any θ gives its outputs by hand: W (3 × 2), then b.
  const auto experiment =
      open(with(classification("[{'kind': 'finetune'}]"), "network", json("{'hidden': []}")));
  const Numbers xs = numbers_at(experiment->describe(), "grid.x");
  const Numbers ys = numbers_at(experiment->describe(), "grid.y");
  experiment->step(20);
  const Numbers theta = numbers_at(experiment->result(), "learners[0].parameters");
  const Numbers fit = numbers_at(experiment->snapshot(), "learners[0].fit.now");
  const std::size_t count = xs.size() * ys.size();
  REQUIRE(fit.size() == 2 * count);
  for (std::size_t i = 0; i < count; ++i) {
    Numbers outputs(3);
    for (std::size_t o = 0; o < 3; ++o)
      outputs[o] =
          theta[2 * o] * xs[i % xs.size()] + theta[2 * o + 1] * ys[i / xs.size()] + theta[6 + o];
    Numbers sorted = outputs;
    std::sort(sorted.begin(), sorted.end());
    REQUIRE(std::abs(outputs[static_cast<std::size_t>(fit[i])] - sorted[2]) < 1e-5);
    REQUIRE(std::abs(fit[count + i] - (sorted[2] - sorted[1])) < 1e-5);
  }
}

TEST_CASE("experiment: a snapshot shows which examples a memory keeps") {
  const auto experiment = open(classification(kMixed));
  experiment->step(11);
  CHECK(numbers_at(experiment->snapshot(), "learners[2].fit.kept").empty());
  experiment->step(1);
  const Value shown = experiment->snapshot();
  CHECK(numbers_at(shown, "learners[0].fit.kept").empty());
  for (const auto& [learner, memory] : {std::pair("learners[2]", 4), {"learners[3]", 5}}) {
    const Numbers kept = numbers_at(shown, std::string(learner) + ".fit.kept");
    CHECK(std::set(kept.begin(), kept.end()).size() == static_cast<std::size_t>(memory));
    for (double row : kept) CHECK(row < 9);  // of the first task's nine
  }
}

// ---------------------------------------------------------------- divergence

TEST_CASE("experiment: a learner that diverges says when, and the others go on") {
  const char* list =
      "[{'kind': 'finetune'},"
      " {'kind': 'l2', 'training': {'optimizer': {'kind': 'sgd', 'learning_rate': 10}, 'l2': 9}},"
      " {'kind': 'gem'}]";
  const Value result = run(regression(list));
  CHECK(status_of(result, 1) == "diverged");
  const double when = number_at(result, "learners[1].diverged_at");
  CHECK(when > 1);
  CHECK(when < 36);
  CHECK(at(result, "learners[1].metrics").is_null());
  CHECK(steps_of(result, 1).back() <= when);
  const Value others = run(regression("[{'kind': 'finetune'}, {'kind': 'gem'}]"));
  for (std::size_t i : {0u, 2u}) {
    CHECK(status_of(result, i) == "finished");
    CHECK(at(result, learner(i) + ".diverged_at").is_null());
    CHECK(digest_of(result, i) == digest_of(others, i / 2));
  }
  CHECK(digest_when(regression(list), {1}, true) == digest_of(result));
  Faults faults;
  parse_json(write_json(result), faults);  // NaN and infinity are null there
  CHECK(faults == Faults{});

  const auto experiment = open(regression(list));
  experiment->step(static_cast<std::size_t>(when) - 1);
  CHECK(status_of(experiment->snapshot(), 1) == "running");
  experiment->step(1);
  CHECK(status_of(experiment->snapshot(), 1) == "diverged");
  CHECK(number_at(experiment->snapshot(), "learners[1].diverged_at") == when);
  experiment->step(100);
  CHECK(experiment->finished());
  CHECK(number_at(experiment->snapshot(), "learners[1].diverged_at") == when);
}

TEST_CASE("experiment: a start whose loss is not finite has diverged at step 0") {
  Value document = with(regression("[{'kind': 'finetune'}]"), "network", json("{'hidden': []}"));
  place(document, "network.parameters") = Numbers{3e38, 3e38};
  const Value result = run(document);
  CHECK(status_of(result, 0) == "diverged");
  CHECK(number_at(result, "learners[0].diverged_at") == 0);
  CHECK(steps_of(result) == Numbers{0});
}

// ---------------------------------------------------------------- changes by hand

TEST_CASE("experiment: what is changed by hand and back at one step is no change") {
  const auto experiment = open(regression(kMixed));
  const double lambda = number_at(experiment->describe(), "experiment.methods[1].lambda");
  experiment->step(14);
  CHECK(experiment->alter(1, "lambda", 700.0) == Faults{});
  CHECK(experiment->alter(1, "lambda", lambda) == Faults{});
  CHECK(at(experiment->snapshot(), "learners[1].altered_at").is_null());
  experiment->step(1000);
  CHECK(same(experiment->result(), run(regression(kMixed))));
}

TEST_CASE("experiment: what was changed by hand is replayed from the document that it leaves") {
  const auto experiment = open(regression(kMixed));
  experiment->step(14);
  CHECK(experiment->alter(1, "lambda", 700.0) == Faults{});
  experiment->step(3);
  CHECK(experiment->alter(2, "margin", 0.5) == Faults{});
  CHECK(experiment->alter(1, "lambda", 3.0) == Faults{});
  experiment->step(10);
  CHECK(experiment->alter(3, "weight", 0) == Faults{});
  CHECK(experiment->alter(3, "weight", 2) == Faults{});  // at the same step the last one counts
  CHECK(experiment->alter(1, "lambda", 3.0) == Faults{});  // in force already
  const Value shown = experiment->snapshot();
  CHECK(at(shown, "learners[0].altered_at").is_null());
  CHECK(number_at(shown, "learners[1].altered_at") == 14);
  CHECK(number_at(shown, "learners[3].altered_at") == 27);
  experiment->step(1000);
  const Value result = experiment->result();
  CHECK(write_json(at(result, "experiment.alterations")) ==
        "[{\"step\":14,\"learner\":1,\"key\":\"lambda\",\"value\":700},"
        "{\"step\":17,\"learner\":2,\"key\":\"margin\",\"value\":0.5},"
        "{\"step\":17,\"learner\":1,\"key\":\"lambda\",\"value\":3},"
        "{\"step\":27,\"learner\":3,\"key\":\"weight\",\"value\":2}]");
  CHECK(same(run(at(result, "experiment")), result));
  const Value unaltered = run(regression(kMixed));
  for (std::size_t i = 0; i < 5; ++i)
    CHECK((digest_of(result, i) == digest_of(unaltered, i)) == (i == 0 || i == 4));
  // Half replayed, half by hand.
  const auto again = open(without(at(result, "experiment"), "", "alterations"));
  again->step(14);
  again->alter(1, "lambda", 700.0);
  Value half = at(again->describe(), "experiment");
  const auto rest = open(half);
  rest->step(17);
  rest->alter(2, "margin", 0.5);
  rest->alter(1, "lambda", 3.0);
  rest->step(10);
  rest->alter(3, "weight", 2);
  rest->step(1000);
  CHECK(digest_of(rest->result()) == digest_of(result));
}

TEST_CASE("experiment: a change at step 0 is the parameter itself; changes count by step, not place") {
  const Value plain = regression("[{'kind': 'ewc', 'lambda': 40}]");
  const Value changed = with(regression("[{'kind': 'ewc', 'lambda': 1}]"), "alterations",
                             json("[{'step': 0, 'learner': 0, 'key': 'lambda', 'value': 40}]"));
  CHECK(digest_of(run(changed)) == digest_of(run(plain)));
  const char* forwards =
      "[{'step': 13, 'learner': 0, 'key': 'lambda', 'value': 7},"
      " {'step': 25, 'learner': 0, 'key': 'lambda', 'value': 90}]";
  const char* backwards =
      "[{'step': 25, 'learner': 0, 'key': 'lambda', 'value': 90},"
      " {'step': 13, 'learner': 0, 'key': 'lambda', 'value': 7}]";
  CHECK(digest_of(run(with(plain, "alterations", forwards))) ==
        digest_of(run(with(plain, "alterations", backwards))));
  CHECK(digest_of(run(with(plain, "alterations", forwards))) != digest_of(run(plain)));
}

TEST_CASE("experiment: a change counts from the very next step, and for its own learner alone") {
  // Rehearsal begins with the second task, at step 13: until then its weight means nothing.
  const char* two = "[{'kind': 'replay', 'weight': 0.5}, {'kind': 'replay', 'weight': 0.5}]";
  const Value heavier = run(regression("[{'kind': 'replay', 'weight': 4}]"));
  const Value changed = run(with(regression(two), "alterations",
                                 "[{'step': 12, 'learner': 1, 'key': 'weight', 'value': 4}]"));
  CHECK(digest_of(changed, 1) == digest_of(heavier, 0));
  CHECK(digest_of(changed, 0) == digest_of(run(regression(two)), 0));
  const Value late = run(with(regression(two), "alterations",
                              "[{'step': 13, 'learner': 1, 'key': 'weight', 'value': 4}]"));
  CHECK(digest_of(late, 1) != digest_of(heavier, 0));
}

TEST_CASE("experiment: a change of what cannot be changed is refused, and leaves no trace") {
  const auto experiment = open(regression(kMixed));
  const Value before = experiment->describe();
  CHECK(experiment->alter(5, "lambda", 1) ==
        Faults{"learner: must be an integer from 0 to 4, not 5"});
  CHECK(experiment->alter(0, "lambda", 1) ==
        Faults{"lambda: is no parameter of finetune that may be changed while it runs"});
  CHECK(experiment->alter(1, "fisher", "empirical") ==
        Faults{"fisher: is no parameter of ewc that may be changed while it runs"});
  CHECK(experiment->alter(1, "lambda", -1) ==
        Faults{"lambda: must be a number from 0 to 1e+09, not -1"});
  CHECK(experiment->alter(1, "lambda", nullptr) ==
        Faults{"lambda: must be a number from 0 to 1e+09, not null"});
  CHECK(same(experiment->describe(), before));
  experiment->step(100);
  CHECK(digest_of(experiment->result()) == digest_of(run(regression(kMixed))));
}

// ---------------------------------------------------------------- one method after another

namespace {

// The method after another: {"kind": …, "before": [{"kind": …, "until": …}]}.
Value after(Value method, Value before, double until) {
  place(before, "until") = until;
  return with(std::move(method), "before", Array{std::move(before)});
}

// Every method with settings under which it draws, remembers, and acts on the small tasks.
std::vector<Value> every_method() {
  std::vector<Value> all;
  for (const MethodEntry& entry : method_entries()) {
    Value method = Object{{"kind", entry.kind}};
    for (const Parameter& parameter : entry.parameters) {
      const std::string key(parameter.key);
      if (key == "memory_per_task") place(method, key) = 4;
      if (key == "replay_batch" || key == "reference_batch") place(method, key) = 3;
      if (key == "fisher") place(method, key) = "sampled";
      if (key == "lambda" || key == "c") place(method, key) = 2;
    }
    all.push_back(method);
  }
  return all;
}

}  // namespace

TEST_CASE("experiment: a method after itself is that method, at every step and for each of them") {
  // What a method keeps while another is in force is what it keeps while it is so itself.
  for (const Value& method : every_method())
    for (const Value& document : {small_regression(), small_classification()})
      for (const double until : {0, 5, 12, 17, 24, 30, 36}) {
        INFO(write_json(method) << " from " << until);
        const Value both =
            run(with(document, "methods", Array{method, after(method, method, until)}));
        CHECK(digest_of(both, 0) == digest_of(both, 1));
      }
}

TEST_CASE("experiment: until its turn comes the learner is the method before, then another") {
  const auto all = every_method();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Value& method = all[i];
    const Value& other = all[(i + 4) % all.size()];  // four on: no two that are alike
    INFO(write_json(method) << " after " << write_json(other));
    const Value result =
        run(with(small_regression(), "methods", Array{other, after(method, other, 20), method}));
    const Numbers steps = steps_of(result);
    const auto until = std::upper_bound(steps.begin(), steps.end(), 20) - steps.begin();
    bool differs = false;
    for (std::size_t task = 0; task < 3; ++task) {
      const Numbers before = curve(result, 0, "loss", task);
      const Numbers both = curve(result, 1, "loss", task);
      CHECK(std::equal(before.begin(), before.begin() + until, both.begin()));
      differs = differs || before != both;
    }
    CHECK(differs);
    CHECK(string_at(result, "learners[1].method.kind") == string_at(method, "kind"));
    // With the step 0 it takes over from the start.
    CHECK(digest_of(run(with(small_regression(), "methods", Array{after(method, other, 0)})), 0) ==
          digest_of(result, 2));
  }
}

TEST_CASE("experiment: fine-tuning until a step is the method with no strength until then") {
  for (const char* kind : {"l2", "ewc", "kfac", "mas", "lwf", "si"}) {
    const char* key = std::string(kind) == "si" ? "c" : "lambda";
    const Value plain = Object{{"kind", "finetune"}};
    const Value method = Object{{"kind", kind}, {key, 3}};
    for (const double step : {6, 12, 20, 29}) {
      INFO(kind << " from " << step);
      const Value late = with(small_regression(), "methods", Array{after(method, plain, step)});
      const Value weak = with(small_regression(), "methods", Array{Object{{"kind", kind}, {key, 0}}});
      const Value strengthened =
          with(weak, "alterations",
               Array{Object{{"step", step}, {"learner", 0}, {"key", key}, {"value", 3}}});
      CHECK(digest_of(run(late), 0) == digest_of(run(strengthened), 0));
    }
  }
}

TEST_CASE("experiment: several methods in turn, and what is changed by hand counts for the last") {
  const char* turns =
      "[{'kind': 'ewc', 'lambda': 9, 'before': [{'kind': 'ewc', 'lambda': 1, 'until': 15},"
      " {'kind': 'ewc', 'lambda': 40, 'until': 26}]}]";
  const char* changes =
      "[{'step': 15, 'learner': 0, 'key': 'lambda', 'value': 40},"
      " {'step': 26, 'learner': 0, 'key': 'lambda', 'value': 9}]";
  const Value altered = with(regression("[{'kind': 'ewc', 'lambda': 1}]"), "alterations", changes);
  CHECK(digest_of(run(regression(turns)), 0) == digest_of(run(altered), 0));
  const Value later = with(regression(turns), "alterations",
                           "[{'step': 3, 'learner': 0, 'key': 'lambda', 'value': 5}]");
  const Value other = with(regression(turns), "methods[0].lambda", 5);
  CHECK(digest_of(run(later), 0) == digest_of(run(other), 0));
  CHECK(digest_when(regression(turns), {1}, true) == digest_when(regression(turns), {100}, false));
}

TEST_CASE("experiment: joint training until a step, and from one") {
  // Its batches are of all tasks, so that another method's begin anew.
  const Value result = run(regression(
      "[{'kind': 'finetune', 'before': [{'kind': 'joint', 'until': 20}]}, {'kind': 'joint'},"
      " {'kind': 'joint', 'before': [{'kind': 'finetune', 'until': 20}]}, {'kind': 'finetune'}]"));
  const auto last = [&](std::size_t index, std::size_t task) {
    return curve(result, index, "loss", task).back();
  };
  CHECK(last(0, 2) < last(1, 2));  // the last task alone
  CHECK(last(2, 0) < last(3, 0));  // the first as well
  for (std::size_t index = 0; index < 4; ++index)
    CHECK(string_at(result, learner(index) + ".status") == "finished");
}

// ---------------------------------------------------------------- memory

TEST_CASE("experiment: a training step allocates nothing after the first of each task") {
  // Of the steps that are not recorded.
  for (Value document : {small_regression(), small_classification()}) {
    place(document, "record.every") = 10'000'000;
    place(document, "training.steps_per_task") = 40;
    for (const MethodEntry& entry : method_entries())
      for (const char* selection : {"", "last", "random"}) {
        Value one = Object{{"kind", entry.kind}};
        if (*selection && !find(entry.parameters, "selection")) continue;
        if (*selection) place(one, "selection") = selection;
        place(document, "methods") = Array{one};
        const auto experiment = open(document);
        for (int task = 0; task < 3; ++task) {
          experiment->step(1);
          const std::size_t before = allocations();
          for (int step = 2; step < 40; ++step) experiment->step(1);
          const std::size_t made = allocations() - before;
          INFO(entry.kind << " " << selection << ", task " << task);
          CHECK(made == 0);
          experiment->step(1);
        }
      }
  }
}
