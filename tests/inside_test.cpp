// What is seen of a learner inside: the springs that its penalty is, the units that are drawn, what
// GEM does to the gradient, and the losses elsewhere in parameter space.
#include "inside.hpp"

#include <cmath>
#include <optional>

#include "catalogue.hpp"
#include "method.hpp"
#include "reference.hpp"

using namespace support;

namespace {

// A method after the task, and what its penalty says of other parameters.
class Anchored {
 public:
  explicit Anchored(const reference::Problem& problem, const Value& settings)
      : problem_(problem), rows_(problem.table.rows(problem.all())) {
    Faults faults;
    const auto read =
        read_document(with(small_regression(), "methods", Array{settings}), {}, faults);
    REQUIRE(faults == Faults{});
    method_ = read->learners[0].method->make(read->learners[0].settings);
    // A step to the task's end, as SI wants to see one: each parameter's share in it differs.
    std::vector<float> before = problem.theta, gradient(before.size());
    for (float& x : before) x += 0.05f;
    for (std::size_t i = 0; i < before.size(); ++i)
      loss_gradient_.push_back(static_cast<float>(i % 5));
    method_->shape_gradient(step(before), gradient);
    method_->after_update(step(problem.theta));
    method_->end_task(step(problem.theta));
  }

  double penalty(const std::vector<float>& theta) {
    std::vector<float> gradient(theta.size());
    method_->shape_gradient(step(theta), gradient);
    return method_->penalty(theta);
  }

  Springs springs(const std::vector<float>& theta) { return method_->springs(theta); }

 private:
  Step step(std::span<const float> theta) {
    model_.emplace(problem_.model());
    return {*model_, problem_.all(), rows_, theta, loss_gradient_, true, workspace_, random_};
  }

  const reference::Problem& problem_;
  std::span<const std::uint32_t> rows_;
  std::optional<Model> model_;
  std::unique_ptr<Method> method_;
  std::vector<float> loss_gradient_;
  Workspace workspace_;
  Random random_{1, "inside"};
};

// Every penalty, and its second derivative by its stiffness.
struct Kind {
  const char* settings;
  double factor;
};
const Kind kPenalties[] = {
    {"{'kind': 'l2', 'lambda': 3}", 3},
    {"{'kind': 'ewc', 'lambda': 3}", 3},
    {"{'kind': 'ewc', 'lambda': 3, 'structure': 'full'}", 3},
    {"{'kind': 'ewc', 'lambda': 3, 'structure': 'full', 'consolidation': 'online', 'gamma': 0.5}",
     3},
    {"{'kind': 'kfac', 'lambda': 3}", 3},
    {"{'kind': 'mas', 'lambda': 3}", 6},
    {"{'kind': 'si', 'c': 3}", 6},
};

}  // namespace

TEST_CASE("inside: tension and stiffness are the penalty's first and second derivative") {
  for (const Loss loss : {Loss::mse, Loss::cross_entropy})
    for (const Kind& kind : kPenalties) {
      INFO(kind.settings);
      const auto problem = reference::make_problem({2, 4, 3}, Activation::tanh, loss, 6, 11);
      Anchored anchored(problem, json(kind.settings));
      std::vector<float> theta = problem.theta;
      Random random(2, "inside");
      for (float& x : theta) x += static_cast<float>(random.uniform(-0.5, 0.5));
      const Springs springs = anchored.springs(theta);
      REQUIRE(springs.stiffness.size() == theta.size());
      reference::Vector slope, curvature;
      const double here = anchored.penalty(theta);
      for (std::size_t i = 0; i < theta.size(); ++i) {
        const auto moved = [&](float by) {
          std::vector<float> there = theta;
          there[i] += by;
          return std::pair(anchored.penalty(there), static_cast<double>(there[i]));
        };
        const auto [above, high] = moved(1);
        const auto [below, low] = moved(-1);
        slope.push_back((above - below) / (high - low));
        curvature.push_back((above - 2 * here + below) / kind.factor);
      }
      CHECK(reference::relative_error(springs.tension, slope) < 1e-4);
      CHECK(reference::relative_error(springs.stiffness, curvature) < 1e-3);
      CHECK(*std::max_element(springs.stiffness.begin(), springs.stiffness.end()) > 0);
    }
}

TEST_CASE("inside: methods without a penalty on the parameters have no springs") {
  const auto problem =
      reference::make_problem({2, 4, 3}, Activation::tanh, Loss::cross_entropy, 6, 11);
  for (const char* settings : {"{'kind': 'finetune'}", "{'kind': 'replay'}", "{'kind': 'gem'}"}) {
    INFO(settings);
    CHECK(Anchored(problem, json(settings)).springs(problem.theta).stiffness.empty());
  }
}

TEST_CASE("inside: the units are those whose parameters weigh most, in their order") {
  const Network network({3, 4, 2}, Activation::tanh);
  // By hand, in the document's order: out × in, then the biases.
  const std::vector<float> weights = network.from_document_order(std::vector<float>{
      1, 0, 0, 0, 0, 5, 0, 0, 0, 2, 0, 0, 0, 0, 4, 0,  // units 0 1 2 3: 1, 5, 4, 2
      0, 0, 1, 0, 9, 0, 0, 0, 0, 0});                  // and 10, 5, 5, 2 with those going out
  const auto units = heaviest_units(network, weights, 2);
  CHECK(units ==
        std::vector<std::vector<std::size_t>>{{0, 2}, {0, 1}, {0, 1}});  // 5 = 5: the first
  CHECK(between(network, units, weights) == std::vector<float>{1, 0, 0, 5, 0, 0, 0, 0, 9, 0, 0, 0});
  CHECK(heaviest_units(network, weights, 3)[1] == std::vector<std::size_t>{0, 1, 2});
  CHECK(between(network, heaviest_units(network, weights, 4), weights) ==
        network.to_document_order(weights));
}

TEST_CASE("inside: a learner's weights, anchors and importance are those of its result") {
  Value document = with(small_classification(), "methods",
                        "[{'kind': 'finetune'}, {'kind': 'ewc', 'lambda': 5}]");
  place(document, "record.parameters") = true;
  place(document, "record.importance") = true;
  const auto experiment = open(document);
  CHECK(at(experiment->inside(1, 99), "stiffness").is_null());
  CHECK(same(at(experiment->inside(0, 99), "values"), at(experiment->inside(0, 99), "anchors")));
  experiment->step(12);
  const Value first = experiment->result();
  experiment->step(7);
  const Value looked = experiment->inside(1, 99), result = experiment->result();
  CHECK(number_at(looked, "step") == 19);
  CHECK(same(at(looked, "values"), at(result, "learners[1].parameters")));
  CHECK(same(at(looked, "anchors"), at(first, "learners[1].parameters")));
  CHECK(same(at(looked, "stiffness"), at(first, "learners[1].importance[0]")));
  const Numbers values = numbers_at(looked, "values"), anchors = numbers_at(looked, "anchors");
  const Numbers stiffness = numbers_at(looked, "stiffness"),
                tension = numbers_at(looked, "tension");
  for (std::size_t i = 0; i < values.size(); ++i)
    CHECK(tension[i] == Approx(5 * stiffness[i] * (values[i] - anchors[i])).margin(1e-6));
  CHECK(at(experiment->inside(0, 99), "tension").is_null());
  CHECK(size_at(experiment->inside(1, 2), "units") == 4);
  CHECK(numbers_at(experiment->inside(1, 2), "units[1]").size() == 2);
}

TEST_CASE("inside: at the end it is what held to the end, not what would hold a next task") {
  const auto experiment = open(
      with(small_regression(), "methods", "[{'kind': 'ewc', 'lambda': 5}, {'kind': 'finetune'}]"));
  experiment->step(35);
  const Value before = experiment->inside(0, 99);
  experiment->step(1);
  const Value end = experiment->inside(0, 99), free = experiment->inside(1, 99);
  REQUIRE(experiment->finished());
  for (const Value* seen : {&end, &free}) CHECK(number_at(*seen, "task") == 2);
  for (const char* part : {"anchors", "stiffness"}) CHECK(same(at(end, part), at(before, part)));
  CHECK_FALSE(same(at(free, "values"), at(free, "anchors")));
  const auto largest = [](const Numbers& numbers) {
    return *std::max_element(numbers.begin(), numbers.end());
  };
  CHECK(largest(numbers_at(end, "tension")) > 0.5 * largest(numbers_at(before, "tension")));
}

TEST_CASE("inside: looking changes nothing") {
  const Value document =
      with(small_regression(), "methods",
           "[{'kind': 'ewc', 'structure': 'full'}, {'kind': 'kfac'}, {'kind': 'si'},"
           " {'kind': 'gem', 'memory_per_task': 4}]");
  const auto experiment = open(document);
  do
    for (std::size_t i = 0; i < 4; ++i) experiment->inside(i, 3);
  while (experiment->step(1) > 0);
  CHECK(digest_of(experiment->result()) == digest_of(run(document)));
}

namespace {

// A task's test set as `describe` gives it.
reference::Data test_data(const Value& described, std::size_t task) {
  const std::string path = "tasks[" + std::to_string(task) + "].test.";
  const Numbers inputs = numbers_at(described, path + "inputs");
  const auto count = static_cast<std::size_t>(number_at(described, path + "count"));
  reference::Data data;
  for (std::size_t r = 0; r < count; ++r) {
    const auto width = static_cast<std::ptrdiff_t>(inputs.size() / count);
    const auto first = inputs.begin() + width * static_cast<std::ptrdiff_t>(r);
    data.inputs.emplace_back(first, first + width);
  }
  if (at(described, "tasks[0].loss").as<std::string>()->compare("mse") == 0)
    for (double y : numbers_at(described, path + "targets")) data.targets.push_back({y});
  else
    for (double label : numbers_at(described, path + "labels"))
      data.labels.push_back(static_cast<std::size_t>(label));
  return data;
}

}  // namespace

TEST_CASE(
    "inside: the loss at parameters of the run is the recorded one, elsewhere the definition's") {
  const char* const methods = "[{'kind': 'ewc', 'lambda': 5}, {'kind': 'finetune'}]";
  for (const Value& document : {with(small_regression(), "methods", methods),
                                with(small_classification(), "methods", methods)}) {
    const auto experiment = open(document);
    std::vector<Numbers> points;
    for (const std::size_t steps : {0, 12, 24}) {
      experiment->step(steps);
      const Value result = experiment->result();
      for (std::size_t i = 0; i < 2; ++i) {
        points.push_back(numbers_at(result, learner(i) + ".parameters"));
        for (std::size_t task = 0; task < 3; ++task)
          CHECK(
              experiment->loss(task, points.back()) ==
              numbers_at(result, learner(i) + ".curves.loss[" + std::to_string(task) + "]").back());
      }
    }
    REQUIRE(experiment->finished());

    const Value described = experiment->describe();
    std::vector<std::size_t> widths{static_cast<std::size_t>(number_at(described, "inputs")), 6, 5,
                                    static_cast<std::size_t>(number_at(described, "outputs"))};
    const reference::Network network{widths, Activation::tanh};
    Random random(3, "inside");
    for (int n = 0; n < 5; ++n) {
      Numbers theta = points[2];  // in the plane of θ₀, the end of the first task and the last end
      const double across = random.uniform(-1, 2), up = random.uniform(-1, 2);
      for (std::size_t i = 0; i < theta.size(); ++i) {
        theta[i] += across * (points[4][i] - points[2][i]) + up * (points[0][i] - points[2][i]);
        theta[i] = static_cast<float>(theta[i]);
      }
      for (std::size_t task = 0; task < 3; ++task)
        CHECK(experiment->loss(task, theta) ==
              Approx(reference::loss(network, test_data(described, task), theta)).epsilon(1e-5));
    }
    CHECK_FALSE(experiment->loss(3, points[0]));
    points[0].push_back(0);
    CHECK_FALSE(experiment->loss(0, points[0]));
    CHECK(digest_of(experiment->result()) == digest_of(run(document)));
  }
}

TEST_CASE("inside: what GEM did is what was recorded, and a projection is at right angles") {
  for (const char* kind : {"{'kind': 'gem', 'memory_per_task': 4}",
                           "{'kind': 'agem', 'memory_per_task': 4, 'reference_batch': 0}"}) {
    INFO(kind);
    Value document = with(small_regression(), "methods", Array{json(kind)});
    place(document, "tasks.tasks") = 2;
    place(document, "record.every") = 1;
    place(document, "record.gradients") = true;
    const auto experiment = open(document);
    experiment->step(12);
    CHECK(at(experiment->inside(0, 9), "projection").is_null());
    std::size_t active = 0;
    for (std::size_t steps = 1; experiment->step(1) > 0; ++steps) {
      const Value seen = at(experiment->inside(0, 9), "projection");
      const Value recorded = experiment->result();
      const std::string last = "learners[0].gradients[" + std::to_string(steps - 1) + "]";
      for (const char* part : {"step", "active", "before", "after", "multipliers"})
        CHECK(same(at(seen, part), at(recorded, last + "." + part)));
      const bool acts = *at(seen, "active").as<bool>();
      active += acts;
      CHECK(number_at(seen, "steps") == static_cast<double>(steps));
      CHECK(number_at(seen, "active_steps") == static_cast<double>(active));
      const double norm = number_at(seen, "norm"), used = number_at(seen, "used_norm");
      CHECK(used == Approx(norm * number_at(seen, "cosine")).epsilon(1e-5));
      // Pythagoras: what is taken away is g's part along g_k.
      const double along = numbers_at(seen, "before")[0] / numbers_at(seen, "norms")[0];
      CHECK(used * used == Approx(norm * norm - (acts ? along * along : 0)).epsilon(1e-4));
    }
    CHECK(active > 0);
    CHECK(active < 12);
  }
}
