#include "elementary.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <type_traits>

#include "catch.hpp"

namespace {

using palimpsest::bits;
using palimpsest::from_bits;
using palimpsest::vec4;
namespace elementary = palimpsest::elementary;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kTiny = std::numeric_limits<float>::denorm_min();
constexpr double kInfinityDouble = std::numeric_limits<double>::infinity();
constexpr double kNaNDouble = std::numeric_limits<double>::quiet_NaN();

// x87's 64-bit significand makes the reference for double exact enough to measure an ulp;
// elsewhere the reference is double itself, whose own error has to be allowed for.
constexpr bool kExtended = std::numeric_limits<long double>::digits == 64;
constexpr double kReferenceError = kExtended ? 0.0 : 1.0;
using Reference = std::conditional_t<kExtended, long double, double>;

struct FloatFunction {
  const char* name;
  float (*scalar)(float);
  vec4 (*vector)(vec4);
  double (*reference)(double);
  double bound;  // ulp
  std::uint64_t golden;
};

struct DoubleFunction {
  const char* name;
  double (*function)(double);
  Reference (*reference)(Reference);
  double bound;  // ulp
  std::uint64_t golden;
};

double softplus_reference(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
}

double sigmoid_reference(double x) {
  const double u = std::exp(-std::abs(x));
  return (x < 0 ? u : 1.0) / (1.0 + u);
}

// A function object of the engine, as its float and its vector form.
template <template <class> class F>
FloatFunction float_function(const char* name, double (*reference)(double), double bound,
                             std::uint64_t golden) {
  return {name, [](float x) { return F<float>()(x); }, [](vec4 x) { return F<vec4>()(x); },
          reference, bound, golden};
}

const FloatFunction kFloatFunctions[] = {
    float_function<elementary::Tanh>("tanh", std::tanh, 6.0, 0x97b44fc9de58c9aa),
    float_function<elementary::Exp>("exp", std::exp, 1.0, 0xd3965937667a3f2c),
    float_function<elementary::Softplus>("softplus", softplus_reference, 2.1, 0xd4c91161e898d896),
    float_function<elementary::Sigmoid>("sigmoid", sigmoid_reference, 2.5, 0x663ba7b51c5bec45),
};

const DoubleFunction kDoubleFunctions[] = {
    {"exp", elementary::exp, [](Reference x) { return std::exp(x); }, 1.0, 0x2649510af6dd80b7},
    {"log", elementary::log, [](Reference x) { return std::log(x); }, 1.0, 0x1e10737529619659},
    {"sin", elementary::sin, [](Reference x) { return std::sin(x); }, 1.0, 0xaf99928fab416373},
    {"cos", elementary::cos, [](Reference x) { return std::cos(x); }, 1.0, 0x73391b6797230894},
};

// Error in units of the float spacing at the exact value; overflow counts as 2^128.
double ulps(float got, double exact) {
  const double limit = 0x1p128;
  const double magnitude = std::min(std::abs(exact), limit);
  const double value = std::isinf(got) ? std::copysign(limit, got) : got;
  const auto exponent = static_cast<int>(bits(magnitude) >> 52) - 1023;
  const int spacing = std::clamp(exponent, -126, 127) - 23;
  const double scale = from_bits(static_cast<std::int64_t>(1023 - spacing) << 52);
  return std::abs(value - std::copysign(magnitude, exact)) * scale;
}

double ulps(double got, Reference exact) {
  const int exponent = std::ilogb(exact);
  const int spacing = exact == 0 ? -1074 : std::max(exponent - 52, -1074);
  return static_cast<double>(std::scalbn(std::abs(got - exact), -spacing));
}

struct Worst {
  double error = 0;
  double where = 0;

  void add(double e, double x) {
    if (!(e <= error)) {
      error = e;
      where = x;
    }
  }
};

void report(const char* name, const Worst& worst) {
  char text[100];
  std::snprintf(text, sizeof text, "%s: %.4f ulp at %.17g", name, worst.error, worst.where);
  WARN(text);
}

// FNV-1a over the bytes, lowest first; every NaN counts as the same one.
struct Hash {
  std::uint64_t state = 0xcbf29ce484222325;

  template <class Real>
  void add(Real x) {
    auto pattern = static_cast<std::uint64_t>(bits(std::isnan(x) ? Real(-1.5) : x));
    for (std::size_t i = 0; i < sizeof x; ++i, pattern >>= 8) {
      state = (state ^ (pattern & 0xff)) * 0x100000001b3;
    }
  }
};

// SplitMix64 (Steele, Lea and Flood 2014).
struct Random {
  std::uint64_t state;

  std::uint64_t next() {
    std::uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  double uniform(double low, double high) {
    return low + (high - low) * (static_cast<double>(next() >> 11) * 0x1p-53);
  }
};

bool same(float a, float b) { return bits(a) == bits(b) || (std::isnan(a) && std::isnan(b)); }

float pattern(std::uint64_t i) {
  return from_bits(static_cast<std::int32_t>(static_cast<std::uint32_t>(i)));
}

// Every stride-th float, four at a time as the kernels see them; the lanes also check the scalar.
void check_floats(const FloatFunction& f, std::uint64_t stride, bool print) {
  Worst worst;
  std::uint64_t lanes = 0, nans = 0;
  for (std::uint64_t i = 0; i < (std::uint64_t{1} << 32); i += 4 * stride) {
    const vec4 x = {pattern(i), pattern(i + stride), pattern(i + 2 * stride),
                    pattern(i + 3 * stride)};
    const vec4 y = f.vector(x);
    for (int lane = 0; lane < 4; ++lane) {
      lanes += !same(y[lane], f.scalar(x[lane]));
      if (std::isnan(x[lane])) {
        nans += !std::isnan(y[lane]);
      } else {
        worst.add(ulps(y[lane], f.reference(x[lane])), x[lane]);
      }
    }
  }
  if (print) report(f.name, worst);
  INFO(f.name << " at " << worst.where);
  CHECK(lanes == 0);
  CHECK(nans == 0);
  CHECK(worst.error <= f.bound);
}

// The largest step against the direction from a float to the next one away from zero, in units of
// the last place; sign is 0 or the sign bit.
std::int32_t step_back(const FloatFunction& f, std::uint64_t stride, std::uint64_t sign) {
  std::int32_t largest = 0;
  for (std::uint64_t i = 0; i < 0x7f800000; i += stride) {
    const float near = f.scalar(pattern(sign | i));
    const float far = f.scalar(pattern(sign | (i + 1)));
    if (sign ? far > near : far < near)
      largest = std::max(largest, std::abs(bits(near) - bits(far)));
  }
  return largest;
}

void check_tanh_shape(std::uint64_t stride) {
  const FloatFunction& f = kFloatFunctions[0];
  std::uint64_t odd = 0, large = 0;
  for (std::uint64_t i = 0; i <= 0x7f800000; i += stride) {
    const float y = f.scalar(pattern(i));
    odd += bits(f.scalar(pattern(i | 0x80000000))) != bits(-y);
    large += !(y >= 0.0f && y <= 1.0f);
  }
  CHECK(odd == 0);
  CHECK(large == 0);
}

// Arguments of a double function over all that it is made for; i chooses the kind.
double exp_argument(Random& random, int i) {
  if (i % 4 == 0) return random.uniform(-746, 710);
  if (i % 4 == 1) return random.uniform(-40, 40);
  if (i % 4 == 2) return random.uniform(-1, 1);
  return random.uniform(-1, 1) * std::ldexp(1.0, -static_cast<int>(random.next() % 60));
}

double log_argument(Random& random, int i) {
  if (i % 3 == 0) return from_bits(static_cast<std::int64_t>(random.next() % 0x7ff0000000000000));
  if (i % 3 == 1) return random.uniform(0.5, 2);
  return 1 + random.uniform(-1, 1) * std::ldexp(1.0, -static_cast<int>(random.next() % 52));
}

double angle(Random& random, int i) {
  if (i % 4 == 0) return random.uniform(-0x1p20, 0x1p20);
  if (i % 4 == 1) return random.uniform(-10, 10);
  if (i % 4 == 2)
    return random.uniform(-1, 1) * std::ldexp(1.0, -static_cast<int>(random.next() % 60));
  // A multiple of pi/2 rounded, or a neighbour: in double, so that the golden hashes see the same.
  const double x = static_cast<double>(random.next() % 667544) * 1.5707963267948966;
  const int neighbour = (i / 4) % 3;
  return neighbour == 0 ? x : std::nextafter(x, neighbour == 1 ? 0.0 : 0x1p20);
}

double argument(int function, Random& random, int i) {
  if (function == 0) return exp_argument(random, i);
  return function == 1 ? log_argument(random, i) : angle(random, i);
}

void check_doubles(int function, int samples, bool print) {
  const DoubleFunction& f = kDoubleFunctions[function];
  Random random{2024};
  Worst worst;
  for (int i = 0; i < samples; ++i) {
    const double x = argument(function, random, i);
    const Reference exact = f.reference(static_cast<Reference>(x));
    if (std::abs(exact) < std::numeric_limits<double>::max())
      worst.add(ulps(f.function(x), exact), x);
  }
  if (print) report(f.name, worst);
  INFO(f.name << " at " << worst.where);
  CHECK(worst.error <= f.bound + kReferenceError);
}

}  // namespace

TEST_CASE("float functions are accurate, and scalar and lanes agree", "[elementary]") {
  for (const FloatFunction& f : kFloatFunctions) check_floats(f, 8191, false);
}

TEST_CASE("float functions over every float", "[.exhaustive]") {
  for (const FloatFunction& f : kFloatFunctions) check_floats(f, 1, true);
}

TEST_CASE("double functions are accurate", "[elementary]") {
  for (int f = 0; f < 4; ++f) check_doubles(f, 100'000, false);
}

TEST_CASE("double functions over a large sample", "[.exhaustive]") {
  for (int f = 0; f < 4; ++f) check_doubles(f, 10'000'000, true);
}

TEST_CASE("tanh is odd and within 1; exp never steps back, tanh by eight last places",
          "[elementary]") {
  check_tanh_shape(1009);
  CHECK(step_back(kFloatFunctions[0], 509, 0) <= 8);
  CHECK(step_back(kFloatFunctions[1], 1009, 0) == 0);
  CHECK(step_back(kFloatFunctions[1], 1009, 0x80000000) == 0);
}

TEST_CASE("the same over every float", "[.exhaustive]") {
  check_tanh_shape(1);
  CHECK(step_back(kFloatFunctions[0], 1, 0) <= 8);
  CHECK(step_back(kFloatFunctions[1], 1, 0) == 0);
  CHECK(step_back(kFloatFunctions[1], 1, 0x80000000) == 0);
}

TEST_CASE("special values of the float functions", "[elementary]") {
  const elementary::Tanh<float> tanh = {};
  const elementary::Exp<float> exp = {};
  const elementary::Softplus<float> softplus = {};
  const elementary::Sigmoid<float> sigmoid = {};
  for (float x : {0.0f, kTiny, 1e-40f, 1e-20f}) {
    CHECK(bits(tanh(x)) == bits(x));
    CHECK(bits(tanh(-x)) == bits(-x));
    CHECK(exp(x) == 1.0f);
    CHECK(sigmoid(x) == 0.5f);
    CHECK(softplus(x) == 0.693147181f);
  }
  CHECK(tanh(9.2f) == 1.0f);
  CHECK(tanh(kInfinity) == 1.0f);
  CHECK(tanh(-kInfinity) == -1.0f);
  CHECK(std::isfinite(exp(88.7228317f)));
  CHECK(exp(88.7228394f) == kInfinity);
  CHECK(exp(kInfinity) == kInfinity);
  CHECK(exp(-103.972076f) == kTiny);
  CHECK(bits(exp(-103.972084f)) == 0);
  CHECK(bits(exp(-kInfinity)) == 0);
  CHECK(bits(softplus(-kInfinity)) == 0);
  CHECK(softplus(-100.0f) == exp(-100.0f));
  CHECK(softplus(100.0f) == 100.0f);
  CHECK(softplus(kInfinity) == kInfinity);
  CHECK(bits(sigmoid(-kInfinity)) == 0);
  CHECK(sigmoid(-100.0f) == exp(-100.0f));
  CHECK(sigmoid(kInfinity) == 1.0f);
  for (const FloatFunction& f : kFloatFunctions) {
    CHECK(std::isnan(f.scalar(kNaN)));
    CHECK(std::isnan(f.scalar(-kNaN)));
  }
}

TEST_CASE("special values of the double functions", "[elementary]") {
  CHECK(elementary::exp(0.0) == 1.0);
  CHECK(elementary::exp(-0.0) == 1.0);
  CHECK(std::isfinite(elementary::exp(709.782712893384)));
  CHECK(elementary::exp(709.7827128933841) == kInfinityDouble);
  CHECK(elementary::exp(kInfinityDouble) == kInfinityDouble);
  CHECK(elementary::exp(-745.1332191019411) == 0x1p-1074);
  CHECK(elementary::exp(-745.1332191019412) == 0.0);
  CHECK(elementary::exp(-kInfinityDouble) == 0.0);
  CHECK(bits(elementary::log(1.0)) == 0);
  CHECK(elementary::log(0.0) == -kInfinityDouble);
  CHECK(elementary::log(-0.0) == -kInfinityDouble);
  CHECK(std::isnan(elementary::log(-1.0)));
  CHECK(std::isnan(elementary::log(-kInfinityDouble)));
  CHECK(elementary::log(kInfinityDouble) == kInfinityDouble);
  CHECK(elementary::log(0x1p-1074) == -744.4400719213812);
  CHECK(bits(elementary::sin(0.0)) == bits(0.0));
  CHECK(bits(elementary::sin(-0.0)) == bits(-0.0));
  CHECK(elementary::sin(0x1p-1074) == 0x1p-1074);
  CHECK(elementary::cos(-0.0) == 1.0);
  for (double x : {0x1p20, -0x1p20, kInfinityDouble, -kInfinityDouble}) {
    CHECK(std::isnan(elementary::sin(x)));
    CHECK(std::isnan(elementary::cos(x)));
  }
  for (const DoubleFunction& f : kDoubleFunctions) CHECK(std::isnan(f.function(kNaNDouble)));
}

TEST_CASE("sin is odd and cos is even", "[elementary]") {
  Random random{7};
  for (int i = 0; i < 1000; ++i) {
    const double x = angle(random, i);
    REQUIRE(bits(elementary::sin(-x)) == bits(-elementary::sin(x)));
    REQUIRE(bits(elementary::cos(-x)) == bits(elementary::cos(x)));
  }
}

// The values were the same with g++, clang++ and em++; they change only with the formulas.
TEST_CASE("every platform gives the same bits", "[elementary]") {
  for (const FloatFunction& f : kFloatFunctions) {
    Hash hash;
    for (std::uint64_t i = 0; i < (std::uint64_t{1} << 32); i += 10007)
      hash.add(f.scalar(pattern(i)));
    INFO(f.name << " 0x" << std::hex << hash.state);
    CHECK(hash.state == f.golden);
  }
  for (int k = 0; k < 4; ++k) {
    Hash hash;
    Random random{1};
    for (int i = 0; i < 100'000; ++i)
      hash.add(kDoubleFunctions[k].function(argument(k, random, i)));
    INFO(kDoubleFunctions[k].name << " 0x" << std::hex << hash.state);
    CHECK(hash.state == kDoubleFunctions[k].golden);
  }
}
