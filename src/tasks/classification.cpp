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

std::vector<Parameter> with_common_parameters(std::vector<Parameter> own, double ring,
                                              double rotation, double noise) {
  own.insert(
      own.end(),
      {scenario_parameter("domain"),
       count_parameter("tasks", "tasks", "How many tasks follow one another.", 4, 1, 20,
                       Scale::linear),
       real_parameter("ring", "ring", "The radius of the circle on which the tasks’ centres lie.",
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

void no_check(const Settings&, const ImageSets&, Faults&) {}

Point turned(Point p, double angle) {
  const double c = elementary::cos(angle), s = elementary::sin(angle);
  return {c * p.x - s * p.y, s * p.x + c * p.y};
}

// Gives a point of class k, before noise and around the origin: the pattern that every task places
// and turns.
using Draw = Point (*)(Random& random, std::uint32_t k, const Settings& settings);

TaskSequence patterns(const Settings& settings, std::uint64_t seed, Draw draw) {
  TaskSequence sequence;
  const auto tasks = static_cast<std::size_t>(settings.integer("tasks"));
  const Scenario scenario(settings, tasks, kClasses);
  sequence.loss = Loss::cross_entropy;
  sequence.inputs = 2;
  sequence.outputs = scenario.outputs();
  for (std::size_t t = 0; t < tasks; ++t) {
    Random random(seed, "patterns", t);
    const auto turn = static_cast<double>(t);
    const double around = 2 * kPi * turn / static_cast<double>(tasks);
    const double angle = settings.number("rotation") * turn * kPi / 180;
    const Point centre = {settings.number("ring") * elementary::cos(around),
                          settings.number("ring") * elementary::sin(around)};
    const auto fill = [&](Examples& table, int points) {
      Range rows{table.count(), 0};
      for (int i = 0; i < points; ++i) {
        const auto k = static_cast<std::uint32_t>(i) % kClasses;
        const Point p = turned(draw(random, k, settings), angle);
        const double input[2] = {centre.x + p.x + settings.number("noise") * random.normal(),
                                 centre.y + p.y + settings.number("noise") * random.normal()};
        add_example(table, input, scenario.output(t, k));
        scenario.add_row(table, t);
      }
      rows.end = table.count();
      return rows;
    };
    scenario.begin(sequence.train, t);
    scenario.begin(sequence.test, t);
    Task task{task_name(t),
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
          [](const Settings& settings, const ImageSets&, std::uint64_t seed) {
            return patterns(settings, seed, [](Random&, std::uint32_t k, const Settings&) {
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
      [](const Settings& settings, const ImageSets&, std::uint64_t seed) {
        return patterns(settings, seed, [](Random& random, std::uint32_t k, const Settings&) {
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
          [](const Settings& settings, const ImageSets&, std::uint64_t seed) {
            return patterns(settings, seed,
                            [](Random& random, std::uint32_t k, const Settings& own) {
                              const double r = 0.1 + 1.1 * std::sqrt(random.uniform());
                              const Point p = turned({r, 0}, 2 * kPi * own.number("turns") * r);
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
          [](const Settings& settings, const ImageSets&, std::uint64_t seed) {
            return patterns(settings, seed, [](Random& random, std::uint32_t k, const Settings&) {
              const double r = 1.5 * std::sqrt(random.uniform());
              const Point p = turned({r, 0}, random.uniform(0, kPi));
              return k ? p : Point{p.x, -p.y};
            });
          }};
}

}  // namespace palimpsest
