// Elementary functions with the same bits on every machine: only +, -, *, / (each rounded once; the
// build forbids contraction), comparisons and bit patterns. The mathematical library is not used,
// since its results differ from one platform to the next.
//
// Coefficients are minimax fits made by tools/minimax.py. Errors are the largest that
// tests/elementary_test.cpp met: over every float for the float functions ([.exhaustive]), over its
// samples for the double ones. An ulp is the spacing of the format at the exact result.
// NaN gives NaN, whose sign and payload mean nothing.
#pragma once

#include <cstdint>
#include <limits>

#include "vec.hpp"

namespace palimpsest::elementary {

// Adding 1.5 * 2^23 (2^52 for double) rounds to a whole number, left in the sum's low bits.
inline constexpr float kRound = 12582912.0f;
inline constexpr double kRoundDouble = 6755399441055744.0;

// The float functions are objects with their constants as members, for loops to hold (vec.hpp).

// |x| P(x²) / Q(x²), a rational fit with P(0) = Q(0) = 1, so that small x is its own tanh. All
// coefficients are positive: no digit is lost to a difference. 5.98 ulp, within 3.6e-7 of the
// result; odd, never beyond 1; where rounding makes it step back, it is by eight units of the last
// place at most.
template <Lanes T>
struct Tanh {
  const T limit = broadcast<T>(9.2f), one = broadcast<T>(1.0f);  // from the limit on it rounds to 1
  const T p1 = broadcast<T>(0.133826867f), p2 = broadcast<T>(0.0034974576f);
  const T p3 = broadcast<T>(2.063582e-5f), p4 = broadcast<T>(1.33842866e-8f);
  const T q1 = broadcast<T>(0.467160076f), q2 = broadcast<T>(0.0258843601f);
  const T q3 = broadcast<T>(0.000328851718f), q4 = broadcast<T>(7.79024788e-7f);

  T operator()(T x) const {
    const T magnitude = abs(x);
    const T a = min(limit, magnitude);
    const T s = a * a;
    const T s2 = s * s;
    const T p = (one + s * p1) + s2 * ((p2 + s * p3) + s2 * p4);
    const T q = (one + s * q1) + s2 * ((q2 + s * q3) + s2 * q4);
    const T y = min(one, a * p / q);
    return from_bits(bits(y) | (bits(x) ^ bits(magnitude)));  // with the sign of x
  }
};

// 2^k (1 + r + r^2 q(r)) with x = k ln 2 + r. The power of two is applied in two steps, so that
// both are normal and a subnormal result is rounded once. 0.98 ulp; never steps back.
template <Lanes T>
struct Exp {
  const T most = broadcast<T>(89.0f), least = broadcast<T>(-104.0f), one = broadcast<T>(1.0f);
  const T per_ln2 = broadcast<T>(1.44269504f), round = broadcast<T>(kRound);
  const T ln2 = broadcast<T>(0.693145752f), ln2_rest = broadcast<T>(1.42860677e-6f);
  const T q0 = broadcast<T>(0.49999994f), q1 = broadcast<T>(0.166665211f),
          q2 = broadcast<T>(0.041668389f);
  const T q3 = broadcast<T>(0.00836872682f), q4 = broadcast<T>(0.00138145813f);

  T operator()(T x) const {
    const T a = min(most, max(least, x));
    const T shifted = a * per_ln2 + round;
    const T k = shifted - round;
    const T r = (a - k * ln2) - k * ln2_rest;  // the first product is exact
    const T q = q0 + r * (q1 + r * (q2 + r * (q3 + r * q4)));
    const T y = one + (r + (r * r) * q);
    const auto whole = bits(shifted) - bits(round);
    const auto half = whole >> 1;
    return (y * from_bits((half + 127) << 23)) * from_bits((whole - half + 127) << 23);
  }
};

// log(1 + e^x) = max(x, 0) + log1p(u), u = e^-|x|. With s = u / (2 + u),
// log1p(u) = 2 atanh(s) = 2s + s R(s^2) = u - s (u - R). 2.05 ulp.
template <Lanes T>
struct Softplus {
  const Exp<T> exp = {};
  const T zero = broadcast<T>(0.0f), two = broadcast<T>(2.0f);
  const T r0 = broadcast<T>(0.666664124f), r1 = broadcast<T>(0.400217175f);
  const T r2 = broadcast<T>(0.279988319f), r3 = broadcast<T>(0.280261189f);

  T operator()(T x) const {
    const T u = exp(-abs(x));
    const T s = u / (two + u);
    const T z = s * s;
    const T remainder = z * (r0 + z * (r1 + z * (r2 + z * r3)));
    return max(zero, x) + (u - s * (u - remainder));
  }
};

// 1 / (1 + e^-x), written with e^-|x| so that neither tail loses accuracy. 2.41 ulp.
template <Lanes T>
struct Sigmoid {
  const Exp<T> exp = {};

  T operator()(T x) const {
    const T u = exp(-abs(x));
    return (x < 0.0f ? u : exp.one) / (exp.one + u);
  }
};

// As Exp. 0.92 ulp.
inline double exp(double x) {
  if (!(x < 710.0)) return x > 0.0 ? std::numeric_limits<double>::infinity() : x;
  if (x < -746.0) return 0.0;
  const double shifted = x * 1.4426950408889634 + kRoundDouble;
  const double k = shifted - kRoundDouble;
  const double high = x - k * 0x1.62e42fefa38p-1;  // ln 2 to 42 bits: an exact product
  const double low = k * 0x1.ef35793c7673p-45;
  const double r = high - low;
  double q = 2.500004963008681e-8;
  q = 2.7630269154695138e-7 + r * q;
  q = 2.7557586515375567e-6 + r * q;
  q = 2.4801493045317896e-5 + r * q;
  q = 0.00019841269506307396 + r * q;
  q = 0.0013888888943676733 + r * q;
  q = 0.0083333333334946365 + r * q;
  q = 0.041666666666530003 + r * q;
  q = 0.16666666666666413 + r * q;
  q = 0.50000000000000111 + r * q;
  const double y = 1.0 + (high - (low - (r * r) * q));
  const std::int64_t whole = bits(shifted) - bits(kRoundDouble);
  const std::int64_t half = whole >> 1;
  return (y * from_bits((half + 1023) << 52)) * from_bits((whole - half + 1023) << 52);
}

// k ln 2 + log1p(f), x = 2^k (1 + f) with 1 + f from sqrt(1/2) to sqrt(2); log1p as in softplus.
// 0.96 ulp.
inline double log(double x) {
  if (!(x > 0.0)) {
    return x == 0.0 ? -std::numeric_limits<double>::infinity()
                    : std::numeric_limits<double>::quiet_NaN();
  }
  if (x == std::numeric_limits<double>::infinity()) return x;
  const bool subnormal = x < std::numeric_limits<double>::min();
  const std::int64_t pattern = bits(subnormal ? x * 0x1p54 : x);
  const std::int64_t exponent = (pattern - bits(0x1.6a09e667f3bcdp-1)) >> 52;
  const double f = from_bits(pattern - (exponent << 52)) - 1.0;
  const double k = static_cast<double>(subnormal ? exponent - 54 : exponent);
  const double s = f / (2.0 + f);
  const double z = s * s;
  double q = 0.14796328464668393;
  q = 0.15314014766748998 + z * q;
  q = 0.18183565640271171 + z * q;
  q = 0.22222198549610139 + z * q;
  q = 0.28571428742599642 + z * q;
  q = 0.3999999999941381 + z * q;
  q = 0.6666666666666734 + z * q;
  const double whole = k * 0x1.62e42fefa38p-1;  // exact, as in exp
  const double high = whole + f;
  const double low = (whole - high) + f;  // exact: |whole| > |f|, or whole is 0
  return high + (low + (k * 0x1.ef35793c7673p-45 - s * (f - z * q)));
}

// x = quadrant * pi/2 + (high + low), |high| at most about pi/4.
struct Reduced {
  double high, low;
  std::int32_t quadrant;
};

inline constexpr double kTrigonometricLimit = 0x1p20;

// Cody and Waite's reduction with pi/2 in three pieces of 33 bits, whose products with a quadrant
// below 2^20 are exact, and a fourth that is rounded: 152 bits in all, where no double up to 2^20
// is nearer than 2^-60.5 to a multiple of pi/2.
inline Reduced reduce(double x) {
  const double shifted = x * 0.63661977236758138 + kRoundDouble;
  const double n = shifted - kRoundDouble;
  const double first = x - n * 0x1.921fb544p+0;
  const double second = n * 0x1.0b4611a6p-34;
  const double third = n * 0x1.3198a2ep-69;
  const auto error = [](double a, double b, double difference) {  // Knuth's exact TwoSum, for a - b
    const double part = difference - a;
    return (a - (difference - part)) - (b + part);
  };
  const double middle = first - second;
  const double last = middle - third;
  const double rest =
      (error(first, second, middle) + error(middle, third, last)) - n * 0x1.b839a252049c1p-104;
  const double high = last + rest;
  return {high, (last - high) + rest, static_cast<std::int32_t>(bits(shifted) & 3)};
}

// sin(high + low) and cos(high + low) for |high| up to about pi/4.
inline double sin_kernel(double high, double low) {
  const double z = high * high;
  double q = 1.5896788579543237e-10;
  q = -2.5050757997376891e-8 + z * q;
  q = 2.7557313691193159e-6 + z * q;
  q = -0.00019841269829805805 + z * q;
  q = 0.0083333333333224114 + z * q;
  q = -0.16666666666666632 + z * q;
  return high + ((high * z) * q + low * (1.0 - 0.5 * z));
}

inline double cos_kernel(double high, double low) {
  const double z = high * high;
  double q = -1.1359642878274315e-11;
  q = 2.0875723181454934e-9 + z * q;
  q = -2.75573143516837e-7 + z * q;
  q = 2.4801587289480033e-5 + z * q;
  q = -0.001388888888887412 + z * q;
  q = 0.041666666666666602 + z * q;
  const double half = 0.5 * z;
  const double leading = 1.0 - half;
  return leading + (((1.0 - leading) - half) + ((z * z) * q - high * low));
}

inline double sine_of_quadrant(const Reduced& r, std::int32_t quadrant) {
  const double value = quadrant & 1 ? cos_kernel(r.high, r.low) : sin_kernel(r.high, r.low);
  return quadrant & 2 ? -value : value;
}

// 0.78 ulp for |x| < 2^20; NaN from there on, where the reduction would no longer be exact.
inline double sin(double x) {
  if (!(x < kTrigonometricLimit && x > -kTrigonometricLimit)) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  if (x < 0x1p-27 && x > -0x1p-27) return x;  // also keeps the sign of zero
  const Reduced r = reduce(x);
  return sine_of_quadrant(r, r.quadrant);
}

// As sin: 0.78 ulp.
inline double cos(double x) {
  if (!(x < kTrigonometricLimit && x > -kTrigonometricLimit)) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  const Reduced r = reduce(x);
  return sine_of_quadrant(r, r.quadrant + 1);
}

}  // namespace palimpsest::elementary
