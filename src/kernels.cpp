#include "kernels.hpp"

#include <algorithm>

#include "vec.hpp"

namespace palimpsest::kernels {
namespace {

constexpr int kRows = 4;     // of a tile of C: 4 × 8 sums fill half of the 16 registers that SSE has
constexpr int kVectors = 2;  // vectors of four columns

// What a tile of C starts from.
enum class Start { zero, bias, c };

// A · B where A's element (i, k) lies at a[i · row + k · step], so that it may be a transpose.
struct Product {
  const float* a;
  std::size_t row, step;
  const float* b;
  const float* bias;
  float* c;
  std::size_t k, n;
  Start start;
};

// The tile of R rows and 4·V columns whose first element is (i, j).
template <int R, int V>
void vector_tile(const Product& p, std::size_t i, std::size_t j) {
  vec4 sum[R][V];
  for (int r = 0; r < R; ++r)
    for (int v = 0; v < V; ++v)
      sum[r][v] = p.start == Start::zero   ? broadcast(0)
                  : p.start == Start::bias ? load(p.bias + j + 4 * v)
                                           : load(p.c + (i + r) * p.n + j + 4 * v);
  const float* a = p.a + i * p.row;
  const float* b = p.b + j;
  for (std::size_t k = 0; k < p.k; ++k, a += p.step, b += p.n) {
    vec4 column[V];
    for (int v = 0; v < V; ++v) column[v] = load(b + 4 * v);
    for (int r = 0; r < R; ++r) {
      const vec4 scale = broadcast(a[r * p.row]);
      for (int v = 0; v < V; ++v) sum[r][v] += scale * column[v];
    }
  }
  for (int r = 0; r < R; ++r)
    for (int v = 0; v < V; ++v) store(p.c + (i + r) * p.n + j + 4 * v, sum[r][v]);
}

// One column of R rows: what is left where n is no multiple of four.
template <int R>
void scalar_tile(const Product& p, std::size_t i, std::size_t j) {
  float sum[R];
  for (int r = 0; r < R; ++r)
    sum[r] = p.start == Start::zero   ? 0
             : p.start == Start::bias ? p.bias[j]
                                      : p.c[(i + r) * p.n + j];
  const float* a = p.a + i * p.row;
  const float* b = p.b + j;
  for (std::size_t k = 0; k < p.k; ++k, a += p.step, b += p.n)
    for (int r = 0; r < R; ++r) sum[r] += a[r * p.row] * *b;
  for (int r = 0; r < R; ++r) p.c[(i + r) * p.n + j] = sum[r];
}

template <int R>
void rows(const Product& p, std::size_t i) {
  std::size_t j = 0;
  for (; j + 4 * kVectors <= p.n; j += 4 * kVectors) vector_tile<R, kVectors>(p, i, j);
  if (j + 4 <= p.n) {
    vector_tile<R, 1>(p, i, j);
    j += 4;
  }
  for (; j < p.n; ++j) scalar_tile<R>(p, i, j);
}

void multiply(const Product& p, std::size_t m) {
  std::size_t i = 0;
  for (; i + kRows <= m; i += kRows) rows<kRows>(p, i);
  if (i + 2 <= m) {
    rows<2>(p, i);
    i += 2;
  }
  if (i < m) rows<1>(p, i);
}

// R × S elements of A · Bᵀ, each in the four partial sums of one vector.
template <int R, int S>
void dot_tile(const float* a, const float* b, float* c, std::size_t k, std::size_t n) {
  vec4 sum[R][S];
  for (auto& row : sum)
    for (vec4& s : row) s = broadcast(0);
  std::size_t l = 0;
  for (; l + 4 <= k; l += 4) {
    vec4 right[S];
    for (int s = 0; s < S; ++s) right[s] = load(b + s * k + l);
    for (int r = 0; r < R; ++r) {
      const vec4 left = load(a + r * k + l);
      for (int s = 0; s < S; ++s) sum[r][s] += left * right[s];
    }
  }
  for (int r = 0; r < R; ++r)
    for (int s = 0; s < S; ++s) {
      float total = palimpsest::sum(sum[r][s]);
      for (std::size_t tail = l; tail < k; ++tail) total += a[r * k + tail] * b[s * k + tail];
      c[r * n + s] = total;
    }
}

template <int R>
void dot_rows(const float* a, const float* b, float* c, std::size_t k, std::size_t n) {
  std::size_t j = 0;
  for (; j + 2 <= n; j += 2) dot_tile<R, 2>(a, b + j * k, c + j, k, n);
  if (j < n) dot_tile<R, 1>(a, b + j * k, c + j, k, n);
}

}  // namespace

void multiply_with_bias(const float* a, const float* b, const float* bias, float* c, std::size_t m,
                        std::size_t k, std::size_t n) {
  if (n == 1) {  // B is one column: it is its own transpose, and C one row's dot products
    multiply_by_transpose(a, b, c, m, k, 1);
    for (std::size_t i = 0; i < m; ++i) c[i] = bias[0] + c[i];
    return;
  }
  multiply({a, k, 1, b, bias, c, k, n, Start::bias}, m);
}

void multiply_transposed(const float* a, const float* b, float* c, std::size_t m, std::size_t k,
                         std::size_t n, bool accumulate) {
  const Start start = accumulate ? Start::c : Start::zero;
  if (n == 1)  // Cᵀ = Bᵀ · A has its columns side by side
    multiply({b, 1, 1, a, nullptr, c, k, m, start}, 1);
  else
    multiply({a, 1, m, b, nullptr, c, k, n, start}, m);
}

void multiply_by_transpose(const float* a, const float* b, float* c, std::size_t m, std::size_t k,
                           std::size_t n) {
  if (k == 1) {  // an outer product
    multiply({a, 1, 1, b, nullptr, c, 1, n, Start::zero}, m);
    return;
  }
  std::size_t i = 0;
  for (; i + kRows <= m; i += kRows) dot_rows<kRows>(a + i * k, b, c + i * n, k, n);
  for (; i < m; ++i) dot_rows<1>(a + i * k, b, c + i * n, k, n);
}

void sum_rows(const float* a, float* sums, std::size_t m, std::size_t n, bool accumulate) {
  if (!accumulate) std::fill(sums, sums + n, 0.0f);
  for (std::size_t i = 0; i < m; ++i)
    for (std::size_t j = 0; j < n; ++j) sums[j] += a[i * n + j];
}

double dot(std::span<const float> x, std::span<const float> y) {
  constexpr std::size_t kBlock = 64;
  double total = 0;
  std::size_t i = 0;
  for (; i + kBlock <= x.size(); i += kBlock) {
    vec4 sum[4] = {broadcast(0), broadcast(0), broadcast(0), broadcast(0)};
    for (std::size_t j = 0; j < kBlock; j += 16)
      for (std::size_t s = 0; s < 4; ++s)
        sum[s] += load(&x[i + j + 4 * s]) * load(&y[i + j + 4 * s]);
    total += palimpsest::sum((sum[0] + sum[1]) + (sum[2] + sum[3]));
  }
  for (; i < x.size(); ++i) total += static_cast<double>(x[i]) * y[i];
  return total;
}

void add_scaled(std::span<const float> x, float scale, std::span<float> y) {
  for (std::size_t i = 0; i < x.size(); ++i) y[i] += scale * x[i];
}

bool all_finite(std::span<const float> values) {
  vec4 zero = broadcast(0);  // x − x is 0 for every finite x and NaN for the others
  std::size_t i = 0;
  for (; i + 4 <= values.size(); i += 4) {
    const vec4 x = load(&values[i]);
    zero += x - x;
  }
  float rest = sum(zero);
  for (; i < values.size(); ++i) rest += values[i] - values[i];
  return rest == 0;
}

}  // namespace palimpsest::kernels
