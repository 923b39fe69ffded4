// The quadratic program of Gradient Episodic Memory (Lopez-Paz & Ranzato 2017, eq. 11 and 12).
//
// For a gradient g and constraints g_1 … g_n, the rows of G, with H = GGᵀ and c = Gg:
//
//     minimise ½ vᵀ(H + εI)v + cᵀv   subject to v ≥ margin,   then g̃ = g + Gᵀv.
//
// With margin 0 and ε 0, g̃ is the vector nearest to g with ⟨g̃, g_k⟩ ≥ 0 for all k. H is only
// semidefinite where constraints are zero, repeated or dependent; a minimum exists all the same,
// because c lies in the range of H.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace palimpsest {

enum class QuadraticStatus {
  optimal,
  iteration_limit,  // the multipliers are feasible, but not the best
  inconsistent,     // c lies outside the range of H + εI, by more than rounding explains
  not_finite,       // the input holds NaN or infinity, or a number on the way is beyond a double
};

const char* name(QuadraticStatus status);

struct QuadraticProblem {
  std::span<const double> gram;    // n × n, symmetric: H
  std::span<const double> linear;  // n: c
  double margin = 0;               // ≥ 0
  double epsilon = 0;              // ≥ 0
  // ‖g‖, where it is known: rounding in c is relative to it. 0: estimated from c.
  double gradient_norm = 0;
};

struct QuadraticSettings {
  std::size_t iteration_limit = 0;  // 0: 50 n + 100
};

struct QuadraticResult {
  std::span<const double> multipliers;   // n: v; views into the workspace
  std::span<const std::uint8_t> active;  // n: 1 where v is off its bound and the constraint binds
  double objective = 0;
  // With r = (H + εI)v + c, the largest of |r_i| (active) and −r_i (at the bound), each divided by
  // ‖g_i‖ (taken to the power of two below) and by ‖g‖ (or its estimate).
  double kkt_residual = 0;
  std::size_t iterations = 0;  // how often a constraint entered the active set
  QuadraticStatus status = QuadraticStatus::optimal;
};

// What solve() needs: allocated here, kept from call to call, grown where a problem is larger.
class QuadraticWorkspace {
 public:
  explicit QuadraticWorkspace(std::size_t constraints = 0) { reserve(constraints); }
  void reserve(std::size_t constraints);

 private:
  friend class ActiveSet;
  std::size_t capacity_ = 0;
  std::vector<double> numbers_;
  std::vector<std::size_t> order_;
  std::vector<std::uint8_t> active_;
};

// Exact, by an active-set method that ends after finitely many changes of the set (and in any case
// at the iteration limit). The result depends on the problem alone, to the last bit, and is valid
// until the workspace is used again. Allocates nothing where the workspace is large enough.
QuadraticResult solve(const QuadraticProblem& problem, QuadraticWorkspace& workspace,
                      const QuadraticSettings& settings = {});

// ⟨a, b⟩ for equally long a and b, in double and in a fixed order of summation.
double inner_product(std::span<const double> a, std::span<const double> b);
double inner_product(std::span<const float> a, std::span<const float> b);

struct Projection {
  std::vector<double> projected;    // g̃, or g where no constraint is violated
  std::vector<double> multipliers;  // v, or 0 where no constraint is violated
  std::vector<bool> active;
  double kkt_residual = 0;
  std::size_t iterations = 0;
  QuadraticStatus status = QuadraticStatus::optimal;
};

// GEM's projection in double, of vectors of any size that a double has. Every constraint is as long
// as the gradient. The margin is that of the multipliers v, and ε is in the unit of H, both as they
// are given: rows are not normalised. With margin and ε 0 every row may have a scale of its own;
// else a row that is so much smaller than another that its square is 0 beside it makes the problem
// not_finite where it is violated and ε is 0. Where the problem is not finite, or a multiplier is
// beyond a double, the gradient comes back as it is.
Projection project(std::span<const double> gradient,
                   std::span<const std::vector<double>> constraints, double margin, double epsilon);

}  // namespace palimpsest
