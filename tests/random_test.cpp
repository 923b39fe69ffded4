// The generator and its distributions.
#include "random.hpp"

#include <cmath>
#include <map>
#include <set>

#include "support.hpp"

using namespace support;

TEST_CASE("random: xoshiro256++ from splitmix64 from the seed, the purpose and the index") {
  // Computed by another implementation of the published algorithms (in Python), itself checked by
  // their authors' vectors: xoshiro256++ from the state 1, 2, 3, 4 begins 41943041, 58720359;
  // splitmix64 from 1234567 begins 6457827717110365317. The state is four words of splitmix64
  // from (splitmix64(splitmix64(seed) ^ FNV-1a(purpose))) ^ index.
  struct Stream {
    std::uint64_t seed;
    const char* purpose;
    std::uint64_t index;
    std::uint64_t expected[4];
  };
  const Stream streams[] = {
      {1, "batches", 0,
       {0x788da220b80f506f, 0x9795bda32badf2e8, 0x276cf4f85e460f13, 0xb0af6def25974249}},
      {1, "batches", 1,
       {0xc520b194f96013f0, 0x1d92daaafd5b9922, 0x1d5e1e6b41f5ba05, 0x88efe3fb7a3b3c3d}},
      {42, "parameters", 0,
       {0xf89c80783d7853aa, 0xc38164de0b450eec, 0x6bfbdded3c07a417, 0xc7f8dfe6bfc68d05}},
      {9007199254740991, "method", 7,
       {0x77153dd3f12a6b8, 0x1401423ada136c2f, 0x25c4e0c8fbdeb3ff, 0x17060b18e050fc41}},
      {0, "", 0,
       {0x11ea5d71ab27f4bf, 0xcc84b97bd65164de, 0x99539b09e7f2eab2, 0xdd083df943a89f01}}};
  for (const Stream& stream : streams) {
    Random random(stream.seed, stream.purpose, stream.index);
    for (std::uint64_t expected : stream.expected) CHECK(random.bits() == expected);
  }
  // The upper 53 bits of the stream of 42, over 2^53.
  Random random(42, "parameters");
  CHECK(random.uniform() == 0.9711380284838651);
  CHECK(random.uniform() == 0.7636931459521926);
  CHECK(random.uniform(-2, 6) == -2 + 8 * 0.4218119339166422);
}

TEST_CASE("random: moments of the uniform and the normal distribution") {
  constexpr int kDraws = 200'000;
  Random random(3, "moments");
  double sum = 0, squares = 0, lowest = 1, highest = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = random.uniform();
    sum += x;
    squares += x * x;
    lowest = std::min(lowest, x);
    highest = std::max(highest, x);
  }
  // Four standard errors: σ/√n is 0.29/447 for x, 0.30/447 for x².
  CHECK(std::abs(sum / kDraws - 0.5) < 2.6e-3);
  CHECK(std::abs(squares / kDraws - 1.0 / 3) < 2.7e-3);
  CHECK(lowest >= 0);
  CHECK(lowest < 1e-4);
  CHECK(highest < 1);
  CHECK(highest > 1 - 1e-4);

  double moments[5] = {};
  int within[3] = {};  // 1, 2, 3 standard deviations
  for (int i = 0; i < kDraws; ++i) {
    const double x = random.normal();
    for (int power = 1; power <= 4; ++power) moments[power] += std::pow(x, power) / kDraws;
    for (int k = 0; k < 3; ++k) within[k] += std::abs(x) < k + 1;
  }
  // E x, x², x³, x⁴ are 0, 1, 0, 3; their variances over n 1, 2, 15, 96.
  CHECK(std::abs(moments[1]) < 4 * std::sqrt(1.0 / kDraws));
  CHECK(std::abs(moments[2] - 1) < 4 * std::sqrt(2.0 / kDraws));
  CHECK(std::abs(moments[3]) < 4 * std::sqrt(15.0 / kDraws));
  CHECK(std::abs(moments[4] - 3) < 4 * std::sqrt(96.0 / kDraws));
  CHECK(std::abs(within[0] / double(kDraws) - 0.6827) < 4.2e-3);
  CHECK(std::abs(within[1] / double(kDraws) - 0.9545) < 1.9e-3);
  CHECK(std::abs(within[2] / double(kDraws) - 0.9973) < 5e-4);
}

TEST_CASE("random: below is uniform on every whole number, also where 2^32 does not divide evenly") {
  Random random(4, "below");
  for (int i = 0; i < 100; ++i) CHECK(random.below(1) == 0);
  for (std::uint32_t count : {2u, 3u, 7u, 10u}) {
    constexpr int kDraws = 70'000;
    std::vector<int> hits(count);
    for (int i = 0; i < kDraws; ++i) {
      const std::uint32_t drawn = random.below(count);
      REQUIRE(drawn < count);
      ++hits[drawn];
    }
    const double p = 1.0 / count;
    for (int hit : hits)
      CHECK(std::abs(hit - kDraws * p) < 4.5 * std::sqrt(kDraws * p * (1 - p)));
  }
  // 3·2^30: without rejection a third of the values would come up twice as often as the others.
  const std::uint32_t count = 3u << 30;
  int low[3] = {};
  for (int i = 0; i < 60'000; ++i) ++low[random.below(count) % 3];
  for (int hit : low) CHECK(std::abs(hit - 20'000) < 4.5 * std::sqrt(60'000 * 2.0 / 9));
}

TEST_CASE("random: a shuffle is a permutation, and each as likely as the others") {
  Random random(5, "shuffle");
  std::map<std::vector<std::uint32_t>, int> seen;
  constexpr int kShuffles = 48'000;
  for (int i = 0; i < kShuffles; ++i) {
    std::vector<std::uint32_t> rows = {0, 1, 2, 3};
    random.shuffle(rows);
    ++seen[rows];
  }
  CHECK(seen.size() == 24);
  for (const auto& [rows, times] : seen) {
    CHECK(std::set<std::uint32_t>(rows.begin(), rows.end()) ==
          std::set<std::uint32_t>{0, 1, 2, 3});
    CHECK(std::abs(times - 2000) < 4.5 * std::sqrt(2000.0));
  }
  std::vector<std::uint32_t> one = {9}, none;
  random.shuffle(one);
  random.shuffle(none);
  CHECK(one.front() == 9);
}

TEST_CASE("random: what one part draws does not shift what another draws") {
  Random a(1, "parameters"), b(1, "parameters"), other(1, "batches");
  for (int i = 0; i < 1000; ++i) other.bits();
  for (int i = 0; i < 100; ++i) CHECK(a.bits() == b.bits());
  std::set<std::uint64_t> first;
  for (std::uint64_t seed : {1, 2, 3})
    for (const char* purpose : {"parameters", "batches", "method"})
      for (std::uint64_t index : {0, 1, 2}) first.insert(Random(seed, purpose, index).bits());
  CHECK(first.size() == 27);
}
