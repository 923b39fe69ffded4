// The kernels against loops that say what they mean. Every comparison is of bits: the order of
// summation is part of the contract (kernels.hpp), since every recorded number hangs on it.
#include "kernels.hpp"

#include <cmath>
#include <cstring>

#include "support.hpp"

using namespace support;

namespace {

using Matrix = std::vector<float>;

struct Shape {
  std::size_t m, k, n;
};

// All small ones, so that every tile and every remainder occurs, and some of real networks.
std::vector<Shape> shapes() {
  std::vector<Shape> all = {{10, 784, 100}, {100, 1, 64}, {33, 128, 128}, {64, 100, 1},
                            {1, 257, 19},   {31, 64, 10}, {17, 3, 100},   {20, 600, 17}};
  for (std::size_t m = 1; m <= 13; ++m)
    for (std::size_t k = 1; k <= 13; ++k)
      for (std::size_t n = 1; n <= 13; ++n) all.push_back({m, k, n});
  return all;
}

// A matrix with room behind it, to see what is written beyond its end.
constexpr std::size_t kGuard = 9;
Matrix guarded(Matrix matrix) {
  matrix.resize(matrix.size() + kGuard, 12345.0f);
  return matrix;
}

bool same_bits(const Matrix& a, const Matrix& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

// Σ_k x_k y_k in four interleaved partial sums (k = 0, 4, …; k = 1, 5, …), then the last k mod 4
// terms.
float interleaved(const float* x, const float* y, std::size_t k) {
  float part[4] = {0, 0, 0, 0};
  const std::size_t whole = k / 4 * 4;
  for (std::size_t l = 0; l < whole; ++l) part[l % 4] += x[l] * y[l];
  float sum = (part[0] + part[2]) + (part[1] + part[3]);
  for (std::size_t l = whole; l < k; ++l) sum += x[l] * y[l];
  return sum;
}

}  // namespace

TEST_CASE("kernels: C = bias + A·B, bit for bit") {
  Random random(1, "kernels");
  for (const auto& [m, k, n] : shapes()) {
    const Matrix a = uniform_floats(random, m * k), b = uniform_floats(random, k * n),
                 bias = uniform_floats(random, n);
    Matrix expected(m * n), c = guarded(uniform_floats(random, m * n));
    for (std::size_t i = 0; i < m; ++i)
      for (std::size_t j = 0; j < n; ++j) {
        float sum = bias[j];
        for (std::size_t l = 0; l < k; ++l) sum += a[i * k + l] * b[l * n + j];
        // A single column is summed in four parts.
        expected[i * n + j] = n == 1 ? bias[0] + interleaved(&a[i * k], b.data(), k) : sum;
      }
    kernels::multiply_with_bias(a.data(), b.data(), bias.data(), c.data(), m, k, n);
    INFO(m << " × " << k << " × " << n);
    REQUIRE(same_bits(c, guarded(expected)));
  }
}

TEST_CASE("kernels: C = Aᵀ·B and C += Aᵀ·B, bit for bit") {
  Random random(2, "kernels");
  for (const auto& [m, k, n] : shapes())
    for (bool accumulate : {false, true}) {
      const Matrix a = uniform_floats(random, k * m), b = uniform_floats(random, k * n),
                   before = uniform_floats(random, m * n);
      Matrix expected(m * n), c = guarded(before);
      for (std::size_t i = 0; i < m; ++i)
        for (std::size_t j = 0; j < n; ++j) {
          float sum = accumulate ? before[i * n + j] : 0;
          for (std::size_t l = 0; l < k; ++l) sum += a[l * m + i] * b[l * n + j];
          expected[i * n + j] = sum;
        }
      kernels::multiply_transposed(a.data(), b.data(), c.data(), m, k, n, accumulate);
      INFO(m << " × " << k << " × " << n << (accumulate ? ", added" : ""));
      REQUIRE(same_bits(c, guarded(expected)));
    }
}

TEST_CASE("kernels: C −= rate·Aᵀ·B, bit for bit the product and then its subtraction") {
  Random random(4, "kernels");
  for (const auto& [m, k, n] : shapes()) {
    const Matrix a = uniform_floats(random, k * m), b = uniform_floats(random, k * n),
                 before = uniform_floats(random, m * n);
    Matrix expected = before, c = guarded(before), scratch(m * n);
    for (std::size_t i = 0; i < m; ++i)
      for (std::size_t j = 0; j < n; ++j) {
        float sum = 0;
        for (std::size_t l = 0; l < k; ++l) sum += a[l * m + i] * b[l * n + j];
        expected[i * n + j] -= 0.3f * sum;
      }
    INFO(m << " × " << k << " × " << n);
    REQUIRE(
        kernels::subtract_transposed(a.data(), b.data(), 0.3f, c.data(), m, k, n, scratch.data()));
    REQUIRE(same_bits(c, guarded(expected)));
    // One infinite number, wherever it is, is told.
    c[random.below(static_cast<std::uint32_t>(m * n))] = std::numeric_limits<float>::infinity();
    REQUIRE_FALSE(
        kernels::subtract_transposed(a.data(), b.data(), 0.3f, c.data(), m, k, n, scratch.data()));
  }
}

TEST_CASE("kernels: C = A·Bᵀ, and times the slope of tanh, bit for bit") {
  Random random(3, "kernels");
  for (const auto& [m, k, n] : shapes())
    for (bool sloped : {false, true}) {
      const Matrix a = uniform_floats(random, m * k), b = uniform_floats(random, n * k),
                   tanh = uniform_floats(random, m * n);
      Matrix expected(m * n), c = guarded(uniform_floats(random, m * n)), scratch = guarded(b);
      for (std::size_t i = 0; i < m; ++i)
        for (std::size_t j = 0; j < n; ++j) {
          float sum = 0;
          for (std::size_t l = 0; l < k; ++l) sum += a[i * k + l] * b[j * k + l];
          const float t = tanh[i * n + j];
          expected[i * n + j] = sloped ? sum * (1 - t * t) : sum;
        }
      kernels::multiply_by_transpose(a.data(), b.data(), c.data(), m, k, n, scratch.data(),
                                     sloped ? tanh.data() : nullptr);
      INFO(m << " × " << k << " × " << n << (sloped ? ", sloped" : ""));
      REQUIRE(same_bits(c, guarded(expected)));
      REQUIRE(scratch.back() == 12345.0f);
    }
}

TEST_CASE("kernels: a transpose") {
  Random random(7, "kernels");
  for (std::size_t rows = 1; rows <= 13; ++rows)
    for (std::size_t columns = 1; columns <= 13; ++columns) {
      const Matrix a = uniform_floats(random, rows * columns);
      Matrix b = guarded(Matrix(rows * columns)), expected(rows * columns);
      for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t j = 0; j < columns; ++j) expected[j * rows + i] = a[i * columns + j];
      kernels::transpose(a.data(), b.data(), rows, columns);
      REQUIRE(same_bits(b, guarded(expected)));
    }
}

// Rows of which some are empty, in another order than they are used in, and the same with its
// zeros.
struct SparseAndDense {
  std::vector<std::uint32_t> begin{0}, place, which;
  Matrix value, dense;

  SparseAndDense(Random& random, std::size_t rows, std::size_t depth, std::uint32_t share)
      : dense(rows * depth, 0.0f) {
    for (std::uint32_t r = 0; r < rows; ++r) {
      which.insert(which.begin() + random.below(r + 1), r);
      for (std::uint32_t k = 0; k < depth; ++k)
        if (random.below(12) < share) {
          place.push_back(k);
          value.push_back(static_cast<float>(random.uniform(-1, 1)));
        }
      begin.push_back(static_cast<std::uint32_t>(place.size()));
    }
    for (std::size_t r = 0; r < rows; ++r)
      for (std::uint32_t k = begin[which[r]]; k < begin[which[r] + 1]; ++k)
        dense[r * depth + place[k]] = value[k];
  }
  kernels::SparseRows rows() const {
    return {begin.data(), place.data(), value.data(), which.data(), which.size()};
  }
};

TEST_CASE("kernels: a sparse product is bit for bit the dense one, copied panels or not") {
  Random random(8, "kernels");
  constexpr std::size_t kDepth = 30;
  for (std::size_t n = 2; n <= 130; ++n)
    for (std::size_t m : {1, 60})
      for (int start = 0; start < 3; ++start) {  // zero, the bias, what is there
        const Matrix b = uniform_floats(random, kDepth * n), bias = uniform_floats(random, n);
        const SparseAndDense a(random, m, kDepth, static_cast<std::uint32_t>(n % 12));
        const Matrix before = uniform_floats(random, m * n), zero(n, 0.0f);
        Matrix expected(m * n), c = guarded(before);
        kernels::multiply_with_bias(a.dense.data(), b.data(),
                                    start == 1 ? bias.data() : zero.data(), expected.data(), m,
                                    kDepth, n);
        if (start == 2) {
          Matrix transposed(kDepth * m);
          kernels::transpose(a.dense.data(), transposed.data(), m, kDepth);
          expected = before;
          kernels::multiply_transposed(transposed.data(), b.data(), expected.data(), m, kDepth, n,
                                       true);
        }
        Matrix panel(kernels::sparse_panel(kDepth));
        kernels::multiply_sparse(a.rows(), b.data(), start == 1 ? bias.data() : nullptr, start == 2,
                                 c.data(), kDepth, n, panel.data());
        INFO(n << " columns, " << m << " rows, start " << start);
        REQUIRE(same_bits(c, guarded(expected)));
      }
}

TEST_CASE("kernels: rows combined and subtracted, bit for bit what a dense product gives") {
  Random random(8, "kernels");
  constexpr std::size_t kDepth = 30;
  for (std::size_t n = 2; n <= 130; ++n) {
    const Matrix b = uniform_floats(random, kDepth * n), before = uniform_floats(random, n);
    const SparseAndDense a(random, 1, kDepth, static_cast<std::uint32_t>(n % 12));
    const Matrix zero(n, 0.0f);
    Matrix sums(n), after(n), theta = guarded(before);
    kernels::multiply_with_bias(a.dense.data(), b.data(), zero.data(), sums.data(), 1, kDepth, n);
    for (std::size_t j = 0; j < n; ++j) after[j] = before[j] - 0.3f * sums[j];
    INFO(n << " columns, " << a.place.size() << " values");
    REQUIRE(kernels::subtract_combined_rows(a.rows()[0], b.data(), 0.3f, theta.data(), n));
    REQUIRE(same_bits(theta, guarded(after)));
  }
}

TEST_CASE("kernels: a subtraction tells whether what it leaves is finite") {
  const float infinity = std::numeric_limits<float>::infinity();
  for (std::size_t n = 1; n <= 9; ++n)
    for (std::size_t at = 0; at < n; ++at)
      for (float bad : {infinity, -infinity, std::numeric_limits<float>::quiet_NaN()}) {
        Matrix x(n, 3e38f), y(n, 1.0f);
        REQUIRE(kernels::subtract_scaled(x, 1, y));
        x[at] = bad;
        REQUIRE_FALSE(kernels::subtract_scaled(x, 1, y));
        const std::uint32_t place = 0;
        const float value = 0.5f;
        std::fill(y.begin(), y.end(), 1.0f);
        REQUIRE_FALSE(
            kernels::subtract_combined_rows({&place, &value, 1}, x.data(), 1, y.data(), n));
      }
}

// Blocks of 64 in single precision, by four lanes joined as (0 + 2) + (1 + 3); the rest in double.
double naive_gram_element(const float* x, const float* y, std::size_t length) {
  double total = 0;
  std::size_t k = 0;
  for (; k + 64 <= length; k += 64) {
    float lane[4] = {};
    for (std::size_t j = 0; j < 64; ++j) lane[j % 4] += x[k + j] * y[k + j];
    total += (lane[0] + lane[2]) + (lane[1] + lane[3]);
  }
  for (; k < length; ++k) total += static_cast<double>(x[k]) * y[k];
  return total;
}

TEST_CASE("kernels: a Gram matrix is made of inner products, to the bit") {
  Random random(9, "kernels");
  for (std::size_t rows : {1u, 2u, 5u})
    for (std::size_t length : {1u, 63u, 64u, 257u, 1000u}) {
      const Matrix g = uniform_floats(random, rows * length);
      std::vector<double> products(rows * rows, -1.0);
      kernels::gram(g.data(), rows, length, products.data());
      for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t j = 0; j < rows; ++j)
          REQUIRE(products[i * rows + j] ==
                  naive_gram_element(&g[i * length], &g[j * length], length));
    }
}

TEST_CASE("kernels: sums of rows, from the first row to the last") {
  Random random(4, "kernels");
  for (std::size_t m = 1; m <= 13; ++m)
    for (std::size_t n = 1; n <= 13; ++n)
      for (bool accumulate : {false, true}) {
        const Matrix a = uniform_floats(random, m * n), before = uniform_floats(random, n);
        Matrix expected = accumulate ? before : Matrix(n, 0.0f), sums = guarded(before);
        for (std::size_t j = 0; j < n; ++j)
          for (std::size_t i = 0; i < m; ++i) expected[j] += a[i * n + j];
        kernels::sum_rows(a.data(), sums.data(), m, n, accumulate);
        INFO(m << " × " << n);
        REQUIRE(same_bits(sums, guarded(expected)));
      }
}

TEST_CASE("kernels: dot") {
  Random random(5, "kernels");
  for (std::size_t n = 0; n <= 300; ++n) {
    // Integers up to 100: every partial sum is exact in single precision, so the result is too.
    Matrix x(n), y(n);
    double exact = 0;
    for (std::size_t i = 0; i < n; ++i) {
      x[i] = static_cast<float>(random.below(201)) - 100;
      y[i] = static_cast<float>(random.below(201)) - 100;
      exact += static_cast<double>(x[i]) * y[i];
    }
    REQUIRE(kernels::dot(x, y) == exact);
  }
  const Matrix x = uniform_floats(random, 100'003), y = uniform_floats(random, 100'003);
  double exact = 0, size = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    exact += static_cast<double>(x[i]) * y[i];
    size += std::abs(static_cast<double>(x[i]) * y[i]);
  }
  // Blocks of 64 products in single precision: 6 roundings a product at 6e-8 each, at worst.
  CHECK(std::abs(kernels::dot(x, y) - exact) < 4e-7 * size);
  // Beyond a block the sum is in double: 1 is not lost beside 2^24 in another block.
  Matrix large(128, 0.0f);
  large[0] = 16777216.0f;
  large[64] = 1;
  CHECK(kernels::dot(large, Matrix(128, 1.0f)) == 16777217.0);
}

TEST_CASE("kernels: y += scale·x") {
  Random random(6, "kernels");
  for (std::size_t n = 0; n <= 40; ++n) {
    const Matrix x = uniform_floats(random, n), before = uniform_floats(random, n);
    Matrix y = before, expected = before;
    for (std::size_t i = 0; i < n; ++i) expected[i] += 0.3f * x[i];
    kernels::add_scaled(x, 0.3f, y);
    REQUIRE(same_bits(y, expected));
  }
}
