#include "value.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace palimpsest {
namespace {

constexpr std::size_t kLongestText = 40;
constexpr std::size_t kMostElements = 3;

std::string quoted(const std::string& text) {
  std::string shown = "\"";
  for (char c : printable(text, kLongestText)) {
    if (c == '"' || c == '\\') shown += '\\';
    shown += c;
  }
  return shown + "\"";
}

template <class Elements>
std::string listed(const Elements& elements) {
  std::string shown = "[";
  for (std::size_t i = 0; i < elements.size() && i < kMostElements; ++i)
    shown += (i ? ", " : "") + describe(elements[i]);
  return shown + (elements.size() > kMostElements ? ", …]" : "]");
}

// A natural number of up to 1280 bits: more than a double's numerator and denominator have.
class Natural {
 public:
  explicit Natural(std::uint64_t value)
      : limbs_{static_cast<std::uint32_t>(value), static_cast<std::uint32_t>(value >> 32)} {}

  void multiply(std::uint32_t factor) {
    std::uint64_t carry = 0;
    for (std::uint32_t& limb : limbs_) {
      carry += std::uint64_t{limb} * factor;
      limb = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
  }
  // this + sign · other, with sign 1 or −1.
  Natural plus(const Natural& other, int sign) const {
    Natural sum = *this;
    std::int64_t carry = 0;
    for (int i = 0; i < kLimbs; ++i) {
      carry += std::int64_t{limbs_[i]} + sign * std::int64_t{other.limbs_[i]};
      sum.limbs_[i] = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
    return sum;
  }
  // Whether this is above the other, or as large where `equal` says so.
  bool above(const Natural& other, bool equal) const {
    for (int i = kLimbs; i-- > 0;)
      if (limbs_[i] != other.limbs_[i]) return limbs_[i] > other.limbs_[i];
    return equal;
  }

 private:
  static constexpr int kLimbs = 40;
  std::uint32_t limbs_[kLimbs] = {};
};

struct Decimal {
  std::string digits;
  int point;  // the number is 0.DIGITS · 10^point
};

// The fewest digits that read back to the positive number, by exact arithmetic (Burger & Dybvig
// 1996, "Printing floating-point numbers quickly and accurately", figure 1; their names).
Decimal shortest(double v) {
  int e;
  const double fraction = std::frexp(v, &e);
  e = std::max(e, -1021) - 53;  // the exponent of the last place, also of subnormal numbers
  const auto f = static_cast<std::uint64_t>(std::ldexp(v, -e));
  const bool even = f % 2 == 0, narrow = fraction == 0.5 && e > -1074;  // to the number below
  Natural r(4 * f), s(4), above(2), below(narrow ? 1 : 2);
  const auto scale = [&](std::uint32_t factor) {
    for (Natural* part : {&r, &above, &below}) part->multiply(factor);
  };
  for (; e > 0; --e) scale(2);
  for (; e < 0; ++e) s.multiply(2);
  Decimal decimal{"", 0};
  for (; r.plus(above, 1).above(s, even); ++decimal.point) s.multiply(10);
  for (;; --decimal.point) {
    scale(10);
    if (r.plus(above, 1).above(s, even)) break;
  }
  for (;; scale(10)) {
    char digit = '0';
    for (; r.above(s, true); ++digit) r = r.plus(s, -1);
    const bool low = below.above(r, even), high = r.plus(above, 1).above(s, even);
    if (high && (!low || r.plus(r, 1).above(s, true))) ++digit;
    decimal.digits += digit;
    if (low || high) return decimal;
  }
}

struct Describer {
  std::string operator()(std::monostate) const { return "null"; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(double value) const { return describe(value); }
  std::string operator()(const std::string& value) const { return quoted(value); }
  std::string operator()(const Numbers& value) const { return listed(value); }
  std::string operator()(const Floats& value) const { return listed(value); }
  std::string operator()(const Array& value) const { return listed(value); }
  std::string operator()(const Object& value) const { return value.empty() ? "{}" : "{…}"; }
};

}  // namespace

Value::Value() = default;
Value::Value(bool value) : data(value) {}
Value::Value(double value) : data(value) {}
Value::Value(std::string_view value) : data(std::string(value)) {}
Value::Value(Numbers value) : data(std::move(value)) {}
Value::Value(Floats value) : data(std::move(value)) {}
Value::Value(Array value) : data(std::move(value)) {}
Value::Value(Object value) : data(std::move(value)) {}
Value::Value(const Value&) = default;
Value::Value(Value&&) noexcept = default;
Value& Value::operator=(const Value&) = default;
Value& Value::operator=(Value&&) noexcept = default;
Value::~Value() = default;

std::size_t length(const Value& list) {
  const Numbers* numbers = list.as<Numbers>();
  const Array* array = list.as<Array>();
  return numbers ? numbers->size() : array ? array->size() : 0;
}

Value element(const Value& list, std::size_t i) {
  const Numbers* numbers = list.as<Numbers>();
  return numbers ? Value((*numbers)[i]) : (*list.as<Array>())[i];
}

std::string printable(std::string_view text, std::size_t most) {
  std::size_t size = std::min(text.size(), most);
  const auto goes_on = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; };
  while (size < text.size() && size > 0 && goes_on(text[size])) --size;
  std::string shown(text.substr(0, size));
  for (char& c : shown)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  return size < text.size() ? shown + "…" : shown;
}

std::string printable_key(std::string_view key) {
  return key.empty() ? "\"\"" : printable(key, kLongestText);
}

std::string describe(const Value& value) { return std::visit(Describer{}, value.data); }

std::string describe(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  std::string text = std::signbit(value) ? "-" : "";
  if (value == 0) return text += '0';
  const Decimal decimal = shortest(std::abs(value));
  const std::string& digits = decimal.digits;
  const int point = decimal.point;
  const int count = static_cast<int>(digits.size());
  // The digits with a point after the first `whole` of them.
  const auto write = [&](int whole) {
    text.append(digits, 0, whole);
    if (whole < count) text.append(1, '.').append(digits, whole);
  };
  if (point <= -4 || (point > count && point > 9)) {
    const std::string exponent = std::to_string(std::abs(point - 1));
    write(1);
    text.append(point > 0 ? "e+" : "e-");
    return text.append(exponent.size() < 2, '0').append(exponent);
  }
  if (point <= 0) return text.append("0.").append(-point, '0').append(digits);
  write(std::min(point, count));
  return text.append(std::max(point - count, 0), '0');
}

}  // namespace palimpsest
