// Regression with one input and one output: every task is a curve on its own interval.
#include <algorithm>
#include <cmath>

#include "../elementary.hpp"
#include "../tasks.hpp"

namespace palimpsest {
namespace {

constexpr std::size_t kTruthPoints = 200;

// What all curves share; `own` comes first.
std::vector<Parameter> with_common_parameters(std::vector<Parameter> own) {
  own.insert(
      own.end(),
      {count_parameter("tasks", "tasks", "How many tasks follow one another.", 2, 1, 20,
                       Scale::linear),
       real_parameter("from", "from", "Where the first task’s interval begins.", -2, -100, 100),
       real_parameter("to", "to", "Where the last task’s interval ends.", 2, -100, 100),
       real_parameter("gap", "gap", "The distance between the intervals of two neighbouring tasks.",
                      0.6, 0, 100),
       real_parameter("noise", "noise", "The standard deviation of the noise on every target.",
                      0.05, 0, 10),
       count_parameter("points", "training points", "How many training examples every task has.",
                       100, 1, 100000, Scale::log),
       count_parameter("test_points", "test points", "How many test examples every task has.", 100,
                       1, 100000, Scale::log)});
  return own;
}

constexpr Parameter frequency(double fallback) {
  return real_parameter("frequency", "frequency",
                        "How fast the curve swings, in radians a unit of x.", fallback, 0.01, 100);
}

double width(const Settings& settings) {
  const int tasks = settings.integer("tasks");
  return (settings.number("to") - settings.number("from") - (tasks - 1) * settings.number("gap")) /
         tasks;
}

void check_intervals(const Settings& settings, const ImageSets&, Faults& faults) {
  if (width(settings) > 0) return;
  faults.push_back(
      "tasks.gap: must leave room between tasks.from and tasks.to for every task, but "
      "an interval would be " +
      describe(width(settings)) + " wide");
}

// The task's number, x, and x's place u in the task's interval, from −1 to 1.
struct Place {
  int task;
  double x, u;
};

double sign(int task) { return task % 2 ? -1 : 1; }

template <class Curve>
TaskSequence curves(const Settings& settings, std::uint64_t seed, Curve curve) {
  TaskSequence sequence;
  sequence.loss = Loss::mse;
  sequence.inputs = sequence.outputs = 1;
  const double wide = width(settings), noise = settings.number("noise");
  for (int t = 0; t < settings.integer("tasks"); ++t) {
    const double begin = settings.number("from") + t * (wide + settings.number("gap"));
    const auto value = [&](double x) { return curve(Place{t, x, 2 * (x - begin) / wide - 1}); };
    Random random(seed, "curves", static_cast<std::uint64_t>(t));
    const auto draw = [&](Examples& table, int points) {
      Range rows{table.count(), 0};
      for (int i = 0; i < points; ++i) {
        const double x = random.uniform(begin, begin + wide);
        const double y = value(x) + noise * random.normal();
        add_example(table, {&x, 1}, std::span<const double>(&y, 1));
      }
      rows.end = table.count();
      return rows;
    };
    Task task{task_name(static_cast<std::size_t>(t)),
              draw(sequence.train, settings.integer("points")),
              draw(sequence.test, settings.integer("test_points")),
              {}};
    for (std::size_t i = 0; i < kTruthPoints; ++i) {
      task.truth.x.push_back(begin + wide * static_cast<double>(i) / (kTruthPoints - 1));
      task.truth.y.push_back(value(task.truth.x.back()));
    }
    sequence.tasks.push_back(std::move(task));
  }
  sequence.train.finish();
  sequence.test.finish();
  return sequence;
}

// −1 to 1 and back, once in 2π, with slope ±2/π.
double triangle(double phase) {
  const double turns = phase / (2 * kPi) + 0.25;
  return 1 - 4 * std::abs(turns - std::floor(turns) - 0.5);
}

// T_n(u), Chebyshev's polynomial: T_n = 2u T_(n−1) − T_(n−2).
double chebyshev(int n, double u) {
  double before = 1, now = u;
  for (int i = 1; i < n; ++i) {
    const double next = 2 * u * now - before;
    before = now;
    now = next;
  }
  return n == 0 ? 1 : now;
}

// A sum of five sine waves of random frequency, phase and height; one curve a task and seed.
class Waves {
 public:
  Waves(std::uint64_t seed, int task, double highest) {
    Random random(seed, "waves", static_cast<std::uint64_t>(task));
    for (Wave& wave : waves_)
      wave = {random.uniform(0, highest), random.uniform(0, 2 * kPi), 0.5 * random.normal()};
  }
  double operator()(double x) const {
    double sum = 0;
    for (const Wave& wave : waves_)
      sum += wave.height * elementary::sin(wave.frequency * x + wave.phase);
    return sum;
  }

 private:
  struct Wave {
    double frequency, phase, height;
  };
  Wave waves_[5];
};

}  // namespace

TaskEntry sines() {
  return {{"sines", "sine and cosine",
           "Sine waves, each task’s a quarter turn ahead of the last one’s.",
           "y = sin(f·x + k·π/2)", "", with_common_parameters({frequency(2)})},
          Loss::mse,
          check_intervals,
          [](const Settings& settings, const ImageSets&, std::uint64_t seed) {
            const double f = settings.number("frequency");
            return curves(settings, seed, [f](const Place& p) {
              return p.task % 2 ? sign(p.task / 2) * elementary::cos(f * p.x)
                                : sign(p.task / 2) * elementary::sin(f * p.x);
            });
          }};
}

TaskEntry polynomials() {
  return {{"polynomials", "polynomials",
           "Chebyshev polynomials, one degree higher from task to task.", "y = ±Tₙ₊ₖ(u)", "",
           with_common_parameters({count_parameter("degree", "first degree",
                                                   "The degree of the first task’s polynomial.", 2,
                                                   0, 20, Scale::linear)})},
          Loss::mse,
          check_intervals,
          [](const Settings& settings, const ImageSets&, std::uint64_t seed) {
            const int degree = settings.integer("degree");
            return curves(settings, seed, [degree](const Place& p) {
              return sign(p.task) * chebyshev(degree + p.task, p.u);
            });
          }};
}

TaskEntry bumps() {
  return {
      {"bumps", "bumps", "One smooth bump a task, up and down in turn.", "y = ±exp(−u²/2s²)", "",
       with_common_parameters({real_parameter(
           "spread", "width", "The bump’s standard deviation, in half intervals.", 0.3, 0.02, 2)})},
      Loss::mse,
      check_intervals,
      [](const Settings& settings, const ImageSets&, std::uint64_t seed) {
        const double s = settings.number("spread");
        return curves(settings, seed, [s](const Place& p) {
          return sign(p.task) * elementary::exp(-p.u * p.u / (2 * s * s));
        });
      }};
}

TaskEntry triangles() {
  return {{"triangles", "triangle waves",
           "Zigzags with corners, each task’s a quarter turn ahead of the last one’s.",
           "y = tri(f·x + k·π/2)", "", with_common_parameters({frequency(3)})},
          Loss::mse,
          check_intervals,
          [](const Settings& settings, const ImageSets&, std::uint64_t seed) {
            const double f = settings.number("frequency");
            return curves(settings, seed,
                          [f](const Place& p) { return triangle(f * p.x + p.task * kPi / 2); });
          }};
}

TaskEntry steps() {
  return {{"steps", "steps", "A jump in the middle of every interval, up and down in turn.",
           "y = ±1 by the sign of u", "", with_common_parameters({})},
          Loss::mse,
          check_intervals,
          [](const Settings& settings, const ImageSets&, std::uint64_t seed) {
            return curves(settings, seed,
                          [](const Place& p) { return sign(p.task) * (p.u < 0 ? -1 : 1); });
          }};
}

TaskEntry waves() {
  return {{"waves", "random waves",
           "Sums of five random sine waves, drawn anew for every task and seed.",
           "y = Σ aⱼ·sin(fⱼ·x + φⱼ)", "", with_common_parameters({frequency(5)})},
          Loss::mse,
          check_intervals,
          [](const Settings& settings, const ImageSets&, std::uint64_t seed) {
            std::vector<Waves> functions;
            for (int t = 0; t < settings.integer("tasks"); ++t)
              functions.emplace_back(seed, t, settings.number("frequency"));
            return curves(settings, seed, [&functions](const Place& p) {
              return functions[static_cast<std::size_t>(p.task)](p.x);
            });
          }};
}

}  // namespace palimpsest
