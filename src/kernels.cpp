#include "kernels.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "vec.hpp"

namespace palimpsest::kernels {
namespace {

// Before a loop: V8 up to that of Node 20 puts all loads of an unrolled loop first, and the sums
// leave the registers.
#if defined(__clang__)
#define ROLLED _Pragma("clang loop unroll(disable)")
#else
#define ROLLED
#endif

constexpr std::size_t kWide = 8;    // columns of a tile of C, two vectors
constexpr std::size_t kDeep = 256;  // of the sum done before the next columns: kDeep × kWide fit L1
constexpr std::size_t kMany = 16;   // rows of C from which copying a panel of B pays
constexpr std::size_t kOften = 8;   // uses of a row of B by sparse rows from which it pays
constexpr std::size_t kBlock = 64;  // products that `dot` sums in single precision

// What a tile of C starts from.
enum class Start { zero, bias, c };

// A · B where A's element (i, k) lies at a[i · row + k · step], so that it may be a transpose. With
// `overflow`, C becomes C − rate · A · B, which `overflow` sees; with `tanh`, which has C's shape,
// every element is then multiplied by 1 − tanh².
struct Product {
  const float* a;
  std::size_t row, step;
  const float* b;
  std::size_t b_row;
  const float* bias;
  float* c;
  std::size_t c_row;
  std::size_t k;
  Start start;
  float rate = 0;
  Overflow* overflow = nullptr;
  const float* tanh = nullptr;

  // C's values from place `at` on, given their sums; what is seen is kept in a register until it is
  // told.
  template <class T>
  void put(std::size_t at, T sum, Overflow& seen) const {
    if (overflow) {
      sum = load_like(c + at, sum) - rate * sum;
      seen.see(sum);
    }
    if (tanh) {
      const T activation = load_like(tanh + at, sum);
      sum *= 1 - activation * activation;
    }
    store_like(c + at, sum);
  }
  void tell(const Overflow& seen) const {
    if (overflow) overflow->add(seen);
  }

  Product from_column(std::size_t j) const {
    Product part = *this;
    part.b += j;
    part.bias += start == Start::bias ? j : 0;
    part.c += j;
    part.tanh += tanh ? j : 0;
    return part;
  }
};

// R rows and 4·V columns of C, from row i and from the column where p.b, p.bias and p.c stand.
template <int R, int V>
void vector_tile(const Product& p, std::size_t i) {
  const std::size_t at = i * p.c_row;
  const float* c = p.c + at;
  vec4 sum[R][V];
  for (int r = 0; r < R; ++r)
    for (int v = 0; v < V; ++v)
      sum[r][v] = p.start == Start::zero   ? broadcast(0)
                  : p.start == Start::bias ? load(p.bias + 4 * v)
                                           : load(c + r * p.c_row + 4 * v);
  const float* a = p.a + i * p.row;
  const float* b = p.b;
  for (std::size_t k = 0; k < p.k; ++k, a += p.step, b += p.b_row) {
    vec4 column[V];
    for (int v = 0; v < V; ++v) column[v] = load(b + 4 * v);
    for (int r = 0; r < R; ++r) {
      const vec4 scale = broadcast(a[r * p.row]);
      for (int v = 0; v < V; ++v) sum[r][v] += scale * column[v];
    }
  }
  Overflow seen;
  for (int r = 0; r < R; ++r)
    for (int v = 0; v < V; ++v) p.put(at + r * p.c_row + 4 * v, sum[r][v], seen);
  p.tell(seen);
}

// R rows of one column: what is left where n is no multiple of four.
template <int R>
void scalar_tile(const Product& p, std::size_t i) {
  const std::size_t at = i * p.c_row;
  const float* c = p.c + at;
  float sum[R];
  for (int r = 0; r < R; ++r)
    sum[r] = p.start == Start::zero ? 0 : p.start == Start::bias ? *p.bias : c[r * p.c_row];
  const float* a = p.a + i * p.row;
  const float* b = p.b;
  for (std::size_t k = 0; k < p.k; ++k, a += p.step, b += p.b_row)
    for (int r = 0; r < R; ++r) sum[r] += a[r * p.row] * *b;
  Overflow seen;
  for (int r = 0; r < R; ++r) p.put(at + r * p.c_row, sum[r], seen);
  p.tell(seen);
}

template <int R>
void tile(const Product& p, std::size_t i, std::size_t columns) {
  if (columns == 8) return vector_tile<R, 2>(p, i);
  if (columns == 4) return vector_tile<R, 1>(p, i);
  scalar_tile<R>(p, i);
}

// All m rows of 8, 4 or 1 columns, in tiles of four, and of three where four would leave a rest.
void column_block(const Product& p, std::size_t m, std::size_t columns) {
  for (std::size_t i = 0; i < m;) {
    const std::size_t left = m - i;
    const std::size_t rows = left % 4 == 0 ? 4 : std::min<std::size_t>(left, 3);
    switch (rows) {
      case 4:
        tile<4>(p, i, columns);
        break;
      case 3:
        tile<3>(p, i, columns);
        break;
      case 2:
        tile<2>(p, i, columns);
        break;
      default:
        tile<1>(p, i, columns);
    }
    i += rows;
  }
}

// V vectors of four columns, or one column.
template <class Vector, int V>
struct Block {
  using T = Vector;
  static constexpr std::size_t kLanes = sizeof(T) / sizeof(float), kColumns = kLanes * V;
  static constexpr int kVectors = V;
};

// Calls body(j, block) for n columns in blocks of as many as have their sums in the registers (32,
// two cache lines, are the fastest), but so that few are left for shorter and slower blocks.
template <class Body>
void for_each_block(std::size_t n, Body body) {
  for (std::size_t j = 0; j < n;) {
    const std::size_t vectors = (n - j) / 4, blocks = (vectors + 8) / 9;
    const auto use = [&](auto block) {
      body(j, block);
      j += block.kColumns;
    };
    if (vectors == 0)
      use(Block<float, 1>{});
    else if (vectors < 8 * blocks)
      vectors < 5 ? use(Block<vec4, 1>{}) : use(Block<vec4, 5>{});
    else
      vectors == 8 * blocks ? use(Block<vec4, 8>{}) : use(Block<vec4, 9>{});
  }
}

// One row, in blocks so wide that no sum waits for the addition before it.
void multiply_row(const Product& p, std::size_t n) {
  for_each_block(n, [&](std::size_t j, auto block) {
    const Product part = p.from_column(j);
    if constexpr (block.kColumns == 1)
      scalar_tile<1>(part, 0);
    else
      vector_tile<1, block.kVectors>(part, 0);
  });
}

// A product of a column and a row, as a network with one input or one output has it.
void multiply_outer(const Product& p, std::size_t m, std::size_t n) {
  Overflow seen;
  for (std::size_t i = 0; i < m; ++i) {
    const float scale = p.a[i * p.row];
    const std::size_t at = i * p.c_row;
    const float* start = p.start == Start::zero   ? nullptr
                         : p.start == Start::bias ? p.bias
                                                  : p.c + at;
    const auto put = [&](std::size_t j, auto like) {
      const auto from = start ? load_like(start + j, like) : like;
      p.put(at + j, from + scale * load_like(p.b + j, like), seen);
    };
    std::size_t j = 0;
    for (; j + 4 <= n; j += 4) put(j, vec4{});
    for (; j < n; ++j) put(j, 0.0f);
  }
  p.tell(seen);
}

// The sum's depth is cut so that the panel of B under a column block stays in the first cache.
void multiply(Product p, std::size_t m, std::size_t n) {
  if (m == 1) return multiply_row(p, n);
  if (p.k == 1) return multiply_outer(p, m, n);
  float panel[kDeep * kWide];
  const std::size_t depth = p.k;
  const float* tanh = std::exchange(p.tanh, nullptr);
  for (std::size_t begin = 0; begin < depth; begin += kDeep) {
    p.k = std::min(kDeep, depth - begin);
    if (begin + p.k == depth) p.tanh = tanh;
    for (std::size_t j = 0; j < n;) {
      std::size_t columns = n - j >= 8 ? 8 : n - j >= 4 ? 4 : 1;
      if (columns == 1 && n >= 4 && p.start != Start::c) {  // the last four, some of them again
        columns = 4;
        j = n - 4;
      }
      Product block = p.from_column(j);
      if (m >= kMany && columns == kWide) {
        for (std::size_t k = 0; k < p.k; ++k) {
          store(panel + k * kWide, load(block.b + k * p.b_row));
          store(panel + k * kWide + 4, load(block.b + k * p.b_row + 4));
        }
        block.b = panel;
        block.b_row = kWide;
      }
      column_block(block, m, columns);
      j += columns;
    }
    p.a += kDeep * p.step;
    p.b += kDeep * p.b_row;
    p.start = Start::c;
  }
}

// c (m) = bias + A (m × k) · b (k), each sum in the four parts k = 0, 4, 8, …; k = 1, 5, 9, …; …,
// joined as (s0 + s2) + (s1 + s3), then the last k mod 4 terms, then the bias.
void dot_columns(const float* a, const float* b, float bias, float* c, std::size_t m,
                 std::size_t k) {
  for (std::size_t i = 0; i < m; ++i, a += k) {
    vec4 parts = broadcast(0);
    std::size_t l = 0;
    for (; l + 4 <= k; l += 4) parts += load(a + l) * load(b + l);
    float total = sum(parts);
    for (; l < k; ++l) total += a[l] * b[l];
    c[i] = bias + total;
  }
}

// The same for K summed rows, column by column: no inner loop of a length that is hard to predict.
template <int K, class Start, class Use>
void combine_few(Sparse a, const float* b, std::size_t n, Start start, Use use) {
  const float* row[K];
  float value[K];  // copied, since what `use` stores might be a.value
  for (int k = 0; k < K; ++k) {
    row[k] = b + a.place[k] * n;
    value[k] = a.value[k];
  }
  const auto column = [&](std::size_t j, auto total) {
    total = start(j, total);
    for (int k = 0; k < K; ++k) total += value[k] * load_like(row[k] + j, total);
    use(j, total);
  };
  std::size_t j = 0;
  for (; j + 4 <= n; j += 4) column(j, vec4{});
  for (; j < n; ++j) column(j, float{});
}

// Calls use(j, start[j …] + Σ value · B[place][j …]) for every vector of a block; the sums begin
// with zero where start is null.
template <class B, class Use>
void combine_block(B, Sparse a, const float* b, std::size_t b_row, const float* start, Use use) {
  using T = typename B::T;
  T total[B::kVectors];
  for (int v = 0; v < B::kVectors; ++v)
    total[v] = start ? load_like(start + B::kLanes * v, T{}) : T{};
  for (std::size_t k = 0; k < a.count; ++k) {
    const float* row = b + a.place[k] * b_row;
    const T scale = broadcast<T>(a.value[k]);
    for (int v = 0; v < B::kVectors; ++v) total[v] += scale * load_like(row + B::kLanes * v, T{});
  }
  for (int v = 0; v < B::kVectors; ++v) use(B::kLanes * v, total[v]);
}

// v becomes its transpose, as a matrix of four rows.
void transpose_in_place(vec4 v[4]) {
  const vec4 low01 = __builtin_shufflevector(v[0], v[1], 0, 4, 1, 5);
  const vec4 high01 = __builtin_shufflevector(v[0], v[1], 2, 6, 3, 7);
  const vec4 low23 = __builtin_shufflevector(v[2], v[3], 0, 4, 1, 5);
  const vec4 high23 = __builtin_shufflevector(v[2], v[3], 2, 6, 3, 7);
  v[0] = __builtin_shufflevector(low01, low23, 0, 1, 4, 5);
  v[1] = __builtin_shufflevector(low01, low23, 2, 3, 6, 7);
  v[2] = __builtin_shufflevector(high01, high23, 0, 1, 4, 5);
  v[3] = __builtin_shufflevector(high01, high23, 2, 3, 6, 7);
}

// The single-precision sum of one block of `dot`.
float block_dot(const float* x, const float* y) {
  vec4 part[4] = {};
  ROLLED
  for (std::size_t j = 0; j < kBlock; j += 16)
    for (std::size_t s = 0; s < 4; ++s) part[s] += load(x + j + 4 * s) * load(y + j + 4 * s);
  return sum((part[0] + part[1]) + (part[2] + part[3]));
}

// {x0·y0, x0·y1, x1·y0, x1·y1} of one block, at half the loads of block_dot.
vec4 four_block_dots(const float* const x[2], const float* const y[2], std::size_t at) {
  vec4 part[4] = {};
  ROLLED
  for (std::size_t j = at; j < at + kBlock; j += 4) {
    const vec4 x0 = load(x[0] + j), x1 = load(x[1] + j), y0 = load(y[0] + j), y1 = load(y[1] + j);
    part[0] += x0 * y0;
    part[1] += x0 * y1;
    part[2] += x1 * y0;
    part[3] += x1 * y1;
  }
  transpose_in_place(part);
  return (part[0] + part[2]) + (part[1] + part[3]);
}

// Adds to the products of rows i, i + 1 with rows j, j + 1 of G what columns begin to begin + size
// give; the last row stands for the one after it.
void add_products(const float* g, std::size_t rows, std::size_t length, std::size_t i,
                  std::size_t j, std::size_t begin, std::size_t size, double* products) {
  const std::size_t row[] = {i, std::min(i + 1, rows - 1)},
                    column[] = {j, std::min(j + 1, rows - 1)};
  const float* const x[] = {g + row[0] * length + begin, g + row[1] * length + begin};
  const float* const y[] = {g + column[0] * length + begin, g + column[1] * length + begin};
  double total[4];
  for (int p = 0; p < 4; ++p) total[p] = products[row[p / 2] * rows + column[p % 2]];
  std::size_t k = 0;
  for (; k + kBlock <= size; k += kBlock) {
    const vec4 dots = four_block_dots(x, y, k);
    for (int p = 0; p < 4; ++p) total[p] += dots[p];
  }
  for (; k < size; ++k)
    for (int p = 0; p < 4; ++p) total[p] += static_cast<double>(x[p / 2][k]) * y[p % 2][k];
  for (int p = 0; p < 4; ++p) products[row[p / 2] * rows + column[p % 2]] = total[p];
}

}  // namespace

void multiply_with_bias(const float* a, const float* b, const float* bias, float* c, std::size_t m,
                        std::size_t k, std::size_t n) {
  if (n == 1) return dot_columns(a, b, *bias, c, m, k);
  multiply({a, k, 1, b, n, bias, c, n, k, Start::bias}, m, n);
}

void multiply_transposed(const float* a, const float* b, float* c, std::size_t m, std::size_t k,
                         std::size_t n, bool accumulate) {
  const Start start = accumulate ? Start::c : Start::zero;
  if (n == 1)  // Cᵀ = Bᵀ · A has its columns side by side
    multiply({b, 1, 1, a, m, nullptr, c, m, k, start}, 1, m);
  else
    multiply({a, 1, m, b, n, nullptr, c, n, k, start}, m, n);
}

bool subtract_transposed(const float* a, const float* b, float rate, float* c, std::size_t m,
                         std::size_t k, std::size_t n, float* scratch) {
  // Single columns are slower than the way by scratch, and parts of a sum cannot be subtracted.
  if ((n > 1 && n % 4 != 0) || k > kDeep) {
    multiply_transposed(a, b, scratch, m, k, n, false);
    return subtract_scaled({scratch, m * n}, rate, {c, m * n});
  }
  Overflow overflow;
  if (n == 1)
    multiply({b, 1, 1, a, m, nullptr, c, m, k, Start::zero, rate, &overflow}, 1, m);
  else
    multiply({a, 1, m, b, n, nullptr, c, n, k, Start::zero, rate, &overflow}, m, n);
  return overflow.none({c, m * n});
}

void multiply_by_transpose(const float* a, const float* b, float* c, std::size_t m, std::size_t k,
                           std::size_t n, float* scratch, const float* tanh) {
  transpose(b, scratch, n, k);
  multiply({a, k, 1, scratch, n, nullptr, c, n, k, Start::zero, 0, nullptr, tanh}, m, n);
}

void multiply_sparse(const SparseRows& a, const float* b, const float* bias, bool accumulate,
                     float* c, std::size_t k, std::size_t n, float* panel) {
  std::size_t numbers = 0;
  for (std::size_t r = 0; r < a.count; ++r) numbers += a[r].count;
  const bool copied = numbers >= kOften * k;
  panel += (0 - reinterpret_cast<std::uintptr_t>(panel) / sizeof(float)) % 16;  // to a cache line
  for_each_block(n, [&](std::size_t j, auto block) {
    const float* rows = b + j;
    std::size_t row = n;
    if (copied) {
      for (std::size_t i = 0; i < k; ++i)
        for (std::size_t l = 0; l < block.kColumns; l += block.kLanes)
          store_like(panel + i * block.kColumns + l,
                     load_like(rows + i * n + l, typename decltype(block)::T{}));
      rows = panel;
      row = block.kColumns;
    }
    for (std::size_t r = 0; r < a.count; ++r) {
      float* to = c + r * n + j;
      combine_block(block, a[r], rows, row,
                    bias         ? bias + j
                    : accumulate ? to
                                 : nullptr,
                    [to](std::size_t l, auto total) { store_like(to + l, total); });
    }
  });
}

bool subtract_combined_rows(Sparse a, const float* b, float scale, float* c, std::size_t n) {
  Overflow overflow;
  const auto zero = [](std::size_t, auto like) { return decltype(like){}; };
  const auto subtract = [=, &overflow](std::size_t j, auto total) {
    const auto next = load_like(c + j, total) - scale * total;
    store_like(c + j, next);
    overflow.see(next);
  };
  switch (a.count) {  // few examples of a small batch have one pixel in common
    case 1:
      combine_few<1>(a, b, n, zero, subtract);
      break;
    case 2:
      combine_few<2>(a, b, n, zero, subtract);
      break;
    case 3:
      combine_few<3>(a, b, n, zero, subtract);
      break;
    case 4:
      combine_few<4>(a, b, n, zero, subtract);
      break;
    default:
      for_each_block(n, [&](std::size_t j, auto block) {
        combine_block(block, a, b + j, n, nullptr,
                      [&](std::size_t l, auto total) { subtract(j + l, total); });
      });
  }
  return overflow.none({c, n});
}

void transpose(const float* a, float* b, std::size_t rows, std::size_t columns) {
  std::size_t i = 0;
  for (; i + 4 <= rows; i += 4) {
    std::size_t j = 0;
    for (; j + 4 <= columns; j += 4) {
      vec4 block[4];
      for (int r = 0; r < 4; ++r) block[r] = load(a + (i + r) * columns + j);
      transpose_in_place(block);
      for (int r = 0; r < 4; ++r) store(b + (j + r) * rows + i, block[r]);
    }
    for (; j < columns; ++j)
      for (std::size_t r = i; r < i + 4; ++r) b[j * rows + r] = a[r * columns + j];
  }
  for (; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j) b[j * rows + i] = a[i * columns + j];
}

void sum_rows(const float* a, float* sums, std::size_t m, std::size_t n, bool accumulate) {
  const float one = 1;  // a row of ones, times A
  multiply_row({&one, 0, 0, a, n, nullptr, sums, n, m, accumulate ? Start::c : Start::zero}, n);
}

double dot(std::span<const float> x, std::span<const float> y) {
  double total = 0;
  std::size_t i = 0;
  for (; i + kBlock <= x.size(); i += kBlock) total += block_dot(&x[i], &y[i]);
  for (; i < x.size(); ++i) total += static_cast<double>(x[i]) * y[i];
  return total;
}

void gram(const float* g, std::size_t rows, std::size_t length, double* products) {
  constexpr std::size_t kPiece = 4 * kBlock;  // of every row: all of them together fit the cache
  std::fill(products, products + rows * rows, 0.0);
  for (std::size_t begin = 0; begin < length; begin += kPiece) {
    const std::size_t size = std::min(kPiece, length - begin);
    for (std::size_t i = 0; i < rows; i += 2)
      for (std::size_t j = 0; j <= i; j += 2)
        add_products(g, rows, length, i, j, begin, size, products);
  }
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < i; ++j) products[j * rows + i] = products[i * rows + j];
}

float scale_to_one(std::span<float> x) {
  float largest = 0;
  for (float value : x) largest = std::max(largest, std::abs(value));
  if (!(largest > 0 && largest <= std::numeric_limits<float>::max())) return 1;
  const std::int32_t exponent = bits(largest) >> 23;  // biased by 127; 0 for subnormal numbers
  const float power = from_bits(std::clamp(254 - exponent, 1, 253) << 23);
  for (float& value : x) value *= power;
  return power;
}

void add_scaled(std::span<const float> x, float scale, std::span<float> y) {
  for (std::size_t i = 0; i < x.size(); ++i) y[i] += scale * x[i];
}

bool subtract_scaled(std::span<const float> x, float scale, std::span<float> y) {
  const float* __restrict from = x.data();
  float* __restrict to = y.data();
  Overflow overflow;
  std::size_t i = 0;
  const auto subtract = [&](auto like) {
    const auto next = load_like(to + i, like) - scale * load_like(from + i, like);
    store_like(to + i, next);
    overflow.see(next);
  };
  for (; i + 4 <= x.size(); i += 4) subtract(vec4{});
  for (; i < x.size(); ++i) subtract(float{});
  return overflow.none(y);
}

}  // namespace palimpsest::kernels
