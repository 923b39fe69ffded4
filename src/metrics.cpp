#include "metrics.hpp"

#include <algorithm>
#include <limits>

namespace palimpsest {

Metrics metrics(const ResultMatrix& matrix, bool higher_is_better) {
  const auto& r = matrix.after;
  const std::size_t tasks = r.size();
  const double sign = higher_is_better ? 1 : -1;
  Metrics m{};
  for (std::size_t i = 0; i < tasks; ++i) {
    m.average += r.back()[i] / static_cast<double>(tasks);
    m.learning += r[i][i] / static_cast<double>(tasks);
  }
  for (std::size_t i = 0; i + 1 < tasks; ++i) {
    double best = -std::numeric_limits<double>::infinity();
    for (std::size_t l = 0; l + 1 < tasks; ++l) best = std::max(best, sign * r[l][i]);
    m.backward_transfer += sign * (r.back()[i] - r[i][i]);
    m.forward_transfer += sign * (r[i][i + 1] - matrix.initial[i + 1]);
    m.forgetting += best - sign * r.back()[i];
  }
  const double pairs = static_cast<double>(tasks) - 1;  // 0/0 is NaN
  m.backward_transfer /= pairs;
  m.forward_transfer /= pairs;
  m.forgetting /= pairs;
  return m;
}

}  // namespace palimpsest
