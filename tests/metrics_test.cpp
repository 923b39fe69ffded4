// The summary of a matrix of results, worked by hand.
#include "metrics.hpp"

#include <cmath>

#include "support.hpp"

using namespace support;

namespace {

// R[i][j] after task i on task j; task 0 is at its best after task 1, so that forgetting is no
// mere repetition of backward transfer.
const std::vector<std::vector<double>> kMatrix = {
    {0.90, 0.30, 0.20}, {0.92, 0.80, 0.40}, {0.50, 0.60, 0.95}};
const std::vector<double> kInitial = {0.25, 0.35, 0.30};

}  // namespace

TEST_CASE("metrics: accuracy, three tasks") {
  const Metrics m = metrics({kInitial, kMatrix}, true);
  CHECK(m.average == Approx((0.50 + 0.60 + 0.95) / 3));
  CHECK(m.learning == Approx((0.90 + 0.80 + 0.95) / 3));
  CHECK(m.backward_transfer == Approx(((0.50 - 0.90) + (0.60 - 0.80)) / 2));
  CHECK(m.forward_transfer == Approx(((0.30 - 0.35) + (0.40 - 0.30)) / 2));
  CHECK(m.forgetting == Approx(((0.92 - 0.50) + (0.80 - 0.60)) / 2));
}

TEST_CASE("metrics: a loss has the signs turned, and its best is its lowest") {
  const Metrics m = metrics({kInitial, kMatrix}, false);
  CHECK(m.average == Approx((0.50 + 0.60 + 0.95) / 3));
  CHECK(m.learning == Approx((0.90 + 0.80 + 0.95) / 3));
  CHECK(m.backward_transfer == Approx(((0.90 - 0.50) + (0.80 - 0.60)) / 2));  // it fell: good
  CHECK(m.forward_transfer == Approx(((0.35 - 0.30) + (0.30 - 0.40)) / 2));
  CHECK(m.forgetting == Approx(((0.50 - 0.90) + (0.60 - 0.30)) / 2));  // lowest before: .90, .30
}

TEST_CASE("metrics: with one task there is nothing to compare") {
  const Metrics m = metrics({{0.1}, {{0.7}}}, true);
  CHECK(m.average == 0.7);
  CHECK(m.learning == 0.7);
  CHECK(std::isnan(m.backward_transfer));
  CHECK(std::isnan(m.forward_transfer));
  CHECK(std::isnan(m.forgetting));
}
