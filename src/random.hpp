// The one source of chance. The standard library's distributions differ between platforms, so
// the generator and every distribution drawn from it are the project's own.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace palimpsest {

// xoshiro256++ 1.0 (Blackman & Vigna 2021, "Scrambled linear pseudorandom number generators"),
// seeded through splitmix64. Streams of different (seed, purpose, index) are independent: what one
// part of an experiment draws never shifts what another draws.
class Random {
 public:
  Random(std::uint64_t seed, std::string_view purpose, std::uint64_t index = 0);

  std::uint64_t bits();
  // Uniform on [0, 1), 53 bits.
  double uniform();
  // Uniform on [low, high).
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  // Uniform on {0, …, count − 1}, without bias; count ≥ 1.
  std::uint32_t below(std::uint32_t count);
  // Standard normal, by the polar form of Box and Muller (Marsaglia & Bray 1964).
  double normal();
  // A uniform permutation of the rows (Fisher and Yates).
  void shuffle(std::span<std::uint32_t> rows);

 private:
  std::uint64_t state_[4];
};

}  // namespace palimpsest
