// The matrix of results and the field's summary of it.
#pragma once

#include <vector>

namespace palimpsest {

// One quantity (loss or accuracy) on every task's test set: `initial[j]` before any training,
// `after[i][j]` on task j after training on task i.
struct ResultMatrix {
  std::vector<double> initial;
  std::vector<std::vector<double>> after;
};

// Over T tasks, with R = after and b = initial (Lopez-Paz & Ranzato 2017, section 2; forgetting:
// Chaudhry et al. 2018, eq. 2). For a loss the signs are turned, so that a positive transfer is
// always good and a positive forgetting always bad. NaN where fewer than two tasks leave nothing to
// compare.
struct Metrics {
  double average;            // mean of R[T, ·]
  double learning;           // mean of R[i, i]
  double backward_transfer;  // 1/(T−1) · Σ_{i<T} (R[T,i] − R[i,i])
  double forward_transfer;   // 1/(T−1) · Σ_{i>1} (R[i−1,i] − b_i)
  double forgetting;         // mean over i < T of max_{l<T} R[l,i] − R[T,i]
};

Metrics metrics(const ResultMatrix& matrix, bool higher_is_better);

}  // namespace palimpsest
