// What tools/bench measures in C++: training steps (natively), GEM's quadratic program, and the peak
// of 4-lane arithmetic. Commands as arguments or on standard input, one line of answer to each:
//
//     prepare FILE BEGIN   opens a document and trains BEGIN steps; "ready"
//     time STEPS           microseconds a step
//     quadratic N          microseconds a problem of N constraints, the objective's largest error
//     peak                 10⁹ operations a second
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "quadratic_program.hpp"
#include "random.hpp"
#include "vec.hpp"
#ifndef __EMSCRIPTEN__
#include <fstream>
#include <iterator>

#include "experiment.hpp"
#include "json.hpp"
#endif

namespace palimpsest {
namespace {

using Clock = std::chrono::steady_clock;

double microseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

// Chains of products and chains of sums side by side: with six of each, a processor that starts two
// products and two sums a cycle, ready three cycles later, never waits.
__attribute__((noinline)) double short_peak() {
  constexpr int kChains = 6, kTurns = 50'000;
  const vec4 one = held(broadcast(1)), nothing = held(broadcast(0));
  vec4 product[kChains], total[kChains];
  for (int i = 0; i < kChains; ++i) product[i] = total[i] = broadcast(1.0f + i);
  const auto start = Clock::now();
#pragma GCC unroll 16  // V8 may copy every chain's register once a turn
  for (int turn = 0; turn < kTurns; ++turn)
    for (int i = 0; i < kChains; ++i) {
      product[i] *= one;
      total[i] += nothing;
    }
  vec4 all = nothing;
  for (int i = 0; i < kChains; ++i) all += product[i] + total[i];
  [[maybe_unused]] volatile float used = sum(all);  // before the clock is read
  return 2.0 * 4 * kChains * kTurns / microseconds_since(start) / 1e3;
}

// The best of many short ones.
double peak() {
  double best = 0;
  for (int i = 0; i < 300; ++i) best = std::max(best, short_peak());
  return best;
}

struct Problem {
  std::vector<double> gram, linear;
};

// Past tasks' gradients that share a direction, `correlation` between each two, and a gradient that
// goes against it.
Problem correlated(std::size_t count, double correlation, std::uint64_t seed) {
  const std::size_t length = 8 * count;
  Random random(seed, "bench");
  const auto vector = [&] {
    std::vector<double> v(length);
    for (double& x : v) x = random.uniform(-1, 1);
    return v;
  };
  const std::vector<double> shared = vector();
  std::vector<std::vector<double>> rows(count);
  for (auto& row : rows) {
    row = vector();
    for (std::size_t i = 0; i < length; ++i)
      row[i] = std::sqrt(1 - correlation) * row[i] + std::sqrt(correlation) * shared[i];
  }
  std::vector<double> gradient = vector();
  for (std::size_t i = 0; i < length; ++i) gradient[i] -= 0.3 * shared[i];
  Problem problem;
  for (const auto& a : rows)
    for (const auto& b : rows) problem.gram.push_back(inner_product(a, b));
  for (const auto& a : rows) problem.linear.push_back(inner_product(a, gradient));
  return problem;
}

using Long = long double;

// H v = −c on the active rows, by elimination with pivots in extended precision.
std::vector<Long> solve_on(const Problem& problem, const std::vector<std::size_t>& active) {
  const std::size_t n = active.size(), all = problem.linear.size();
  std::vector<std::vector<Long>> rows(n, std::vector<Long>(n + 1));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) rows[i][j] = problem.gram[active[i] * all + active[j]];
    rows[i][n] = -static_cast<Long>(problem.linear[active[i]]);
  }
  for (std::size_t k = 0; k < n; ++k) {
    const auto largest = std::max_element(
        rows.begin() + k, rows.end(),
        [k](const auto& a, const auto& b) { return std::fabs(a[k]) < std::fabs(b[k]); });
    std::swap(rows[k], *largest);
    for (std::size_t i = 0; i < n; ++i) {
      if (i == k) continue;
      const Long factor = rows[i][k] / rows[k][k];
      for (std::size_t j = k; j <= n; ++j) rows[i][j] -= factor * rows[k][j];
    }
  }
  std::vector<Long> v(n);
  for (std::size_t k = 0; k < n; ++k) v[k] = rows[k][n] / rows[k][k];
  return v;
}

// The objective's relative error against the same active set solved in extended precision; infinite
// where that solution does not fulfil the conditions of a minimum.
double objective_error(const Problem& problem, const QuadraticResult& result) {
  const std::size_t n = problem.linear.size();
  std::vector<std::size_t> active;
  for (std::size_t i = 0; i < n; ++i)
    if (result.active[i]) active.push_back(i);
  const std::vector<Long> some = solve_on(problem, active);
  std::vector<Long> v(n, 0);
  for (std::size_t k = 0; k < active.size(); ++k) v[active[k]] = some[k];
  Long objective = 0;
  for (std::size_t i = 0; i < n; ++i) {
    Long slope = problem.linear[i];
    for (std::size_t j = 0; j < n; ++j) slope += static_cast<Long>(problem.gram[i * n + j]) * v[j];
    if (v[i] < 0 || slope < -1e-12L * problem.gram[i * n + i]) return INFINITY;
    objective += v[i] * (slope + problem.linear[i]) / 2;
  }
  return static_cast<double>(std::fabs((result.objective - objective) / objective));
}

// Over problems with little and with much correlation: the slowest correlation's median time.
void quadratic(std::size_t count) {
  QuadraticWorkspace workspace(count);
  double slowest = 0, error = 0;
  for (double correlation : {0.1, 0.5, 0.9, 0.99}) {
    std::vector<double> times;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const Problem problem = correlated(count, correlation, seed);
      const QuadraticProblem posed{problem.gram, problem.linear};
      error = std::max(error, objective_error(problem, solve(posed, workspace)));
      const int turns = static_cast<int>(200'000 / (count * count)) + 1;
      const auto start = Clock::now();
      for (int turn = 0; turn < turns; ++turn) solve(posed, workspace);
      times.push_back(microseconds_since(start) / turns);
    }
    slowest = std::max(slowest, median(times));
  }
  std::cout << slowest << ' ' << error << std::endl;
}

#ifndef __EMSCRIPTEN__
std::unique_ptr<Experiment> open(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  Faults faults;
  auto document = read_document(parse_json(text, faults), {}, faults);
  for (const std::string& fault : faults) std::cerr << fault << '\n';
  return document ? std::make_unique<Experiment>(std::move(document)) : nullptr;
}
#endif

int main(std::istream& commands) {
  std::cout.precision(9);
#ifndef __EMSCRIPTEN__
  std::unique_ptr<Experiment> experiment;
#endif
  for (std::string command; commands >> command;) {
    if (command == "peak") {
      std::cout << peak() << std::endl;
    } else if (command == "quadratic") {
      std::size_t count = 0;
      commands >> count;
      quadratic(count);
#ifndef __EMSCRIPTEN__
    } else if (command == "prepare") {
      std::string path;
      std::size_t begin = 0;
      commands >> path >> begin;
      experiment = open(path);
      if (!experiment) return 1;
      experiment->step(begin);
      std::cout << "ready" << std::endl;
    } else if (command == "time" && experiment) {
      std::size_t steps = 0;
      commands >> steps;
      const auto start = Clock::now();
      experiment->step(steps);
      std::cout << microseconds_since(start) / static_cast<double>(steps) << std::endl;
#endif
    } else {
      return 2;
    }
  }
  return 0;
}

}  // namespace
}  // namespace palimpsest

int main(int argc, char** argv) {
  std::string words;
  for (int i = 1; i < argc; ++i) words += std::string(argv[i]) + ' ';
  std::istringstream arguments(words);
  return palimpsest::main(argc > 1 ? arguments : std::cin);
}
