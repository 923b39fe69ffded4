// A document in memory: what JSON, or a JavaScript object, says, without either's library. The
// program and the bindings convert to and from it; everything in between knows only this.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace palimpsest {

struct Value;
using Array = std::vector<Value>;
using Object = std::vector<std::pair<std::string, Value>>;  // in the order written
using Numbers = std::vector<double>;  // an array of numbers only, never empty when read
using Floats = std::vector<float>;    // the same in single precision; only ever written

struct Value {
  using Data =
      std::variant<std::monostate, bool, double, std::string, Numbers, Floats, Array, Object>;
  Data data;

  Value();
  Value(std::nullptr_t) : Value() {}
  Value(bool value);
  Value(double value);
  Value(int value) : Value(static_cast<double>(value)) {}
  Value(std::size_t value) : Value(static_cast<double>(value)) {}
  Value(const char* value) : Value(std::string_view(value)) {}
  Value(std::string_view value);
  Value(const std::string& value) : Value(std::string_view(value)) {}
  Value(Numbers value);
  Value(Floats value);
  Value(Array value);
  Value(Object value);

  // Not inline, since documents are built and dropped in very many places.
  Value(const Value&);
  Value(Value&&) noexcept;
  Value& operator=(const Value&);
  Value& operator=(Value&&) noexcept;
  ~Value();

  template <class T>
  const T* as() const {
    return std::get_if<T>(&data);
  }
  template <class T>
  T* as() {
    return std::get_if<T>(&data);
  }
  bool is_null() const { return std::holds_alternative<std::monostate>(data); }

  // The member `key` of an object; nullptr where there is none, or where this is no object.
  const Value* find(std::string_view key) const {
    const Object* object = as<Object>();
    if (!object) return nullptr;
    for (const auto& [name, value] : *object)
      if (name == key) return &value;
    return nullptr;
  }
};

// How many elements a list has, of numbers or of anything; 0 where it is none. And one of them.
std::size_t length(const Value& list);
Value element(const Value& list, std::size_t i);

// Text for one line of a message: at most so many bytes of it, no character of UTF-8 cut in two,
// and blanks for control characters. Where it was longer, "…" follows.
std::string printable(std::string_view text, std::size_t most);

// An object's key for a message: a few dozen bytes at most, and "" where it is empty.
std::string printable_key(std::string_view key);

// The value as a short piece of JSON for an error message: "abc", -1, [1, 2, …].
std::string describe(const Value& value);

// A number as JSON writes it, with as few digits as read back to the same bits.
std::string describe(double value);

}  // namespace palimpsest
