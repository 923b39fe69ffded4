#include "value.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace palimpsest {
namespace {

constexpr std::size_t kLongestText = 40;
constexpr std::size_t kMostElements = 3;

std::string quoted(const std::string& text) {
  std::string shown = "\"";
  for (char c : text.substr(0, kLongestText)) {
    if (c == '"' || c == '\\') shown += '\\';
    shown += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return shown + (text.size() > kLongestText ? "…\"" : "\"");
}

template <class Elements>
std::string listed(const Elements& elements) {
  std::string shown = "[";
  for (std::size_t i = 0; i < elements.size() && i < kMostElements; ++i)
    shown += (i ? ", " : "") + describe(elements[i]);
  return shown + (elements.size() > kMostElements ? ", …]" : "]");
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

std::string describe(const Value& value) { return std::visit(Describer{}, value.data); }

std::string describe(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  char text[32];
  if (std::floor(value) == value && std::abs(value) < 1e9) {  // 1000, not 1e+03
    std::snprintf(text, sizeof text, "%.0f", value);
    return text;
  }
  for (int digits = 1; digits <= 17; ++digits) {
    std::snprintf(text, sizeof text, "%.*g", digits, value);
    if (std::strtod(text, nullptr) == value) break;
  }
  return text;
}

}  // namespace palimpsest
