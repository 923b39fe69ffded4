// Whole short trainings against PyTorch (tools/fixtures.py made the files, and explains them).
#include <cmath>

#include "support.hpp"

using namespace support;

namespace {

// How many learners of a fixture the catalogue must know. A fixture may name methods and options
// that come later: those are left out, and a number here may then be raised.
struct Fixture {
  const char* name;
  std::size_t known;
};

const Fixture kFixtures[] = {{"optimizers-mse", 17},
                             {"optimizers-cross-entropy", 17},
                             {"l1-at-zero", 1},
                             {"linear-mse", 1},
                             {"linear-cross-entropy", 1},
                             {"activation-tanh-mse-1", 1},
                             {"activation-tanh-mse-3", 1},
                             {"activation-tanh-cross-entropy", 1},
                             {"activation-relu-mse-1", 1},
                             {"activation-relu-mse-3", 1},
                             {"activation-relu-cross-entropy", 1},
                             {"activation-sigmoid-mse-1", 1},
                             {"activation-sigmoid-mse-3", 1},
                             {"activation-sigmoid-cross-entropy", 1},
                             {"activation-softplus-mse-1", 1},
                             {"activation-softplus-mse-3", 1},
                             {"activation-softplus-cross-entropy", 1},
                             {"activation-identity-mse-1", 1},
                             {"activation-identity-mse-3", 1},
                             {"activation-identity-cross-entropy", 1},
                             {"methods-mse-deep", 18},
                             {"methods-mse-wide", 18},
                             {"methods-cross-entropy-deep", 18},
                             {"methods-cross-entropy-wide", 18},
                             {"penalties-mse-deep", 11},
                             {"penalties-mse-wide", 11},
                             {"penalties-cross-entropy-deep", 11},
                             {"penalties-cross-entropy-wide", 11},
                             {"distillation-mse-deep", 8},
                             {"distillation-mse-wide", 8},
                             {"distillation-cross-entropy-deep", 8},
                             {"distillation-cross-entropy-wide", 8},
                             {"agem-mse-deep", 3},
                             {"agem-mse-wide", 3},
                             {"agem-cross-entropy-deep", 3},
                             {"agem-cross-entropy-wide", 3}};

constexpr double kTolerance = 1e-3;

// Whether the catalogue has the method and all its options; anything else wrong with it is an error.
bool is_known(const Value& experiment, const Value& method) {
  Value alone = experiment;
  place(alone, "methods") = Array{method};
  bool known = true;
  for (const std::string& fault : faults_of(alone)) {
    INFO(fault);
    const bool unknown_key = fault.find(": unknown key") != std::string::npos;
    const bool unknown_choice = fault.find(": must be one of ") != std::string::npos;
    REQUIRE((unknown_key || unknown_choice));
    known = false;
  }
  return known;
}

// Relative where the expected number is above 1, as tools/fixtures.py measures it.
double distance(const Numbers& found, const Numbers& expected) {
  REQUIRE(found.size() == expected.size());
  double worst = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const double apart = std::abs(found[i] - expected[i]) / std::max(1.0, std::abs(expected[i]));
    worst = apart <= worst ? worst : apart;  // NaN stays
  }
  return worst;
}

// The rows that a learner's training losses had at the ends of tasks, from its curves.
Numbers training_losses(const Value& result, std::size_t index, double step) {
  const std::string curves = learner(index) + ".curves";
  const Numbers steps = numbers_at(result, curves + ".step");
  const auto place = std::find(steps.begin(), steps.end(), step);
  REQUIRE(place != steps.end());
  Numbers row;
  for (std::size_t j = 0; j < size_at(result, curves + ".train_loss"); ++j)
    row.push_back(numbers_at(result, curves + ".train_loss[" + std::to_string(j) + "]")
                      [static_cast<std::size_t>(place - steps.begin())]);
  return row;
}

// The largest distance of anything that the learner should share with PyTorch's.
double distance(const Value& result, std::size_t index, const Value& expected,
                std::size_t expected_index, double steps_per_task) {
  const std::string of = "[" + std::to_string(expected_index) + "]";
  double worst = distance(numbers_at(result, learner(index) + ".parameters"),
                          numbers_at(expected, "parameters" + of));
  const std::size_t tasks = size_at(expected, "test_loss" + of);
  REQUIRE(tasks == size_at(result, learner(index) + ".matrix.loss.after"));
  for (std::size_t i = 0; i < tasks; ++i) {
    const std::string row = "[" + std::to_string(i) + "]";
    worst = std::max(worst, distance(numbers_at(result, learner(index) + ".matrix.loss.after" + row),
                                     numbers_at(expected, "test_loss" + of + row)));
    worst = std::max(worst, distance(training_losses(result, index,
                                                     steps_per_task * static_cast<double>(i + 1)),
                                     numbers_at(expected, "train_loss" + of + row)));
  }
  return worst;
}

}  // namespace

TEST_CASE("fixtures: whole trainings end where PyTorch's do") {
  for (const Fixture& one : kFixtures) {
    INFO(one.name);
    const Value file = fixture(one.name);
    Value experiment = at(file, "experiment");
    const Array methods = *at(experiment, "methods").as<Array>();
    Array known;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < methods.size(); ++i)
      if (is_known(experiment, methods[i])) {
        known.push_back(methods[i]);
        places.push_back(i);
      }
    REQUIRE(known.size() >= one.known);
    place(experiment, "methods") = known;
    const Value result = run(experiment);
    const double steps = number_at(experiment, "training.steps_per_task");
    for (std::size_t i = 0; i < known.size(); ++i) {
      INFO(write_json(known[i]));
      CHECK(status_of(result, i) == "finished");
      CHECK(distance(result, i, at(file, "expected"), places[i], steps) < kTolerance);
    }
  }
}
