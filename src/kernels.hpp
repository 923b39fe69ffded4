// The inner loops of training, on 4-lane vectors. Matrices are row-major and dense unless they say
// otherwise: row r of a matrix with `columns` columns starts at r · columns. Nothing here allocates.
//
// Every element of a product is one sum over k in ascending order, added to what it starts from,
// whatever tile computes it, so that a naive triple loop gives the same bits; skipping zeros changes
// no sum (but for the sign of a zero). One exception: a product with a single column, by
// multiply_with_bias, sums k in the four interleaved parts that dot_columns documents.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace palimpsest::kernels {

// C (m × n) = bias (n, added to every row) + A (m × k) · B (k × n).
void multiply_with_bias(const float* a, const float* b, const float* bias, float* c, std::size_t m,
                        std::size_t k, std::size_t n);

// C (m × n) = [C if accumulate] + A (k × m)ᵀ · B (k × n).
void multiply_transposed(const float* a, const float* b, float* c, std::size_t m, std::size_t k,
                         std::size_t n, bool accumulate);

// C (m × n) −= rate · A (k × m)ᵀ · B (k × n); whether C stays finite. Scratch holds m · n numbers.
bool subtract_transposed(const float* a, const float* b, float rate, float* c, std::size_t m,
                         std::size_t k, std::size_t n, float* scratch);

// C (m × n) = A (m × k) · B (n × k)ᵀ, then, where activations tanh(z) (m × n) are given, times
// their slope 1 − tanh²; scratch holds n · k numbers.
void multiply_by_transpose(const float* a, const float* b, float* c, std::size_t m, std::size_t k,
                           std::size_t n, float* scratch, const float* tanh = nullptr);

// A sparse vector: `count` values and the places where they stand.
struct Sparse {
  const std::uint32_t* place;
  const float* value;
  std::size_t count;
};

// A sparse matrix: its r-th row has the numbers value[k] in the columns place[k], where k goes from
// begin[i] to begin[i + 1] and i is which[r], or r itself where there is no `which`.
struct SparseRows {
  const std::uint32_t* begin;
  const std::uint32_t* place;
  const float* value;
  const std::uint32_t* which;
  std::size_t count;

  Sparse operator[](std::size_t r) const {
    const std::size_t i = which ? which[r] : r;
    return {place + begin[i], value + begin[i], begin[i + 1] - begin[i]};
  }
};

// The room, in numbers, that multiply_sparse needs to copy k rows of B, 36 columns at a time.
constexpr std::size_t sparse_panel(std::size_t k) { return 36 * k + 15; }

// C (a.count × n) = [bias (n, added to every row) if given] + [C if accumulate] + A · B (k × n),
// with at most one of the two to start from; panel holds sparse_panel(k) numbers.
void multiply_sparse(const SparseRows& a, const float* b, const float* bias, bool accumulate,
                     float* c, std::size_t k, std::size_t n, float* panel);

// c (n) −= scale · Σ value · B[place]; whether c stays finite.
bool subtract_combined_rows(Sparse a, const float* b, float scale, float* c, std::size_t n);

// b (columns × rows) = A (rows × columns)ᵀ.
void transpose(const float* a, float* b, std::size_t rows, std::size_t columns);

// sums (n) = [sums if accumulate] + the sum of the rows of A (m × n).
void sum_rows(const float* a, float* sums, std::size_t m, std::size_t n, bool accumulate);

// Σ x_i · y_i: single precision within blocks of 64, summed over the blocks in double.
double dot(std::span<const float> x, std::span<const float> y);

// G (rows × length) times its transpose, rows × rows; every element is summed as by `dot`, but in
// another order within a block, and G is read from memory once.
void gram(const float* g, std::size_t rows, std::size_t length, double* products);

// Multiplies x by a power of two, so that its largest magnitude is about 1 and its square far from
// underflow; returns that power (1 where x is zero or not finite).
float scale_to_one(std::span<float> x);

// y += scale · x.
void add_scaled(std::span<const float> x, float scale, std::span<float> y);

// y −= scale · x; whether y stays finite.
bool subtract_scaled(std::span<const float> x, float scale, std::span<float> y);

}  // namespace palimpsest::kernels
