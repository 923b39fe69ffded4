// Classification with two inputs: every task is two classes of points in the plane.
#include <algorithm>
#include <cmath>

#include "../elementary.hpp"
#include "../tasks.hpp"

namespace palimpsest {
namespace {

constexpr std::uint32_t kClasses = 2;  // of one task

struct Point {
  double x, y;
};

// van de Ven, Tuytelaars & Tolias 2022, table 1.
constexpr Choice kScenarios[] = {
    {"task", "task-incremental", "The task is known: each has a head of its own."},
    {"domain", "domain-incremental", "The same two classes in every task."},
    {"class", "class-incremental",
     "Every task brings two new classes, and all must be told apart."}};

constexpr Parameter scenario() {
  return {.key = "scenario",
          .label = "scenario",
          .help = "What the network is told of the task, and what it must find out.",
          .type = Type::choice,
          .fallback = "domain",
          .choices = kScenarios};
}

std::vector<Parameter> with_common_parameters(std::vector<Parameter> own, double ring,
                                              double rotation, double noise) {
  own.insert(
      own.end(),
      {scenario(),
       count_parameter("tasks", "tasks", "How many tasks follow one another.", 4, 1, 20,
                       Scale::linear),
       real_parameter("ring", "ring", "The radius of the circle on which the tasks' centres lie.",
                      ring, 0, 100),
       real_parameter("rotation", "rotation",
                      "By how many degrees every task is turned from the last one.", rotation, -360,
                      360),
       real_parameter("noise", "noise", "The standard deviation of the noise on every point.",
                      noise, 0, 10),
       count_parameter("points", "training points", "How many training examples every task has.",
                       200, 2, 100000, Scale::log),
       count_parameter("test_points", "test points", "How many test examples every task has.", 200,
                       2, 100000, Scale::log)});
  return own;
}

void no_check(const Settings&, Faults&) {}

Point turned(Point p, double angle) {
  const double c = elementary::cos(angle), s = elementary::sin(angle);
  return {c * p.x - s * p.y, s * p.x + c * p.y};
}

// The output that stands for class k of a task.
std::uint32_t output(bool shared, int task, std::uint32_t k) {
  return shared ? k : static_cast<std::uint32_t>(task) * kClasses + k;
}

// `draw(random, k)` gives a point of class k, before noise and around the origin: the pattern that
// every task places and turns.
template <class Draw>
TaskSequence patterns(const Settings& settings, std::uint64_t seed, Draw draw) {
  TaskSequence sequence;
  const int tasks = settings.integer("tasks");
  const std::string& kind = settings.choice("scenario");
  const bool shared = kind == "domain";
  sequence.loss = Loss::cross_entropy;
  sequence.inputs = 2;
  sequence.outputs = shared ? kClasses : kClasses * static_cast<std::size_t>(tasks);
  for (int t = 0; t < tasks; ++t) {
    Random random(seed, "patterns", static_cast<std::uint64_t>(t));
    const double around = 2 * kPi * t / tasks;
    const double angle = settings.number("rotation") * t * kPi / 180;
    const Point centre = {settings.number("ring") * elementary::cos(around),
                          settings.number("ring") * elementary::sin(around)};
    const auto fill = [&](Examples& table, int points) {
      Range rows{table.count(), 0};
      for (int i = 0; i < points; ++i) {
        const auto k = static_cast<std::uint32_t>(i) % kClasses;
        const Point p = turned(draw(random, k), angle);
        const double input[2] = {centre.x + p.x + settings.number("noise") * random.normal(),
                                 centre.y + p.y + settings.number("noise") * random.normal()};
        add_example(table, input, output(shared, t, k));
        if (kind == "task") table.task.push_back(static_cast<std::uint16_t>(t));
      }
      rows.end = table.count();
      return rows;
    };
    for (Examples* table : {&sequence.train, &sequence.test})
      if (kind == "task") table->heads.push_back({output(shared, t, 0), kClasses});
    Task task{task_name(static_cast<std::size_t>(t)),
              fill(sequence.train, settings.integer("points")),
              fill(sequence.test, settings.integer("test_points")),
              {}};
    sequence.tasks.push_back(std::move(task));
  }
  sequence.train.finish();
  sequence.test.finish();
  return sequence;
}

}  // namespace

TaskEntry gaussians() {
  return {{"gaussians", "Gaussians", "Two clouds of points side by side.", "x ~ N(±e, s²)", "",
           with_common_parameters({}, 3, 45, 0.4)},
          Loss::cross_entropy,
          no_check,
          [](const Settings& settings, std::uint64_t seed) {
            return patterns(settings, seed, [](Random&, std::uint32_t k) {
              return Point{k ? 0.8 : -0.8, 0};
            });
          }};
}

TaskEntry moons() {
  return {
      {"moons", "moons", "Two half moons that reach into each other.",
       "x = (cos φ, sin φ) or (1 − cos φ, ½ − sin φ)", "", with_common_parameters({}, 3, 45, 0.1)},
      Loss::cross_entropy,
      no_check,
      [](const Settings& settings, std::uint64_t seed) {
        return patterns(settings, seed, [](Random& random, std::uint32_t k) {
          const double phi = random.uniform(0, kPi);
          const double c = elementary::cos(phi), s = elementary::sin(phi);
          return k ? Point{0.5 - c, 0.25 - s} : Point{c - 0.5, s - 0.25};
        });
      }};
}

TaskEntry spirals() {
  return {{"spirals", "spirals", "Two spirals wound into each other.",
           "x = ±r·(cos 2πvr, sin 2πvr)", "",
           with_common_parameters(
               {real_parameter("turns", "turns", "How often each spiral goes round.", 1, 0.1, 4)},
               3, 45, 0.04)},
          Loss::cross_entropy,
          no_check,
          [](const Settings& settings, std::uint64_t seed) {
            const double turns = settings.number("turns");
            return patterns(settings, seed, [turns](Random& random, std::uint32_t k) {
              const double r = 0.1 + 1.1 * std::sqrt(random.uniform());
              const Point p = turned({r, 0}, 2 * kPi * turns * r);
              return k ? Point{-p.x, -p.y} : p;
            });
          }};
}

TaskEntry boundaries() {
  return {{"boundaries", "rotating boundary",
           "One disc, cut in two by a line that turns from task to task.",
           "class by the side of a line", "", with_common_parameters({}, 0, 30, 0)},
          Loss::cross_entropy,
          no_check,
          [](const Settings& settings, std::uint64_t seed) {
            return patterns(settings, seed, [](Random& random, std::uint32_t k) {
              const double r = 1.5 * std::sqrt(random.uniform());
              const Point p = turned({r, 0}, random.uniform(0, kPi));
              return k ? p : Point{p.x, -p.y};
            });
          }};
}

}  // namespace palimpsest
