#include "quadratic_program.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "allocations.hpp"
#include "catch.hpp"
#include "vec.hpp"

using namespace palimpsest;

namespace {

using Vector = std::vector<double>;
using Rows = std::vector<Vector>;

double norm(std::span<const double> a) { return std::sqrt(inner_product(a, a)); }

// xorshift64* (Vigna 2016).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15 + 1) {}
  std::uint64_t bits() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 0x2545f4914f6cdd1d;
  }
  int integer(int from, int to) {
    return from + static_cast<int>((bits() >> 32) % static_cast<std::uint64_t>(to - from + 1));
  }
  std::size_t index(std::size_t count) { return (bits() >> 32) % count; }
  // Mean 0, variance 1.
  double number() {
    double sum = 0;
    for (int i = 0; i < 12; ++i) sum += static_cast<double>(bits() >> 11) * 0x1p-53;
    return sum - 6;
  }
  Vector numbers(std::size_t count) {
    Vector result(count);
    for (double& value : result) value = number();
    return result;
  }
  Vector integers(std::size_t count) {
    Vector result(count);
    for (double& value : result) value = integer(-3, 3);
    return result;
  }

 private:
  std::uint64_t state_;
};

// minimise ½ vᵀ(H + εI)v + cᵀv, v ≥ margin, with H = GGᵀ and c = Gg.
struct Problem {
  Vector gradient;   // g
  Rows constraints;  // G
  double margin = 0;
  double epsilon = 0;
  Vector gram;    // H
  Vector linear;  // c

  std::size_t size() const { return constraints.size(); }
  void form() {
    gram.clear();
    linear.clear();
    for (const Vector& row : constraints) {
      linear.push_back(inner_product(row, gradient));
      for (const Vector& other : constraints) gram.push_back(inner_product(row, other));
    }
  }
  QuadraticProblem view() const { return {gram, linear, margin, epsilon}; }
  double hessian(std::size_t i, std::size_t j) const {
    return gram[i * size() + j] + (i == j ? epsilon : 0);
  }
  double norm(std::size_t i) const { return std::sqrt(hessian(i, i)); }
  // (H + εI)v + c
  double residual(std::size_t i, std::span<const double> v) const {
    double sum = linear[i];
    for (std::size_t j = 0; j < size(); ++j) sum += hessian(i, j) * v[j];
    return sum;
  }
};

enum class Numbers { integer, real };

// Rows at random, some of them then made dependent: copies, multiples, opposites, zeros, sums.
Problem random_problem(Random& random, std::size_t n, std::size_t d, Numbers numbers,
                       bool dependent, bool scaled) {
  const auto vector = [&] {
    return numbers == Numbers::integer ? random.integers(d) : random.numbers(d);
  };
  Problem problem;
  const Vector common = vector();
  const double correlation = random.integer(0, 2);
  for (std::size_t i = 0; i < n; ++i) {
    Vector row = vector();
    for (std::size_t k = 0; k < d; ++k) row[k] += correlation * common[k];
    const int kind = dependent && i > 0 ? random.integer(0, 8) : 8;
    if (kind < 5) {
      const Vector &a = problem.constraints[random.index(i)],
                   &b = problem.constraints[random.index(i)];
      const double factors[5][2] = {{0, 0}, {1, 0}, {-1, 0}, {3, 0}, {1, 1}};
      for (std::size_t k = 0; k < d; ++k)
        row[k] = factors[kind][0] * a[k] + factors[kind][1] * b[k];
    }
    problem.constraints.push_back(row);
  }
  problem.gradient = vector();
  for (std::size_t k = 0; k < d; ++k) problem.gradient[k] -= random.integer(0, 1) * common[k];
  // Powers of two from about 1e-8 to 1e8, so that what is dependent stays so exactly.
  if (scaled)
    for (Vector& row : problem.constraints) {
      const double scale = std::ldexp(1.0, random.integer(-27, 27));
      for (double& value : row) value *= scale;
    }
  problem.form();
  return problem;
}

struct Minimum {
  double objective = 0;
  Vector v;
};

// Solves k equations, the right sides in column k, by Gauss and Jordan with pivots from the
// diagonal, largest first; false where they are dependent.
bool eliminate(Rows& a) {
  const std::size_t k = a.size();
  std::vector<bool> done(k);
  for (std::size_t round = 0; round < k; ++round) {
    std::size_t pivot = k;
    for (std::size_t p = 0; p < k; ++p)
      if (!done[p] && (pivot == k || a[p][p] > a[pivot][pivot])) pivot = p;
    if (a[pivot][pivot] < 1e-13) return false;
    done[pivot] = true;
    for (std::size_t p = 0; p < k; ++p) {
      if (p == pivot) continue;
      const double factor = a[p][pivot] / a[pivot][pivot];
      for (std::size_t q = 0; q <= k; ++q) a[p][q] -= factor * a[pivot][q];
    }
  }
  for (std::size_t p = 0; p < k; ++p) a[p][k] /= a[p][p];
  return true;
}

// The stationary point with v = margin outside the set, its equations scaled to ‖g_i‖ = 1; false
// where the set is dependent, or the point is not feasible.
bool stationary_point(const Problem& problem, unsigned set, Vector& v) {
  const std::size_t n = problem.size();
  v.assign(n, problem.margin);
  std::vector<std::size_t> members;
  for (std::size_t i = 0; i < n; ++i)
    if (set >> i & 1) members.push_back(i);
  const std::size_t k = members.size();
  Rows a(k, Vector(k + 1));
  for (std::size_t p = 0; p < k; ++p) {
    const std::size_t i = members[p];
    if (problem.hessian(i, i) == 0) return false;
    for (std::size_t q = 0; q < k; ++q)
      a[p][q] = problem.hessian(i, members[q]) / (problem.norm(i) * problem.norm(members[q]));
    a[p][k] = -problem.linear[i];
    for (std::size_t j = 0; j < n; ++j) a[p][k] -= problem.hessian(i, j) * problem.margin;
    a[p][k] /= problem.norm(i);
  }
  if (!eliminate(a)) return false;
  for (std::size_t p = 0; p < k; ++p) {
    if (a[p][k] < 0) return false;
    v[members[p]] += a[p][k] / problem.norm(members[p]);
  }
  return true;
}

// Some minimum has an independent active set, and every feasible point is at least as high: so the
// lowest of the feasible stationary points of all 2ⁿ sets is the minimum.
Minimum brute_force(const Problem& problem) {
  const std::size_t n = problem.size();
  Minimum best;
  best.objective = std::numeric_limits<double>::infinity();
  Vector v;
  for (unsigned set = 0; set < 1u << n; ++set) {
    if (!stationary_point(problem, set, v)) continue;
    double objective = 0;
    for (std::size_t i = 0; i < n; ++i) {
      double product = 2 * problem.linear[i];
      for (std::size_t j = 0; j < n; ++j) product += problem.hessian(i, j) * v[j];
      objective += v[i] * product / 2;
    }
    if (objective < best.objective) best = {objective, v};
  }
  return best;
}

// The size of the terms that the objective is the sum of, and so of its rounding.
double terms(const Problem& problem, std::span<const double> v) {
  double sum = 0;
  for (std::size_t i = 0; i < problem.size(); ++i) {
    double product = 2 * std::fabs(problem.linear[i]);
    for (std::size_t j = 0; j < problem.size(); ++j)
      product += std::fabs(problem.hessian(i, j)) * v[j];
    sum += v[i] * product / 2;
  }
  return sum;
}

// The largest violation of the Karush-Kuhn-Tucker conditions, relative to ‖g_i‖ and `magnitude`.
double violation(const Problem& problem, const QuadraticResult& result, double magnitude) {
  double worst = 0;
  for (std::size_t i = 0; i < problem.size(); ++i) {
    const double bound = problem.margin - result.multipliers[i];
    const double r = problem.residual(i, result.multipliers);
    const double scale = problem.norm(i) > 0 ? problem.norm(i) * magnitude : 1;
    worst = std::max({worst, bound, (result.active[i] ? std::fabs(r) : -r) / scale});
    if (!result.active[i]) worst = std::max(worst, -bound);
  }
  return worst;
}

// ‖g‖ + margin·Σ √(‖g_k‖² + ε): what the residuals are rounded relative to.
double magnitude(const Problem& problem) {
  double sum = norm(problem.gradient);
  for (std::size_t i = 0; i < problem.size(); ++i) sum += problem.margin * problem.norm(i);
  return sum;
}

Vector corrected(const Problem& problem, std::span<const double> v) {
  Vector result = problem.gradient;
  for (std::size_t i = 0; i < problem.size(); ++i)
    for (std::size_t k = 0; k < result.size(); ++k) result[k] += v[i] * problem.constraints[i][k];
  return result;
}

double distance(const Vector& a, const Vector& b) {
  Vector difference = a;
  for (std::size_t k = 0; k < a.size(); ++k) difference[k] -= b[k];
  return norm(difference);
}

bool same_bits(std::span<const double> a, std::span<const double> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) {
    return reinterpret<std::uint64_t>(x) == reinterpret<std::uint64_t>(y);
  });
}

}  // namespace

TEST_CASE("quadratic program: worked by hand") {
  QuadraticWorkspace workspace;

  SECTION(
      "both constraints bind: g = (−2, −1), g_1 = (1, 0), g_2 = (1, 1); g̃ = 0 = g + g_1 + g_2") {
    Problem problem{{-2, -1}, {{1, 0}, {1, 1}}, 0, 0, {}, {}};
    problem.form();
    const QuadraticResult result = solve(problem.view(), workspace);
    CHECK(result.multipliers[0] == 1);
    CHECK(result.multipliers[1] == 1);
    CHECK((result.active[0] == 1 && result.active[1] == 1));
    CHECK(result.objective == -2.5);  // ½‖g̃‖² − ½‖g‖²
    CHECK(result.kkt_residual == 0);
    CHECK(result.iterations == 2);
    CHECK(result.status == QuadraticStatus::optimal);
  }
  SECTION("one of two binds: g = (−1, 2), g_1 = (1, 0), g_2 = (0, 1); g̃ = (0, 2)") {
    const Projection projection = project(Vector{-1, 2}, Rows{{1, 0}, {0, 1}}, 0, 0);
    CHECK(projection.projected == Vector{0, 2});
    CHECK(projection.multipliers == Vector{1, 0});
    CHECK(projection.active == std::vector<bool>{true, false});
    CHECK(projection.iterations == 1);
  }
  SECTION("a constraint that binds at first and not in the end: the longest way round") {
    // g_1 is the most violated, yet g + v_2 g_2 = (0, 4) satisfies it and v_1 would be −2/3.
    const Projection projection = project(Vector{-3, 1}, Rows{{2, 0.5}, {1, -1}}, 0, 0);
    Problem problem{{-3, 1}, {{2, 0.5}, {1, -1}}, 0, 0, {}, {}};
    problem.form();
    const Minimum minimum = brute_force(problem);
    for (std::size_t i = 0; i < 2; ++i)
      CHECK(std::fabs(projection.multipliers[i] - minimum.v[i]) <= 1e-15);
  }
  SECTION("margin: g = (1, −1), g_1 = (0, 1); v = max(margin, 1)") {
    for (double margin : {0.5, 1.0, 3.0}) {
      const Projection projection = project(Vector{1, -1}, Rows{{0, 1}}, margin, 0);
      const double v = std::max(margin, 1.0);
      CHECK(projection.multipliers == Vector{v});
      CHECK(projection.projected == Vector{1, v - 1});
      CHECK(projection.active[0] == (margin < 1));
    }
  }
  SECTION("epsilon: g = (1, −1), g_1 = (0, 1); v = 1 / (1 + ε)") {
    const Projection projection = project(Vector{1, -1}, Rows{{0, 1}}, 0, 1);
    CHECK(projection.multipliers == Vector{0.5});
    CHECK(projection.projected == Vector{1, -0.5});
    CHECK(projection.kkt_residual == 0);
  }
  SECTION("no constraint is violated: g is used as it is, whatever the margin") {
    const Projection projection = project(Vector{1, 2}, Rows{{1, 0}, {0, 1}, {2, -1}}, 5, 1);
    CHECK(projection.projected == Vector{1, 2});
    CHECK(projection.multipliers == Vector{0, 0, 0});
    CHECK(projection.active == std::vector<bool>(3));
    CHECK(projection.iterations == 0);
    CHECK(projection.status == QuadraticStatus::optimal);
  }
}

TEST_CASE("quadratic program: the objective's minimum, against all 2ⁿ active sets") {
  QuadraticWorkspace workspace;
  const auto compare = [&](const Problem& problem) {
    const QuadraticResult result = solve(problem.view(), workspace);
    const Minimum minimum = brute_force(problem);
    REQUIRE(result.status == QuadraticStatus::optimal);
    const double exact = minimum.objective;
    INFO("objective " << result.objective << ", by brute force " << exact);
    const double rounded = terms(problem, result.multipliers) + terms(problem, minimum.v);
    REQUIRE(std::fabs(result.objective - exact) <= 1e-14 * rounded);

    const Vector exact_projected = corrected(problem, minimum.v);
    REQUIRE(distance(corrected(problem, result.multipliers), exact_projected) <=
            1e-8 * magnitude(problem));
  };
  const auto compare_all = [&](Numbers numbers, bool dependent, bool scaled) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed)
      for (double margin : {0.0, 0.5})
        for (double epsilon : {0.0, 0.01}) {
          Random random(seed);
          const std::size_t n = 1 + random.index(8), d = 1 + random.index(10);
          Problem problem = random_problem(random, n, d, numbers, dependent, scaled);
          problem.margin = margin;
          problem.epsilon = epsilon;
          INFO("seed " << seed << ", " << n << " constraints in " << d << " dimensions, margin "
                       << margin << ", epsilon " << epsilon);
          compare(problem);
        }
  };
  SECTION("integers") { compare_all(Numbers::integer, false, false); }
  SECTION("integers, dependent") { compare_all(Numbers::integer, true, false); }
  SECTION("integers, dependent, 1e-8 to 1e8") { compare_all(Numbers::integer, true, true); }
  SECTION("reals") { compare_all(Numbers::real, false, false); }
  SECTION("reals, dependent") { compare_all(Numbers::real, true, false); }
  SECTION("reals, dependent, 1e-8 to 1e8") { compare_all(Numbers::real, true, true); }
}

TEST_CASE("quadratic program: the Karush-Kuhn-Tucker conditions, up to 99 constraints") {
  QuadraticWorkspace workspace;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    Random random(seed);
    const std::size_t n = 1 + random.index(99), d = 1 + random.index(150);
    Problem problem = random_problem(random, n, d, Numbers::real, seed % 2 == 0, seed % 4 >= 2);
    problem.margin = random.integer(0, 1) * 0.25;
    problem.epsilon = random.integer(0, 1) * 1e-3;
    INFO("seed " << seed << ", " << n << " constraints in " << d << " dimensions, margin "
                 << problem.margin << ", epsilon " << problem.epsilon);
    const QuadraticResult result = solve(problem.view(), workspace);
    REQUIRE(result.status == QuadraticStatus::optimal);
    REQUIRE(result.kkt_residual <= 1e-12);
    REQUIRE(violation(problem, result, magnitude(problem)) <= 1e-12);
  }
}

TEST_CASE("quadratic program: of two equal constraints with different c, the stricter one acts") {
  QuadraticWorkspace workspace;
  const Vector gram{1, 1, 1, 1}, first{-1.5, -1}, second{-1, -1.5};
  CHECK(solve({gram, first}, workspace).multipliers[0] == 1.5);
  CHECK(solve({gram, second}, workspace).multipliers[1] == 1.5);
  CHECK(solve({gram, second}, workspace).status == QuadraticStatus::optimal);
}

TEST_CASE("projection: the nearest vector that no constraint is against") {
  // g̃ = argmin ‖x − g‖ subject to ⟨x, g_k⟩ ≥ 0; for a convex cone, ⟨g − g̃, x − g̃⟩ ≤ 0 for all x
  // in it, and projecting twice changes nothing.
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Random random(seed);
    const std::size_t n = 1 + random.index(20), d = 1 + random.index(40);
    const Problem problem =
        random_problem(random, n, d, Numbers::real, seed % 2 == 0, seed % 4 >= 2);
    INFO("seed " << seed << ", " << n << " constraints in " << d << " dimensions");
    const Projection projection = project(problem.gradient, problem.constraints, 0, 0);
    const double size = norm(problem.gradient);
    REQUIRE(projection.status == QuadraticStatus::optimal);
    REQUIRE(projection.kkt_residual <= 1e-11);
    for (std::size_t i = 0; i < n; ++i) {
      const Vector& row = problem.constraints[i];
      REQUIRE(inner_product(projection.projected, row) >= -1e-11 * size * norm(row));
    }
    const Projection again = project(projection.projected, problem.constraints, 0, 0);
    REQUIRE(distance(again.projected, projection.projected) <= 1e-9 * size);

    const double nearest = distance(projection.projected, problem.gradient);
    for (int trial = 0; trial < 20; ++trial) {
      Vector other = problem.gradient;
      for (double& value : other) value += 0.3 * random.number();
      other = project(other, problem.constraints, 0, 0).projected;
      REQUIRE(distance(other, problem.gradient) >= nearest - 1e-9 * size);
    }
  }
}

TEST_CASE("projection: one constraint is A-GEM's g − (⟨g, r⟩ / ⟨r, r⟩) r") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    Random random(seed);
    const std::size_t d = 1 + random.index(50);
    Problem problem = random_problem(random, 1, d, Numbers::real, false, seed % 2 == 0);
    const Vector& r = problem.constraints[0];
    const double factor = std::min(0.0, problem.linear[0]) / problem.gram[0];
    Vector expected = problem.gradient;
    for (std::size_t k = 0; k < d; ++k) expected[k] -= factor * r[k];
    const Projection projection = project(problem.gradient, problem.constraints, 0, 0);
    INFO("seed " << seed);
    REQUIRE(distance(projection.projected, expected) <= 1e-15 * norm(problem.gradient));
    REQUIRE(projection.active[0] == (problem.linear[0] < 0));
  }
}

TEST_CASE("projection: a violation of nothing but rounding is not one") {
  // g is orthogonal to g_1 but for rounding; without ‖g‖ the program could not know.
  const Vector g{1, 1e-17};
  const Rows constraints{{0, -1}};
  const Projection projection = project(g, constraints, 0, 0);
  CHECK(projection.projected == g);
  CHECK(projection.active == std::vector<bool>{false});
  CHECK(projection.status == QuadraticStatus::optimal);
}

TEST_CASE("quadratic program: degenerate constraints are no error") {
  SECTION("none") {
    const Projection projection = project(Vector{1, 2}, Rows{}, 0, 0);
    CHECK(projection.projected == Vector{1, 2});
    QuadraticWorkspace workspace;
    const QuadraticResult result = solve({}, workspace);
    CHECK(result.multipliers.empty());
    CHECK(result.status == QuadraticStatus::optimal);
    CHECK(result.objective == 0);
  }
  SECTION("zero rows stay at their bound") {
    const Projection projection = project(Vector{-1, 2}, Rows{{0, 0}, {1, 0}, {0, 0}}, 0, 0);
    CHECK(projection.projected == Vector{0, 2});
    CHECK(projection.multipliers == Vector{0, 1, 0});
    const Projection raised = project(Vector{-1, 2}, Rows{{0, 0}, {1, 0}}, 0.25, 0);
    CHECK(raised.multipliers == Vector{0.25, 1});
    CHECK(raised.kkt_residual == 0);
  }
  SECTION("the same constraint many times acts once") {
    const Rows constraints(50, Vector{0.1, 0.3, -0.7});
    const Vector g{-1, 0.5, 2};
    const Projection once = project(g, Rows{constraints[0]}, 0, 0);
    const Projection often = project(g, constraints, 0, 0);
    CHECK(distance(once.projected, often.projected) <= 1e-15);
    CHECK(often.iterations == 1);
  }
  SECTION("opposite constraints leave the plane between them") {
    const Projection projection = project(Vector{-2, 5}, Rows{{1, 0}, {-1, 0}}, 0, 0);
    CHECK(projection.projected == Vector{0, 5});
    CHECK(projection.multipliers == Vector{2, 0});
  }
  SECTION("constraints that leave only zero") {
    const Projection projection =
        project(Vector{3, -4}, Rows{{1, 0}, {-1, 0}, {0, 1}, {0, -1}}, 0, 0);
    CHECK(projection.projected == Vector{0, 0});
  }
  SECTION("a gradient without elements") {
    const Projection projection = project(Vector{}, Rows{{}, {}}, 0, 0);
    CHECK(projection.projected.empty());
    CHECK(projection.multipliers == Vector{0, 0});
  }
}

TEST_CASE("quadratic program: nearly dependent constraints, down to rounding") {
  // g_i = a + δ·noise: the smallest eigenvalues of H are about δ²‖a‖².
  for (double delta : {1e-2, 1e-4, 1e-6, 1e-7, 1e-8, 1e-10, 1e-14})
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      Random random(seed);
      const std::size_t n = 2 + random.index(30), d = 40;
      const Vector common = random.numbers(d);
      Rows constraints;
      for (std::size_t i = 0; i < n; ++i) {
        constraints.push_back(common);
        for (double& value : constraints.back()) value += delta * random.number();
      }
      Vector g = random.numbers(d);
      for (std::size_t k = 0; k < d; ++k) g[k] -= common[k];
      INFO("delta " << delta << ", seed " << seed << ", " << n << " constraints");
      const Projection projection = project(g, constraints, 0, 0);
      REQUIRE(projection.status == QuadraticStatus::optimal);
      for (const Vector& row : constraints)
        REQUIRE(inner_product(projection.projected, row) >= -1e-6 * norm(g) * norm(row));
    }
}

TEST_CASE("quadratic program: scaling a constraint by 2^k divides its multiplier, to the bit") {
  QuadraticWorkspace workspace;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Random random(seed);
    Problem problem = random_problem(random, 1 + random.index(30), 20, Numbers::real, true, false);
    const QuadraticResult result = solve(problem.view(), workspace);
    const Vector multipliers(result.multipliers.begin(), result.multipliers.end());
    Vector scales;
    for (Vector& row : problem.constraints) {
      scales.push_back(std::ldexp(1.0, random.integer(-100, 100)));
      for (double& value : row) value *= scales.back();
    }
    problem.form();
    const QuadraticResult scaled = solve(problem.view(), workspace);
    INFO("seed " << seed);
    REQUIRE(scaled.iterations == result.iterations);
    REQUIRE(scaled.kkt_residual == result.kkt_residual);
    for (std::size_t i = 0; i < multipliers.size(); ++i)
      REQUIRE(scaled.multipliers[i] * scales[i] == multipliers[i]);
  }
}

TEST_CASE("quadratic program: the result depends on the problem alone, and nothing is allocated") {
  QuadraticWorkspace used(99), grown;
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a over the multipliers' bits
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Random random(seed);
    const std::size_t n = 1 + random.index(99);
    const Problem problem = random_problem(random, n, 60, Numbers::real, seed % 2 == 0, true);
    const std::size_t before = allocations();
    const QuadraticResult result = solve(problem.view(), used);
    REQUIRE(allocations() == before);
    const QuadraticResult other = solve(problem.view(), grown);
    QuadraticWorkspace fresh(n);
    const QuadraticResult first = solve(problem.view(), fresh);
    INFO("seed " << seed);
    REQUIRE(same_bits(result.multipliers, other.multipliers));
    REQUIRE(same_bits(result.multipliers, first.multipliers));
    REQUIRE(std::equal(result.active.begin(), result.active.end(), first.active.begin()));
    REQUIRE(result.iterations == first.iterations);
    for (double value : result.multipliers)
      hash = (hash ^ reinterpret<std::uint64_t>(value)) * 0x100000001b3;
  }
  CHECK(hash == 0x548a06f17e95e071);
}

TEST_CASE("quadratic program: what is not finite is said to be so, and never goes on for ever") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  QuadraticWorkspace workspace;
  Random random(1);
  const Problem problem = random_problem(random, 9, 20, Numbers::real, false, false);
  for (double bad : {nan, infinity, -infinity}) {
    for (std::size_t place = 0; place < 81; place += 7) {
      Problem broken = problem;
      broken.gram[place] = bad;
      CHECK(solve(broken.view(), workspace).status == QuadraticStatus::not_finite);
    }
    for (std::size_t place = 0; place < 9; ++place) {
      Problem broken = problem;
      broken.linear[place] = bad;
      CHECK(solve(broken.view(), workspace).status == QuadraticStatus::not_finite);
    }
    Problem broken = problem;
    broken.margin = bad;
    CHECK(solve(broken.view(), workspace).status == QuadraticStatus::not_finite);
    broken.margin = 0;
    broken.epsilon = bad;
    CHECK(solve(broken.view(), workspace).status == QuadraticStatus::not_finite);

    const Vector g{1, bad};
    const Projection projection = project(g, Rows{{1, 1}, {-1, 0}}, 0, 0);
    CHECK(projection.status == QuadraticStatus::not_finite);
    CHECK(same_bits(projection.projected, g));
  }
  CHECK(std::string(name(QuadraticStatus::not_finite)) == "not_finite");
}

TEST_CASE("projection: numbers of any size, whose squares are beyond a double") {
  const Projection tiny = project(Vector{1, 0}, Rows{{-1e-170, 0}}, 0, 0);
  CHECK(tiny.status == QuadraticStatus::optimal);
  CHECK(norm(tiny.projected) <= 1e-15);
  CHECK(tiny.multipliers[0] == Approx(1e170));
  const Projection huge = project(Vector{-1e200, 0}, Rows{{1e200, 1}}, 0, 0);
  CHECK(huge.status == QuadraticStatus::optimal);
  CHECK(huge.projected == Vector{0, 1});
  CHECK(huge.multipliers == Vector{1});
  // Beside rows of other sizes, and with what is small in the gradient left as it was.
  const Projection mixed =
      project(Vector{-0x1p600, -0x1p600, 1e-150}, Rows{{0x1p-300, 0, 0}, {0, 0x1p900, 0}}, 0, 0);
  CHECK(mixed.projected == Vector{0, 0, 1e-150});
  CHECK(mixed.multipliers == Vector{0x1p900, 0x1p-300});
  // A multiplier beyond a double.
  const Projection beyond = project(Vector{-1e200}, Rows{{1e-200}}, 0, 0);
  CHECK(beyond.status == QuadraticStatus::not_finite);
  CHECK(beyond.projected == Vector{-1e200});
}

TEST_CASE("projection: another unit is another unit of margin and epsilon, to the bit") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Random random(seed);
    Problem problem = random_problem(random, 1 + random.index(20), 15, Numbers::real, true, false);
    const double margin = 0.25, epsilon = 1e-3;
    const Projection plain = project(problem.gradient, problem.constraints, margin, epsilon);
    for (int power : {-900, -400, 3, 400}) {
      Rows rows = problem.constraints;
      for (Vector& row : rows)
        for (double& value : row) value = std::ldexp(value, power);
      Vector g = problem.gradient;
      for (double& value : g) value = std::ldexp(value, power);
      const double unit = std::ldexp(epsilon, 2 * power);
      if (unit == 0 || std::isinf(unit)) continue;
      const Projection other = project(g, rows, margin, unit);
      INFO("seed " << seed << ", 2^" << power);
      REQUIRE(other.multipliers == plain.multipliers);
      REQUIRE(other.status == QuadraticStatus::optimal);
      for (std::size_t k = 0; k < g.size(); ++k)
        REQUIRE(other.projected[k] == std::ldexp(plain.projected[k], power));
    }
  }
  // With a margin but no ε the rows have one unit: one whose square is 0 in it is not "optimal".
  CHECK(std::abs(project(Vector{1, 1}, Rows{{-1e-170, 0}}, 0.5, 0).projected[0]) <= 1e-15);
  CHECK(project(Vector{1, 1}, Rows{{-1e-170, 0}, {0, 1}}, 0.5, 0).status ==
        QuadraticStatus::not_finite);
}

TEST_CASE("quadratic program: no minimum") {
  QuadraticWorkspace workspace;
  // ½(v_1 − v_2)² − v_1 falls for ever along (1, 1).
  const Vector gram{1, -1, -1, 1}, linear{-1, 0};
  CHECK(solve({gram, linear}, workspace).status == QuadraticStatus::inconsistent);
  const Vector zero{0}, negative{-1};
  CHECK(solve({zero, negative}, workspace).status == QuadraticStatus::inconsistent);
  // A matrix that is not semidefinite.
  const Vector indefinite{-1, 0, 0, 1}, both{-1, -1};
  CHECK(solve({indefinite, both}, workspace).status == QuadraticStatus::inconsistent);
}

TEST_CASE("quadratic program: stopped early, the multipliers are feasible and better than none") {
  QuadraticWorkspace workspace;
  Random random(3);
  const Problem problem = random_problem(random, 40, 60, Numbers::real, false, false);
  double last = 0;
  for (std::size_t limit = 1; limit < 400; ++limit) {
    const QuadraticResult result = solve(problem.view(), workspace, {limit});
    CHECK(result.iterations <= limit);
    CHECK(result.objective <= last);
    CHECK(*std::min_element(result.multipliers.begin(), result.multipliers.end()) >= 0);
    if (result.status == QuadraticStatus::optimal) return;
    REQUIRE(result.status == QuadraticStatus::iteration_limit);
    last = result.objective;
  }
  FAIL("not optimal after 400 iterations");
}
