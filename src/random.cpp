#include "random.hpp"

#include <cmath>
#include <utility>

#include "digest.hpp"
#include "elementary.hpp"

namespace palimpsest {
namespace {

std::uint64_t splitmix64(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15u;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

std::uint64_t rotate_left(std::uint64_t x, int by) { return (x << by) | (x >> (64 - by)); }

}  // namespace

Random::Random(std::uint64_t seed, std::string_view purpose, std::uint64_t index) {
  Digest key;
  key.add(std::span(purpose.data(), purpose.size()));
  std::uint64_t state = seed;
  state = splitmix64(state) ^ key.value();
  state = splitmix64(state) ^ index;
  for (std::uint64_t& word : state_) word = splitmix64(state);
}

std::uint64_t Random::bits() {
  const std::uint64_t result = rotate_left(state_[0] + state_[3], 23) + state_[0];
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = rotate_left(state_[3], 45);
  return result;
}

double Random::uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }

std::uint32_t Random::below(std::uint32_t count) {
  // Lemire 2019, "Fast random integer generation in an interval": reject the uneven remainder.
  const std::uint32_t uneven = (0u - count) % count;
  std::uint64_t product;
  do {
    product = (bits() >> 32) * count;
  } while (static_cast<std::uint32_t>(product) < uneven);
  return static_cast<std::uint32_t>(product >> 32);
}

double Random::normal() {
  double x, square;
  do {
    x = uniform(-1, 1);
    const double y = uniform(-1, 1);
    square = x * x + y * y;
  } while (square >= 1 || square == 0);
  return x * std::sqrt(-2 * elementary::log(square) / square);
}

void Random::shuffle(std::span<std::uint32_t> rows) {
  for (std::size_t i = rows.size(); i > 1; --i)
    std::swap(rows[i - 1], rows[below(static_cast<std::uint32_t>(i))]);
}

}  // namespace palimpsest
