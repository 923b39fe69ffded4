// Numbers as text, beside the C library.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "random.hpp"
#include "support.hpp"
#include "value.hpp"

using namespace support;

namespace {

std::string printed(double value, int digits) {
  char text[40];
  std::snprintf(text, sizeof text, "%.*g", digits, value);
  return text;
}

// The fewest digits with which the C library's text reads back.
std::string fewest(double value) {
  for (int digits = 1; digits < 17; ++digits)
    if (std::strtod(printed(value, digits).c_str(), nullptr) == value)
      return printed(value, digits);
  return printed(value, 17);
}

}  // namespace

TEST_CASE("numbers are written with the fewest digits that read back to them") {
  Random random(1, "numbers");
  int same = 0, count = 0;
  for (int i = 0; i < 20000; ++i) {
    std::uint64_t bits = random.bits();
    if (i % 4 == 0) bits &= ~std::uint64_t{0} << 52;        // powers of two
    if (i % 4 == 1) bits &= ~(std::uint64_t{0x7ff} << 52);  // subnormal
    double value;
    std::memcpy(&value, &bits, sizeof value);
    if (i % 4 == 2)
      value = std::strtod(printed(random.uniform(-1000, 1000), i % 17 + 1).c_str(), nullptr);
    if (!std::isfinite(value)) continue;
    const std::string text = describe(value);
    INFO(text);
    REQUIRE(std::strtod(text.c_str(), nullptr) == value);
    const std::string other = fewest(value);
    REQUIRE(text.size() <= other.size());
    same += text == other;
    ++count;
  }
  CHECK(count > 15000);
  CHECK(same > count * 95 / 100);  // in the rest, the library's shortest text does not read back
}

TEST_CASE("numbers are written as %g writes them, and whole ones in full") {
  for (const auto& [value, text] : std::initializer_list<std::pair<double, const char*>>{
           {0, "0"},
           {-0.0, "-0"},
           {1, "1"},
           {-1, "-1"},
           {10, "10"},
           {1000, "1000"},
           {123456789, "123456789"},
           {999999999, "999999999"},
           {1e9, "1e+09"},
           {1.5e10, "1.5e+10"},
           {9007199254740991, "9007199254740991"},
           {1e21, "1e+21"},
           {0.1, "0.1"},
           {0.5, "0.5"},
           {2.5, "2.5"},
           {1234.5, "1234.5"},
           {0.0001, "0.0001"},
           {0.00001, "1e-05"},
           {1.25e-7, "1.25e-07"},
           {5e-324, "5e-324"},
           {1.7976931348623157e308, "1.7976931348623157e+308"},
           {2.2250738585072014e-308, "2.2250738585072014e-308"},
           {1.0 / 3, "0.3333333333333333"}})
    CHECK(describe(value) == text);
}
