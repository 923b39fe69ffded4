// Parameters described once, and the values that a document gives them. The reader, its checks, the
// help, the page's controls and the filled-in defaults all follow from the description.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "value.hpp"

namespace palimpsest {

enum class Type { number, integer, boolean, choice, integers };
enum class Scale { linear, log };

struct Choice {
  std::string_view value, label = "", help = "";
};

// A parameter's default: a Value that is constant data.
struct Default {
  using Data =
      std::variant<std::monostate, bool, double, std::string_view, std::span<const double>>;
  Data data;

  constexpr Default() = default;
  constexpr Default(std::nullptr_t) {}
  constexpr Default(bool value) : data(value) {}
  constexpr Default(double value) : data(value) {}
  constexpr Default(int value) : data(static_cast<double>(value)) {}
  constexpr Default(const char* value) : data(std::string_view(value)) {}
  constexpr Default(std::span<const double> value) : data(value) {}

  template <class T>
  const T* as() const {
    return std::get_if<T>(&data);
  }
  bool is_null() const { return std::holds_alternative<std::monostate>(data); }
  operator Value() const;
};

// One parameter of a method, a task generator, an optimizer or a section of the document.
// Constant data: a table of them is no code, where all its parts are constant expressions.
struct Parameter {
  std::string_view key, label = "";
  std::string_view symbol = "";  // as the papers write it: λ
  std::string_view help = "";    // one sentence
  Type type = Type::number;
  Default fallback;  // null where the key may be left out
  double minimum = 0, maximum = 0;
  Scale scale = Scale::linear;
  std::span<const Choice> choices = {};
  bool live = false;  // may be changed while the experiment runs
  // It matters only where another parameter of the same entry has this value.
  std::string_view when_key = "", when_value = "";
  std::string_view zero = "";  // what 0 means, where it is no count: "all"
};

// What a document may name by `kind`: a method, a task generator, an activation, an optimizer.
struct Entry {
  std::string_view kind, label;
  std::string_view help;     // one sentence
  std::string_view formula;  // in plain Unicode
  std::string_view source;   // paper and equation
  std::vector<Parameter> parameters;
};

// Every fault found in a document: "methods[1].lambda: must be a number from 0 to 1e+09, not -1".
using Faults = std::vector<std::string>;

// Checked values in the order of their description, every default filled in. Asking for a key that
// the description lacks is a mistake in the program, and ends it.
class Settings {
 public:
  double number(std::string_view key) const;
  int integer(std::string_view key) const;
  bool boolean(std::string_view key) const;
  const std::string& choice(std::string_view key) const;
  std::vector<int> integers(std::string_view key) const;
  bool given(std::string_view key) const { return !value(key).is_null(); }

  void set(std::string_view key, Value value);
  const Object& object() const { return values_; }

 private:
  const Value& value(std::string_view key) const;
  Object values_;
};

// nullopt where the value is right for the parameter, else what it must be: "a number from 0 to 1".
std::optional<std::string> mismatch(const Parameter& parameter, const Value& value);

// The fault's sentence: "PATH: must be EXPECTED, not VALUE".
std::string must_be(const std::string& path, std::string_view expected, const Value& value);

inline constexpr std::string_view kFinite = "a number, finite in single precision";

// A fault for the first element of a list of numbers that is no number, or not `right`, named as
// PATH[3]. False where there is one, or where it is no list.
bool check_elements(const std::string& path, const Value& list, std::string_view expected,
                    bool (*right)(double), Faults& faults);

// "a, b, c".
template <class Names>
std::string listed(const Names& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + std::string(name);
  return text;
}

// Faults as one line: the first ten, no line breaks, none of them endless.
std::string joined(const Faults& faults);

// Reads the object `value` at `path` by the description; keys in `others` belong to somebody else.
Settings read_settings(const std::string& path, const Value& value,
                       const std::vector<Parameter>& parameters,
                       const std::vector<std::string_view>& others, Faults& faults);

// The description as a document (the catalogue's form).
Value describe(const Parameter& parameter);
Value describe(const std::vector<Parameter>& parameters);
Object describe(const Entry& entry);

const Parameter* find(const std::vector<Parameter>& parameters, std::string_view key);

}  // namespace palimpsest
