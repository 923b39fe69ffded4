#include "quadratic_program.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <utility>

#include "vec.hpp"

namespace palimpsest {

namespace {

// A constraint enters the active set where it is violated by more than this part of the numbers
// that its residual is the sum of…
constexpr double kViolation = 2e-15;
// …and where more than this part of ‖g_i‖² is independent of the constraints in the set.
constexpr double kIndependence = 2e-14;
// Where the solution violates the conditions by more than this, it is refined.
constexpr double kAccuracy = 1e-14;
// A dependent constraint of a consistent problem is violated by at most about √kIndependence.
constexpr double kConsistency = 1e-6;

bool all_finite(std::span<const double> values) {
  // Adding one to an exponent of all ones carries into the sign bit.
  std::uint64_t carries = 0;
  for (double value : values)
    carries |= (reinterpret<std::uint64_t>(value) & 0x7fff'ffff'ffff'ffff) + 0x0010'0000'0000'0000;
  return carries >> 63 == 0;
}

// The power of two s with 1 ≤ square·s² < 4; 1 for zero, subnormal and negative numbers. Scaling
// by it is exact.
double scale_to_unit(double square) {
  const auto bits = reinterpret<std::uint64_t>(square);
  const auto exponent = bits >> 52;  // includes the sign
  if (exponent == 0 || exponent > 0x7fe) return 1;
  return reinterpret<double>((1535 - (exponent + 1) / 2) << 52);
}

template <typename Number>
double sum_of_products(const Number* a, const Number* b, std::size_t count) {
  double sums[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8)
    for (std::size_t lane = 0; lane < 8; ++lane)
      sums[lane] += static_cast<double>(a[i + lane]) * static_cast<double>(b[i + lane]);
  for (std::size_t lane = 0; i < count; ++i, ++lane)
    sums[lane] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

// y −= Σ_j factors[j]·column_j, where column_j begins at columns + j·stride.
void subtract_columns(double* __restrict y, const double* __restrict columns, std::size_t stride,
                      const double* __restrict factors, std::size_t count, std::size_t length) {
  std::size_t j = 0;
  for (; j + 4 <= count; j += 4) {
    const double* a = columns + j * stride;
    const double *b = a + stride, *c = b + stride, *d = c + stride;
    const double p = factors[j], q = factors[j + 1], r = factors[j + 2], s = factors[j + 3];
    for (std::size_t i = 0; i < length; ++i) y[i] -= (a[i] * p + b[i] * q) + (c[i] * r + d[i] * s);
  }
  for (; j < count; ++j) {
    const double* a = columns + j * stride;
    const double p = factors[j];
    for (std::size_t i = 0; i < length; ++i) y[i] -= a[i] * p;
  }
}

}  // namespace

// The method of Lawson and Hanson (1974, ch. 23) for x = v − margin ≥ 0, on rows scaled to norms in
// [1, 2). The active set holds positions 0 … size−1 of a permutation of the constraints; with it go
// the columns of the factorisation H + εI = UD⁻¹Uᵀ of the permuted matrix, and for the positions
// behind it the residual and the diagonal of the Schur complement, so that the next constraint is
// found without solving for x.
//
// Lawson and Hanson solve for x after every entry, and step back where one of x would turn
// negative. That is rare, so constraints enter in a run and x is solved for once; only where it is
// then not positive, the run is retraced to the first entry after which it was not. The path is
// theirs, and with it the proof that it ends: the objective falls from one set to the next.
class ActiveSet {
 public:
  static constexpr std::size_t kVectors = 12;

  ActiveSet(const QuadraticProblem& problem, QuadraticWorkspace& workspace, std::size_t limit);
  QuadraticResult solve();

 private:
  bool finite_input() const;
  void shift_by_margin();
  void truncate(std::size_t size);
  void exchange(std::size_t a, std::size_t b);
  void enter(std::size_t position);
  std::size_t most_violated() const;
  std::size_t enter_violated(std::size_t most);
  bool solve_for_minimum(std::size_t size);
  void move_to_minimum() { std::copy_n(minimum_, size_, x_); }
  void retrace(std::size_t feasible);
  void step_back();
  void leave();
  void set_multipliers();
  bool refine();
  double violation() const;
  QuadraticResult result();
  QuadraticResult not_finite();

  double* column(std::size_t j) { return columns_ + j * n_; }
  const double* gram(std::size_t i) const { return problem_.gram.data() + i * n_; }

  const QuadraticProblem& problem_;
  const std::size_t n_, limit_;
  std::size_t size_ = 0;
  std::size_t iterations_ = 0;
  double magnitude_ = 0;  // ‖g‖ or its estimate

  std::size_t* order_;      // the constraint at each position
  std::uint8_t* active_;    // by constraint
  double* columns_;         // U, column by column; rows by position
  double* inverse_pivots_;  // D⁻¹
  double* factors_;         // of the columns in a sum
  double* scale_;           // by position
  double* residual_;        // by position; in the active set, as it was on entry
  double* summands_;        // by position: how large the numbers are that add up to the residual
  double* diagonal_;        // of the Schur complement, by position; likewise
  double* x_;               // by position, scaled; positive in the active set
  double* minimum_;         // by position: x at the minimum over the active set
  double* linear_;          // by constraint: c + (H + εI)·margin
  double* magnitudes_;      // by constraint, scaled: how large the numbers are that add up to it
  double* gradient_;        // by constraint: (H + εI)v + c at the solution
  double* multipliers_;     // by constraint
};

ActiveSet::ActiveSet(const QuadraticProblem& problem, QuadraticWorkspace& workspace,
                     std::size_t limit)
    : problem_(problem), n_(problem.linear.size()), limit_(limit ? limit : 50 * n_ + 100) {
  assert(problem.gram.size() == n_ * n_);
  workspace.reserve(n_);
  order_ = workspace.order_.data();
  active_ = workspace.active_.data();
  double* next = workspace.numbers_.data();
  for (double** vector : {&inverse_pivots_, &factors_, &scale_, &residual_, &summands_, &diagonal_,
                          &x_, &minimum_, &linear_, &magnitudes_, &gradient_, &multipliers_}) {
    *vector = next;
    next += n_;
  }
  columns_ = next;
}

bool ActiveSet::finite_input() const {
  const double settings[] = {problem_.margin, problem_.epsilon, problem_.gradient_norm};
  return all_finite(problem_.gram) && all_finite(problem_.linear) && all_finite(settings);
}

void ActiveSet::shift_by_margin() {
  for (std::size_t i = 0; i < n_; ++i) {
    const double* row = gram(i);
    double sum = 0, absolute = 0;
    if (problem_.margin != 0) {
      for (std::size_t j = 0; j < n_; ++j) {
        sum += row[j];
        absolute += std::fabs(row[j]);
      }
      sum += problem_.epsilon;
      absolute += problem_.epsilon;
    }
    linear_[i] = problem_.linear[i] + sum * problem_.margin;
    scale_[i] = scale_to_unit(row[i] + problem_.epsilon);
    const double size = std::fabs(problem_.linear[i]) + absolute * problem_.margin;
    magnitudes_[i] = std::max(problem_.gradient_norm, size * scale_[i]);
    magnitude_ = std::max(magnitude_, magnitudes_[i]);
    order_[i] = i;
  }
}

// Keeps the first `size` positions in the set.
void ActiveSet::truncate(std::size_t size) {
  size_ = size;
  const std::size_t rest = n_ - size;
  for (std::size_t p = size; p < n_; ++p) {
    const std::size_t i = order_[p];
    residual_[p] = linear_[i] * scale_[p];
    summands_[p] = magnitudes_[i];
    diagonal_[p] = (gram(i)[i] + problem_.epsilon) * scale_[p] * scale_[p];
  }
  for (std::size_t j = 0; j < size; ++j) factors_[j] = residual_[j] * inverse_pivots_[j];
  subtract_columns(residual_ + size, columns_ + size, n_, factors_, size, rest);
  for (std::size_t j = 0; j < size; ++j) {
    const double* u = column(j);
    for (std::size_t p = size; p < n_; ++p) {
      summands_[p] += std::fabs(u[p] * factors_[j]);
      diagonal_[p] -= u[p] * (u[p] * inverse_pivots_[j]);
    }
  }
}

void ActiveSet::exchange(std::size_t a, std::size_t b) {
  if (a == b) return;
  std::swap(order_[a], order_[b]);
  for (double* vector : {scale_, residual_, summands_, diagonal_, x_})
    std::swap(vector[a], vector[b]);
  for (std::size_t j = 0; j < size_; ++j) std::swap(column(j)[a], column(j)[b]);
}

void ActiveSet::enter(std::size_t position) {
  const std::size_t k = size_;
  exchange(k, position);
  const double* row = gram(order_[k]);
  double* u = column(k);
  for (std::size_t p = k + 1; p < n_; ++p) u[p] = row[order_[p]] * scale_[k] * scale_[p];
  for (std::size_t j = 0; j < k; ++j) factors_[j] = column(j)[k] * inverse_pivots_[j];
  subtract_columns(u + k + 1, columns_ + k + 1, n_, factors_, k, n_ - k - 1);

  const double inverse = 1 / diagonal_[k];
  const double step = residual_[k] * inverse;
  inverse_pivots_[k] = inverse;
  for (std::size_t p = k + 1; p < n_; ++p) {
    residual_[p] -= u[p] * step;
    summands_[p] += std::fabs(u[p] * step);
    diagonal_[p] -= u[p] * (u[p] * inverse);
  }
  ++size_;
}

// n where no constraint outside the set is violated, but for those that depend on the set: the
// minimum over the set satisfies them up to rounding.
std::size_t ActiveSet::most_violated() const {
  std::size_t most = n_;
  double least = 0;
  for (std::size_t p = size_; p < n_; ++p)
    if (residual_[p] < least && residual_[p] < -kViolation * summands_[p] &&
        diagonal_[p] > kIndependence) {
      least = residual_[p];
      most = p;
    }
  return most;
}

std::size_t ActiveSet::enter_violated(std::size_t most) {
  std::size_t entered = 0;
  for (; entered < most && iterations_ < limit_; ++entered, ++iterations_) {
    const std::size_t position = most_violated();
    if (position == n_) break;
    enter(position);
  }
  return entered;
}

// Over the first `size` positions; says whether the minimum lies inside the bounds.
bool ActiveSet::solve_for_minimum(std::size_t size) {
  bool positive = true;
  for (std::size_t j = size; j-- > 0;) {
    const double sum = sum_of_products(column(j) + j + 1, minimum_ + j + 1, size - j - 1);
    minimum_[j] = -(residual_[j] + sum) * inverse_pivots_[j];
    positive &= minimum_[j] > 0;
  }
  return positive;
}

// Truncates a run to its first entry after which the minimum was outside the bounds, with x at the
// minimum before it.
void ActiveSet::retrace(std::size_t feasible) {
  std::size_t size = feasible + 1;
  for (; size < size_ && solve_for_minimum(size); ++size) std::copy_n(minimum_, size, x_);
  solve_for_minimum(size);
  truncate(size);
  x_[size - 1] = 0;
}

// From x towards the minimum, as far as the bounds allow; what reaches its bound leaves the set;
// and again, until the minimum lies inside.
void ActiveSet::step_back() {
  do {
    double step = 1;
    std::size_t blocking = size_;
    for (std::size_t p = 0; p < size_; ++p) {
      if (minimum_[p] > 0) continue;
      const double ratio = x_[p] / (x_[p] - minimum_[p]);
      if (blocking < size_ && ratio >= step) continue;
      step = ratio;
      blocking = p;
    }
    for (std::size_t p = 0; p < size_; ++p) x_[p] += step * (minimum_[p] - x_[p]);
    x_[blocking] = 0;
    leave();
  } while (!solve_for_minimum(size_));
  move_to_minimum();
}

// Removes from the set what is at its bound.
void ActiveSet::leave() {
  const std::size_t before = size_;
  std::size_t first = 0;
  while (first < before && x_[first] > 0) ++first;
  truncate(first);
  for (std::size_t p = first + 1; p < before; ++p)
    if (x_[p] > 0 && diagonal_[p] > kIndependence) enter(p);
}

void ActiveSet::set_multipliers() {
  std::fill_n(multipliers_, n_, problem_.margin);
  std::fill_n(active_, n_, std::uint8_t{0});
  std::copy_n(linear_, n_, gradient_);
  for (std::size_t p = 0; p < size_; ++p) {
    const std::size_t i = order_[p];
    const double x = x_[p] * scale_[p];
    multipliers_[i] += x;
    active_[i] = 1;
    gradient_[i] += problem_.epsilon * x;
    const double* row = gram(i);
    for (std::size_t j = 0; j < n_; ++j) gradient_[j] += row[j] * x;
  }
}

// A step of iterative refinement; false where it would leave the bounds.
bool ActiveSet::refine() {
  for (std::size_t p = 0; p < size_; ++p) residual_[p] = gradient_[order_[p]] * scale_[p];
  for (std::size_t j = 0; j < size_; ++j) {
    const double step = residual_[j] * inverse_pivots_[j];
    for (std::size_t p = j + 1; p < size_; ++p) residual_[p] -= column(j)[p] * step;
  }
  solve_for_minimum(size_);
  for (std::size_t p = 0; p < size_; ++p)
    if (!(x_[p] + minimum_[p] > 0)) return false;
  for (std::size_t p = 0; p < size_; ++p) x_[p] += minimum_[p];
  return true;
}

double ActiveSet::violation() const {
  double worst = 0;
  for (std::size_t p = 0; p < n_; ++p) {
    const double r = gradient_[order_[p]] * scale_[p];
    worst = std::max(worst, p < size_ ? std::fabs(r) : -r);
  }
  return magnitude_ > 0 ? worst / magnitude_ : worst;
}

QuadraticResult ActiveSet::result() {
  QuadraticResult result;
  result.multipliers = {multipliers_, n_};
  result.active = {active_, n_};
  result.iterations = iterations_;
  set_multipliers();
  for (int round = 0; round < 2 && violation() > kAccuracy && refine(); ++round) set_multipliers();
  double sum = 0;
  for (std::size_t i = 0; i < n_; ++i) sum += multipliers_[i] * (gradient_[i] + problem_.linear[i]);
  result.objective = sum / 2;
  result.kkt_residual = violation();
  if (!all_finite(result.multipliers) || !all_finite({&result.objective, 1})) return not_finite();
  if (most_violated() != n_)
    result.status = QuadraticStatus::iteration_limit;
  else if (result.kkt_residual > kConsistency)
    result.status = QuadraticStatus::inconsistent;
  return result;
}

QuadraticResult ActiveSet::not_finite() {
  std::fill_n(multipliers_, n_, problem_.margin);
  std::fill_n(active_, n_, std::uint8_t{0});
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  return {{multipliers_, n_}, {active_, n_}, nan, nan, iterations_, QuadraticStatus::not_finite};
}

QuadraticResult ActiveSet::solve() {
  if (!finite_input()) return not_finite();
  shift_by_margin();
  truncate(0);
  std::size_t feasible = 0;  // x is at the minimum over so many positions
  std::size_t run = n_;      // how many may enter before x is solved for
  while (enter_violated(run) > 0) {
    if (solve_for_minimum(size_)) {
      move_to_minimum();
      run = std::min(n_, 2 * run);
    } else {
      run = 1;
      retrace(feasible);
      step_back();
    }
    feasible = size_;
  }
  return result();
}

void QuadraticWorkspace::reserve(std::size_t constraints) {
  if (constraints <= capacity_) return;
  numbers_.resize(constraints * (constraints + ActiveSet::kVectors));
  order_.resize(constraints);
  active_.resize(constraints);
  capacity_ = constraints;
}

QuadraticResult solve(const QuadraticProblem& problem, QuadraticWorkspace& workspace,
                      const QuadraticSettings& settings) {
  return ActiveSet(problem, workspace, settings.iteration_limit).solve();
}

double inner_product(std::span<const double> a, std::span<const double> b) {
  assert(a.size() == b.size());
  return sum_of_products(a.data(), b.data(), a.size());
}

double inner_product(std::span<const float> a, std::span<const float> b) {
  assert(a.size() == b.size());
  return sum_of_products(a.data(), b.data(), a.size());
}

const char* name(QuadraticStatus status) {
  switch (status) {
    case QuadraticStatus::optimal:
      return "optimal";
    case QuadraticStatus::iteration_limit:
      return "iteration_limit";
    case QuadraticStatus::inconsistent:
      return "inconsistent";
    case QuadraticStatus::not_finite:
      return "not_finite";
  }
  return "";
}

namespace {

// k with 2^k ≤ the largest magnitude < 2^(k + 1); 0 where all is zero, or not finite.
int exponent(std::span<const double> values) {
  double largest = 0;
  for (double value : values) largest = std::max(largest, std::fabs(value));
  if (!all_finite(values)) return 0;
  int power;
  return std::frexp(largest, &power) == 0 ? 0 : power - 1;
}

// values · 2^power
std::vector<double> scaled(std::span<const double> values, int power) {
  std::vector<double> product(values.begin(), values.end());
  for (double& value : product) value = std::ldexp(value, power);
  return product;
}

// Whether the row's square is lost in underflow.
bool vanishes(const std::vector<double>& row, double square) {
  const auto is_zero = [](double value) { return value == 0; };
  return square < std::numeric_limits<double>::min() &&
         !std::all_of(row.begin(), row.end(), is_zero);
}

}  // namespace

// Solved for the gradient g·2^−p and the rows g_i·2^−q_i, whose largest numbers lie in [1, 2), so
// that no square overflows or underflows: the multipliers are then v_i·2^(q_i − p). That is another
// scale of the same problem where margin and ε are 0. Elsewhere it is so only with one q for all
// rows, the margin times 2^(q − p), and ε times 2^−2q.
Projection project(std::span<const double> gradient,
                   std::span<const std::vector<double>> constraints, double margin,
                   double epsilon) {
  const std::size_t n = constraints.size();
  Projection projection;
  projection.projected.assign(gradient.begin(), gradient.end());
  projection.multipliers.assign(n, 0);
  projection.active.assign(n, false);

  const int p = exponent(gradient);
  std::vector<int> q;
  for (const auto& row : constraints) q.push_back(exponent(row));
  if (n > 0 && (margin != 0 || epsilon != 0)) q.assign(n, *std::max_element(q.begin(), q.end()));
  if (n > 0) margin = std::ldexp(margin, q[0] - p);
  if (n > 0) epsilon = std::ldexp(epsilon, -2 * q[0]);
  const std::vector<double> g = scaled(gradient, -p);
  std::vector<std::vector<double>> rows;
  for (std::size_t i = 0; i < n; ++i) rows.push_back(scaled(constraints[i], -q[i]));

  std::vector<double> gram(n * n), linear(n);
  for (std::size_t i = 0; i < n; ++i) {
    linear[i] = inner_product(rows[i], g);
    for (std::size_t j = 0; j <= i; ++j)
      gram[i * n + j] = gram[j * n + i] = inner_product(rows[i], rows[j]);
  }
  const auto satisfied = [](double product) { return product >= 0; };
  if (std::all_of(linear.begin(), linear.end(), satisfied)) return projection;

  const double norm = std::sqrt(inner_product(g, g));
  QuadraticWorkspace workspace(n);
  const QuadraticResult result = solve({gram, linear, margin, epsilon, norm}, workspace);
  projection.kkt_residual = result.kkt_residual;
  projection.iterations = result.iterations;
  projection.status = result.status;
  for (std::size_t i = 0; i < n; ++i) {
    projection.multipliers[i] = std::ldexp(result.multipliers[i], p - q[i]);
    projection.active[i] = result.active[i] != 0;
    const bool lost = epsilon == 0 && linear[i] < 0 && vanishes(rows[i], gram[i * n + i]);
    if (lost || !all_finite({&projection.multipliers[i], 1}))
      projection.status = QuadraticStatus::not_finite;
  }
  if (projection.status == QuadraticStatus::not_finite) {
    projection.multipliers.assign(n, 0);
    projection.active.assign(n, false);
    return projection;
  }
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; result.multipliers[i] != 0 && k < gradient.size(); ++k)
      projection.projected[k] += std::ldexp(result.multipliers[i] * rows[i][k], p);
  return projection;
}

}  // namespace palimpsest
