// The task generators: each against its own formula, written out again.
#include "tasks.hpp"

#include <cmath>

#include "catalogue.hpp"
#include "support.hpp"

using namespace support;

namespace {

TaskSequence make(const TaskEntry& entry, const char* settings, std::uint64_t seed = 1) {
  Faults faults;
  const Settings read = read_settings("tasks", json(settings), entry.parameters, {}, faults);
  REQUIRE(faults == Faults{});
  entry.check(read, images(), faults);
  REQUIRE(faults == Faults{});
  return entry.make(read, images(), seed);
}

TaskSequence make(std::string_view kind, const char* settings, std::uint64_t seed = 1) {
  return make(*find_kind(task_entries(), kind), settings, seed);
}

// All inputs with their zeros.
std::vector<float> dense(const Examples& table) {
  std::vector<float> inputs;
  table.copy_inputs(table.all_rows, inputs);
  return inputs;
}

bool is_regression(const TaskEntry& entry) { return entry.loss == Loss::mse; }

// The truth's value at x, between its points.
double interpolate(const Truth& truth, double x) {
  const auto above = std::upper_bound(truth.x.begin() + 1, truth.x.end() - 1, x) - truth.x.begin();
  const auto i = static_cast<std::size_t>(above);
  const double share = (x - truth.x[i - 1]) / (truth.x[i] - truth.x[i - 1]);
  return truth.y[i - 1] + share * (truth.y[i] - truth.y[i - 1]);
}

// Calls check(x, y) for the examples of a task: of its training set, of its test set, of both.
template <class Check>
void for_examples(const TaskSequence& sequence, const Task& task, Check check) {
  for (bool test : {false, true}) {
    const Examples& table = test ? sequence.test : sequence.train;
    const Range rows = test ? task.test : task.train;
    for (std::uint32_t row = rows.begin; row < rows.end; ++row)
      check(table.input(row)[0], table.target(row)[0]);
  }
}

// Every target without noise, and the truth, follow curve(task, x, u), u from −1 to 1 in the task.
template <class Curve>
void require_curve(const char* kind, const char* settings, Curve curve) {
  const TaskSequence sequence = make(kind, settings);
  for (std::size_t t = 0; t < sequence.tasks.size(); ++t) {
    const Task& task = sequence.tasks[t];
    const double begin = task.truth.x.front(), end = task.truth.x.back();
    const auto expected = [&](double x) {
      return curve(static_cast<int>(t), x, 2 * (x - begin) / (end - begin) - 1);
    };
    INFO(kind << " task " << t);
    for_examples(sequence, task,
                 [&](double x, double y) { REQUIRE(std::abs(y - expected(x)) < 1e-4); });
    for (std::size_t i = 0; i < task.truth.x.size(); ++i)
      REQUIRE(std::abs(task.truth.y[i] - expected(task.truth.x[i])) < 1e-9);
  }
}

}  // namespace

TEST_CASE("tasks: points, intervals and gaps are those asked for") {
  for (const TaskEntry& entry : task_entries()) {
    if (!is_regression(entry)) continue;
    INFO(entry.kind);
    const TaskSequence sequence = make(
        entry, "{'tasks': 4, 'from': -3, 'to': 5, 'gap': 0.4, 'points': 300, 'test_points': 200}");
    REQUIRE(sequence.tasks.size() == 4);
    CHECK(sequence.inputs == 1);
    CHECK(sequence.outputs == 1);
    CHECK(sequence.loss == entry.loss);
    CHECK(sequence.train.count() == 4 * 300);
    CHECK(sequence.test.count() == 4 * 200);
    for (std::size_t t = 0; t < 4; ++t) {
      const Task& task = sequence.tasks[t];
      CHECK(task.name == std::string(1, static_cast<char>('A' + t)));
      CHECK(task.train.begin == t * 300);
      CHECK(task.train.end == (t + 1) * 300);
      CHECK(task.test.size() == 200);
      // (5 + 3 − 3·0.4)/4 = 1.7 wide, 2.1 from begin to begin.
      const double begin = -3 + 2.1 * static_cast<double>(t), end = begin + 1.7;
      CHECK(task.truth.x.front() == Approx(begin));
      CHECK(task.truth.x.back() == Approx(end));
      double low = 100, high = -100;
      for_examples(sequence, task, [&](double x, double) {
        low = std::min(low, x);
        high = std::max(high, x);
      });
      CHECK(low >= begin - 1e-6);
      CHECK(high <= end + 1e-6);
      CHECK(low < begin + 0.05);  // 500 points leave no such stretch empty
      CHECK(high > end - 0.05);
    }
  }
}

TEST_CASE("tasks: without noise the data lie on the curve that is drawn") {
  for (const TaskEntry& entry : task_entries()) {
    if (!is_regression(entry) || entry.kind == "steps") continue;  // which jumps between two points
    INFO(entry.kind);
    const TaskSequence sequence = make(entry, "{'tasks': 3, 'noise': 0}");
    for (const Task& task : sequence.tasks)
      for_examples(sequence, task, [&](double x, double y) {
        REQUIRE(std::abs(y - interpolate(task.truth, x)) < 0.02);
      });
  }
}

TEST_CASE("tasks: every curve by its formula") {
  const char* settings = "{'tasks': 5, 'from': -4, 'to': 4, 'gap': 0.2, 'noise': 0}";
  require_curve("sines", settings,
                [](int k, double x, double) { return std::sin(2 * x + k * kPi / 2); });
  require_curve("triangles", settings, [](int k, double x, double) {
    return 2 / kPi * std::asin(std::sin(3 * x + k * kPi / 2));  // the triangle wave of height 1
  });
  require_curve("bumps", settings, [](int k, double, double u) {
    return (k % 2 ? -1 : 1) * std::exp(-u * u / (2 * 0.3 * 0.3));
  });
  require_curve("polynomials", settings, [](int k, double, double u) {
    return (k % 2 ? -1 : 1) * std::cos((2 + k) * std::acos(std::clamp(u, -1.0, 1.0)));
  });
  require_curve("steps", settings,
                [](int k, double, double u) { return (k % 2 ? -1.0 : 1.0) * (u < 0 ? -1 : 1); });
}

TEST_CASE("tasks: patterns in the plane lie where they are asked to, turned as they are asked") {
  // Without noise, every point minus its task's centre, turned back, lies on the pattern.
  const auto require_pattern = [](const char* kind, auto on_pattern) {
    for (const char* scenario : {"task", "domain", "class"}) {
      const std::string settings = std::string(
                                       "{'tasks': 3, 'ring': 4, 'rotation': 30, 'noise': 0,"
                                       " 'points': 50, 'scenario': '") +
                                   scenario + "'}";
      const TaskSequence sequence = make(kind, settings.c_str());
      INFO(kind << " " << scenario);
      REQUIRE(sequence.inputs == 2);
      for (std::size_t t = 0; t < 3; ++t)
        for (std::uint32_t row : sequence.train.rows(sequence.tasks[t].train)) {
          const double around = 2 * kPi * static_cast<double>(t) / 3;
          const double x = sequence.train.input(row)[0] - 4 * std::cos(around);
          const double y = sequence.train.input(row)[1] - 4 * std::sin(around);
          const double back = -static_cast<double>(t) * kPi / 6;
          const std::uint32_t first =
              std::string(scenario) == "domain" ? 0 : 2 * static_cast<std::uint32_t>(t);
          const std::uint32_t k = sequence.train.labels[row] - first;
          REQUIRE(k < 2);
          REQUIRE(on_pattern(x * std::cos(back) - y * std::sin(back),
                             x * std::sin(back) + y * std::cos(back), k == 1));
        }
    }
  };
  const auto near = [](double a, double b) { return std::abs(a - b) < 1e-4; };
  require_pattern("gaussians", [&](double x, double y, bool second) {
    return near(x, second ? 0.8 : -0.8) && near(y, 0);
  });
  require_pattern("moons", [&](double x, double y, bool second) {  // half circles of radius 1
    return second ? near(std::hypot(x - 0.5, y - 0.25), 1) && y < 0.25 + 1e-4
                  : near(std::hypot(x + 0.5, y + 0.25), 1) && y > -0.25 - 1e-4;
  });
  require_pattern("spirals", [&](double x, double y, bool second) {  // at angle 2πr, r in 0.1…1.2
    const double r = std::hypot(x, y), sign = second ? -1 : 1;
    return r > 0.099 && r < 1.201 && near(sign * x, r * std::cos(2 * kPi * r)) &&
           near(sign * y, r * std::sin(2 * kPi * r));
  });
  require_pattern("boundaries", [&](double x, double y, bool second) {
    return std::hypot(x, y) < 1.5001 && (second ? y > -1e-4 : y < 1e-4);
  });
}

TEST_CASE("tasks: only the task-incremental scenario has heads") {
  CHECK(make("moons", "{'scenario': 'domain'}").train.heads.empty());
  CHECK(make("moons", "{'scenario': 'class'}").train.heads.empty());
  const TaskSequence sequence = make("moons", "{'scenario': 'task', 'tasks': 3}");
  REQUIRE(sequence.train.heads.size() == 3);
  for (const Task& task : sequence.tasks)
    for (std::uint32_t row : sequence.test.rows(task.test)) {
      const Head head = sequence.test.head(row, sequence.outputs);
      REQUIRE(head.count == 2);
      REQUIRE(sequence.test.labels[row] - head.first < 2);
    }
}

TEST_CASE("tasks: polynomials of degree 0 and 1 are a constant and a line") {
  require_curve("polynomials", "{'tasks': 2, 'degree': 0, 'noise': 0}",
                [](int k, double, double u) { return k == 0 ? 1 : -u; });
}

TEST_CASE("tasks: noise is normal, of the level asked for, and leaves the inputs as they are") {
  for (const TaskEntry& entry : task_entries()) {
    if (!is_regression(entry)) continue;
    INFO(entry.kind);
    const char* noisy = "{'points': 2000, 'test_points': 2000, 'noise': 0.5}";
    const TaskSequence with_noise = make(entry, noisy);
    const TaskSequence without = make(entry, "{'points': 2000, 'test_points': 2000, 'noise': 0}");
    CHECK(with_noise.train.inputs == without.train.inputs);
    double sum = 0, squares = 0;
    std::size_t count = 0;
    for (const auto& [a, b] :
         {std::pair(&with_noise.train, &without.train), std::pair(&with_noise.test, &without.test)})
      for (std::size_t i = 0; i < a->targets.size(); ++i, ++count) {
        const double e = (a->targets[i] - b->targets[i]) / 0.5;
        sum += e;
        squares += e * e;
      }
    const double n = static_cast<double>(count);
    CHECK(std::abs(sum / n) < 4 / std::sqrt(n));
    CHECK(std::abs(squares / n - 1) < 4 * std::sqrt(2 / n));
  }
}

TEST_CASE("tasks: the same seed gives the same data, another seed others; test is not training") {
  for (const TaskEntry& entry : task_entries()) {
    INFO(entry.kind);
    const TaskSequence one = make(entry, "{}", 7), again = make(entry, "{}", 7),
                       other = make(entry, "{}", 8);
    CHECK(dense(one.train) == dense(again.train));
    CHECK(one.train.targets == again.train.targets);
    CHECK(one.train.labels == again.train.labels);
    CHECK(dense(one.test) == dense(again.test));
    CHECK(dense(one.train) != dense(other.train));
    CHECK(dense(one.train) != dense(one.test));
  }
}

TEST_CASE("tasks: more tasks after them leave the first tasks' draws as they are") {
  // The intervals are as wide in both: 4 and 6 over two and three tasks without a gap.
  const TaskSequence two = make("waves", "{'tasks': 2, 'from': 0, 'to': 4, 'gap': 0}");
  const TaskSequence three = make("waves", "{'tasks': 3, 'from': 0, 'to': 6, 'gap': 0}");
  CHECK(
      std::equal(two.train.targets.begin(), two.train.targets.end(), three.train.targets.begin()));
}

TEST_CASE("tasks: random waves are another curve for every task and every seed") {
  const char* settings = "{'tasks': 2, 'from': 0, 'to': 4, 'gap': 0, 'noise': 0}";
  const TaskSequence one = make("waves", settings, 1), other = make("waves", settings, 2);
  const auto difference = [](const Truth& a, const Truth& b) {
    double worst = 0;
    for (std::size_t i = 0; i < a.y.size(); ++i) worst = std::max(worst, std::abs(a.y[i] - b.y[i]));
    return worst;
  };
  CHECK(difference(one.tasks[0].truth, other.tasks[0].truth) > 0.1);
  CHECK(difference(one.tasks[0].truth, one.tasks[1].truth) > 0.1);
}

TEST_CASE("tasks: a gap that leaves no room is named") {
  for (const TaskEntry& entry : task_entries()) {
    if (!is_regression(entry)) continue;
    Faults faults;
    const Settings settings =
        read_settings("tasks", json("{'tasks': 3, 'from': -2, 'to': 2, 'gap': 3.5}"),
                      entry.parameters, {}, faults);
    REQUIRE(faults == Faults{});
    entry.check(settings, {}, faults);
    CHECK(faults == Faults{"tasks.gap: must leave room between tasks.from and tasks.to for every "
                           "task, but an interval would be -1 wide"});
  }
}

TEST_CASE("tasks: names go on after Z") {
  CHECK(task_name(0) == "A");
  CHECK(task_name(25) == "Z");
  CHECK(task_name(26) == "27");
}
