// The inner loops of training, on 4-lane vectors. All matrices are row-major and dense: row r of a
// matrix with `columns` columns starts at r · columns. Nothing here allocates.
//
// Every element of a product is one sum over k in ascending order, added to what it starts from,
// whatever the tile that computes it, so that a naive triple loop gives the same bits. The exception
// is documented at multiply_by_transpose.
#pragma once

#include <cstddef>
#include <span>

namespace palimpsest::kernels {

// C (m × n) = bias (n, added to every row) + A (m × k) · B (k × n).
void multiply_with_bias(const float* a, const float* b, const float* bias, float* c, std::size_t m,
                        std::size_t k, std::size_t n);

// C (m × n) = [C if accumulate] + A (k × m)ᵀ · B (k × n).
void multiply_transposed(const float* a, const float* b, float* c, std::size_t m, std::size_t k,
                         std::size_t n, bool accumulate);

// C (m × n) = A (m × k) · B (n × k)ᵀ. Here the sum over k runs in four interleaved partial sums
// (k = 0, 4, 8, …; k = 1, 5, 9, …; …), joined as (s0 + s2) + (s1 + s3), then the last k mod 4 terms.
void multiply_by_transpose(const float* a, const float* b, float* c, std::size_t m, std::size_t k,
                           std::size_t n);

// sums (n) = [sums if accumulate] + the sum of the rows of A (m × n).
void sum_rows(const float* a, float* sums, std::size_t m, std::size_t n, bool accumulate);

// Σ x_i · y_i, in double over blocks of 64 products that are summed in single precision.
double dot(std::span<const float> x, std::span<const float> y);

// y += scale · x.
void add_scaled(std::span<const float> x, float scale, std::span<float> y);

// Whether every value is finite.
bool all_finite(std::span<const float> values);

}  // namespace palimpsest::kernels
