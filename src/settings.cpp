#include "settings.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace palimpsest {
namespace {

constexpr std::size_t kMostIntegers = 32;  // in a list

bool in_range(const Parameter& parameter, double x) {
  return x >= parameter.minimum && x <= parameter.maximum;
}

bool is_integer(double x) { return std::floor(x) == x; }

std::string range(const Parameter& parameter) {
  return " from " + describe(parameter.minimum) + " to " + describe(parameter.maximum);
}

std::string expectation(const Parameter& parameter) {
  switch (parameter.type) {
    case Type::number:
      return "a number" + range(parameter);
    case Type::integer:
      return "an integer" + range(parameter);
    case Type::boolean:
      return "true or false";
    case Type::integers:
      return "a list of at most " + std::to_string(kMostIntegers) + " integers" + range(parameter);
    case Type::choice:
      break;
  }
  std::vector<std::string_view> names;
  for (const Choice& choice : parameter.choices) names.push_back(choice.value);
  return "one of " + listed(names);
}

bool is_list_of_integers(const Parameter& parameter, const Value& value) {
  if (const Array* empty = value.as<Array>()) return empty->empty();
  const Numbers* numbers = value.as<Numbers>();
  return numbers && numbers->size() <= kMostIntegers &&
         std::all_of(numbers->begin(), numbers->end(),
                     [&](double x) { return is_integer(x) && in_range(parameter, x); });
}

bool fits(const Parameter& parameter, const Value& value) {
  const double* number = value.as<double>();
  switch (parameter.type) {
    case Type::number:
      return number && in_range(parameter, *number);
    case Type::integer:
      return number && is_integer(*number) && in_range(parameter, *number);
    case Type::boolean:
      return value.as<bool>();
    case Type::integers:
      return is_list_of_integers(parameter, value);
    case Type::choice:
      break;
  }
  const std::string* name = value.as<std::string>();
  return name && std::any_of(parameter.choices.begin(), parameter.choices.end(),
                             [&](const Choice& choice) { return choice.value == *name; });
}

// With what 0 means: "How many there are; 0 means all."
std::string whole_help(const Parameter& parameter) {
  std::string help(parameter.help);
  if (parameter.zero.empty()) return help;
  help.pop_back();
  return help + "; 0 means " + std::string(parameter.zero) + ".";
}

// The fault of a value that does not fit; of a list that is not too long, its first element's.
std::string fault(const std::string& path, const Parameter& parameter, std::string_view expected,
                  const Value& given) {
  Parameter one = parameter;
  one.type = Type::integer;
  const std::size_t count = parameter.type == Type::integers ? length(given) : 0;
  for (std::size_t i = 0; i < count && count <= kMostIntegers; ++i)
    if (const Value number = element(given, i); !fits(one, number))
      return must_be(path + "[" + std::to_string(i) + "]", expectation(one), number);
  return must_be(path, expected, given);
}

std::string_view name(Type type) {
  switch (type) {
    case Type::number:
      return "number";
    case Type::integer:
      return "integer";
    case Type::boolean:
      return "boolean";
    case Type::choice:
      return "choice";
    case Type::integers:
      return "integers";
  }
  return "";
}

}  // namespace

Default::operator Value() const {
  struct {
    Value operator()(std::monostate) const { return {}; }
    Value operator()(bool value) const { return value; }
    Value operator()(double value) const { return value; }
    Value operator()(std::string_view value) const { return value; }
    Value operator()(std::span<const double> value) const {
      return Numbers(value.begin(), value.end());
    }
  } convert;
  return std::visit(convert, data);
}

const Value& Settings::value(std::string_view key) const {
  for (const auto& [name, value] : values_)
    if (name == key) return value;
  std::abort();
}

double Settings::number(std::string_view key) const { return *value(key).as<double>(); }
int Settings::integer(std::string_view key) const { return static_cast<int>(number(key)); }
bool Settings::boolean(std::string_view key) const { return *value(key).as<bool>(); }
const std::string& Settings::choice(std::string_view key) const {
  return *value(key).as<std::string>();
}

std::vector<int> Settings::integers(std::string_view key) const {
  const Numbers* numbers = value(key).as<Numbers>();
  return numbers ? std::vector<int>(numbers->begin(), numbers->end()) : std::vector<int>();
}

void Settings::set(std::string_view key, Value value) {
  for (auto& [name, old] : values_)
    if (name == key) {
      old = std::move(value);
      return;
    }
  values_.emplace_back(key, std::move(value));
}

std::optional<std::string> mismatch(const Parameter& parameter, const Value& value) {
  if (value.is_null() && parameter.fallback.is_null()) return std::nullopt;
  if (fits(parameter, value)) return std::nullopt;
  return expectation(parameter) + (parameter.fallback.is_null() ? ", or null" : "");
}

std::string must_be(const std::string& path, std::string_view expected, const Value& value) {
  return path + ": must be " + std::string(expected) + ", not " + describe(value);
}

bool check_elements(const std::string& path, const Value& list, std::string_view expected,
                    bool (*right)(double), Faults& faults) {
  const std::size_t count = length(list);
  for (std::size_t i = 0; i < count; ++i) {
    const Value given = element(list, i);
    const double* number = given.as<double>();
    if (number && right(*number)) continue;
    faults.push_back(must_be(path + "[" + std::to_string(i) + "]", expected, given));
    return false;
  }
  return list.as<Numbers>() || list.as<Array>();
}

std::string joined(const Faults& faults) {
  constexpr std::size_t kMostShown = 100, kLongest = 1000;
  std::string line;
  for (std::size_t i = 0; i < faults.size() && i < kMostShown; ++i)
    line += (i ? "; " : "") + printable(faults[i], kLongest);
  if (faults.size() > kMostShown)
    line += "; and " + std::to_string(faults.size() - kMostShown) + " more";
  return line;
}

Settings read_settings(const std::string& path, const Value& value,
                       const std::vector<Parameter>& parameters,
                       const std::vector<std::string_view>& others, Faults& faults) {
  Settings settings;
  for (const Parameter& parameter : parameters) settings.set(parameter.key, parameter.fallback);
  const Object* object = value.as<Object>();
  if (!object) {
    faults.push_back(must_be(path.empty() ? "the document" : path, "an object", value));
    return settings;
  }
  const std::string prefix = path.empty() ? "" : path + ".";
  for (const auto& [key, given] : *object) {
    if (std::find(others.begin(), others.end(), key) != others.end()) continue;
    if (const Parameter* parameter = find(parameters, key)) {
      if (const auto expected = mismatch(*parameter, given))
        faults.push_back(fault(prefix + key, *parameter, *expected, given));
      else
        settings.set(key, given);
      continue;
    }
    std::vector<std::string_view> known = others;
    for (const Parameter& parameter : parameters) known.push_back(parameter.key);
    faults.push_back(prefix + printable_key(key) + ": unknown key; known here: " + listed(known));
  }
  return settings;
}

Value describe(const Parameter& parameter) {
  Object shown{{"key", parameter.key},         {"label", parameter.label},
               {"symbol", parameter.symbol},   {"help", whole_help(parameter)},
               {"type", name(parameter.type)}, {"default", Value(parameter.fallback)}};
  if (parameter.type != Type::boolean && parameter.type != Type::choice) {
    shown.emplace_back("minimum", parameter.minimum);
    shown.emplace_back("maximum", parameter.maximum);
    shown.emplace_back("scale", parameter.scale == Scale::log ? "log" : "linear");
    shown.emplace_back("zero", parameter.zero.empty() ? Value() : Value(parameter.zero));
  }
  Array choices;
  for (const Choice& choice : parameter.choices)
    choices.push_back(
        Object{{"value", choice.value}, {"label", choice.label}, {"help", choice.help}});
  if (parameter.type == Type::choice) shown.emplace_back("choices", std::move(choices));
  shown.emplace_back("live", parameter.live);
  shown.emplace_back(
      "when", parameter.when_key.empty()
                  ? Value()
                  : Value(Object{{"key", parameter.when_key}, {"value", parameter.when_value}}));
  return shown;
}

Value describe(const std::vector<Parameter>& parameters) {
  Array shown;
  for (const Parameter& parameter : parameters) shown.push_back(describe(parameter));
  return shown;
}

Object describe(const Entry& entry) {
  return {{"kind", entry.kind},     {"label", entry.label},
          {"help", entry.help},     {"formula", entry.formula},
          {"source", entry.source}, {"parameters", describe(entry.parameters)}};
}

const Parameter* find(const std::vector<Parameter>& parameters, std::string_view key) {
  for (const Parameter& parameter : parameters)
    if (parameter.key == key) return &parameter;
  return nullptr;
}

}  // namespace palimpsest
