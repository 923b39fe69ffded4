// Four floats at a time by the vector extensions that GCC, Clang and Emscripten share: the same
// source, and the same bits, for SSE2, NEON and WebAssembly's 128-bit SIMD.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <span>

namespace palimpsest {

using vec4 = float __attribute__((vector_size(16)));
using ivec4 = std::int32_t __attribute__((vector_size(16)));

// What a kernel written once can be instantiated for; its lanes then give the scalar's bits.
template <class T>
concept Lanes = std::same_as<T, float> || std::same_as<T, vec4>;

inline vec4 load(const float* from) {
  vec4 v;
  std::memcpy(&v, from, sizeof v);
  return v;
}

inline void store(float* to, vec4 v) { std::memcpy(to, &v, sizeof v); }

// One or four numbers, whichever the last argument is.
inline float load_like(const float* from, float) { return *from; }
inline vec4 load_like(const float* from, vec4) { return load(from); }
inline void store_like(float* to, float x) { *to = x; }
inline void store_like(float* to, vec4 x) { store(to, x); }

template <Lanes T = vec4>
inline T broadcast(float x) {
  if constexpr (std::same_as<T, float>) {
    return x;
  } else {
    return vec4{x, x, x, x};
  }
}

// The same by way of memory, where the optimizer loses sight of it: for what a loop shall keep in
// registers. A vector that V8 knows it makes anew each time round (Node 26, Chromium 156: tanh took
// twice as long).
template <class X>
inline X held(const X& x) {
  const X* unseen = &x;
  asm("" : "+r"(unseen) : : "memory");
  return *unseen;
}

// The smaller and the larger of a limit and x; x where it is NaN. That is one instruction on SSE2
// and WebAssembly (minps, f32x4.pmin), but GCC and Clang miss it where the limit is a constant that
// is not held.
template <Lanes T>
inline T min(T limit, T x) {
  return limit < x ? limit : x;
}

template <Lanes T>
inline T max(T limit, T x) {
  return x < limit ? limit : x;
}

// (0 + 2) + (1 + 3): the order is part of every recorded number.
inline float sum(vec4 v) { return (v[0] + v[2]) + (v[1] + v[3]); }

// Rounded once, as +, −, * and / are.
inline float sqrt(float x) { return std::sqrt(x); }
inline vec4 sqrt(vec4 x) {
  return vec4{std::sqrt(x[0]), std::sqrt(x[1]), std::sqrt(x[2]), std::sqrt(x[3])};
}

// Whether numbers that pass through the registers anyway are finite: their sum is, unless one of
// them is infinite or NaN, or all are so large that they have to be looked at again.
class Overflow {
 public:
  void see(vec4 x) { total_ += x; }
  void see(float x) { total_[0] += x; }
  void add(const Overflow& other) { total_ += other.total_; }
  // `numbers`: those that were seen.
  bool none(std::span<const float> numbers) const {
    const auto finite = [](float x) { return x - x == 0; };
    return finite(sum(total_)) || std::all_of(numbers.begin(), numbers.end(), finite);
  }

 private:
  vec4 total_ = {};
};

// Reinterpretation of a whole value (Emscripten 3.1.6 has no std::bit_cast).
template <class To, class From>
inline To reinterpret(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}

inline std::int32_t bits(float x) { return reinterpret<std::int32_t>(x); }
inline std::int64_t bits(double x) { return reinterpret<std::int64_t>(x); }
inline ivec4 bits(vec4 x) { return reinterpret<ivec4>(x); }

inline float from_bits(std::int32_t i) { return reinterpret<float>(i); }
inline double from_bits(std::int64_t i) { return reinterpret<double>(i); }
inline vec4 from_bits(ivec4 i) { return reinterpret<vec4>(i); }

template <Lanes T>
inline T abs(T x) {
  return from_bits(bits(x) & 0x7fffffff);
}

}  // namespace palimpsest
