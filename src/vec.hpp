// Four floats at a time by the vector extensions that GCC, Clang and Emscripten share: the same
// source, and the same bits, for SSE2, NEON and WebAssembly's 128-bit SIMD.
#pragma once

#include <concepts>
#include <cstdint>
#include <cstring>

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

template <Lanes T = vec4>
inline T broadcast(float x) {
  if constexpr (std::same_as<T, float>) {
    return x;
  } else {
    return vec4{x, x, x, x};
  }
}

// The same value, which the optimizer no longer knows: no instruction is added.
inline vec4 opaque(vec4 v) {
#if defined(__wasm__)
  asm("" : "+r"(v));
#elif defined(__SSE2__)
  asm("" : "+x"(v));
#endif
  return v;
}

inline float opaque(float x) { return x; }

// The smaller and the larger of a limit and x; x where it is NaN. That is one instruction on SSE2
// and WebAssembly (minps, f32x4.pmin), but GCC and Clang miss it when they see a constant limit.
template <Lanes T>
inline T min(T limit, T x) {
  const T l = opaque(limit);
  return l < x ? l : x;
}

template <Lanes T>
inline T max(T limit, T x) {
  const T l = opaque(limit);
  return x < l ? l : x;
}

// (0 + 2) + (1 + 3): the order is part of every recorded number.
inline float sum(vec4 v) { return (v[0] + v[2]) + (v[1] + v[3]); }

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
