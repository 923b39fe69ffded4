// The verdict on a published figure, which can fail on both sides.
#ifndef __EMSCRIPTEN__
#include "reproduce.hpp"

#include <cmath>
#include <sstream>

#include "support.hpp"

using namespace support;

TEST_CASE("reproduce: a published figure is met within two deviations on either side") {
  const std::vector<double> values = {0.80, 0.82, 0.84};  // mean 0.82, sample deviation 0.02
  constexpr double kAny = 1;
  const Comparison ours = compare(0.82, values, kAny);
  CHECK(ours.mean == Approx(0.82));
  CHECK(ours.deviation == Approx(0.02));
  CHECK(ours.agrees);
  CHECK(compare(0.781, values, kAny).agrees);
  CHECK(compare(0.859, values, kAny).agrees);
  CHECK_FALSE(compare(0.779, values, kAny).agrees);
  CHECK_FALSE(compare(0.861, values, kAny).agrees);
  CHECK(compare(0.834, values, 0.015).agrees);
  CHECK_FALSE(compare(0.836, values, 0.015).agrees);
  CHECK_FALSE(compare(0.804, values, 0.015).agrees);
}

TEST_CASE("reproduce: one seed, or one that diverged, shows nothing") {
  CHECK(std::isnan(compare(0.8, {0.8}, 1).deviation));
  CHECK_FALSE(compare(0.8, {0.8}, 1).agrees);
  CHECK_FALSE(compare(0.8, {0.8, 0.81, NAN}, 1).agrees);
}

TEST_CASE("reproduce: every table can be read, and is of MNIST") {
  std::istringstream list(list_reproductions());
  std::size_t count = 0;
  for (std::string line; std::getline(list, line); ++count)
    for (const std::string& set : image_sets_of_reproduction(line.substr(0, line.find(':'))))
      CHECK(set == "mnist");
  CHECK(count == 5);
}
#endif
