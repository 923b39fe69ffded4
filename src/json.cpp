#include "json.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

namespace palimpsest {
namespace {

using Json = nlohmann::ordered_json;
constexpr int kDeepest = 32;

std::string position(const std::string& text, std::size_t byte) {
  const std::size_t end = std::min(byte ? byte - 1 : 0, text.size());
  const auto lines =
      std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), '\n');
  const std::size_t line_start = end ? text.rfind('\n', end - 1) + 1 : 0;
  return "line " + std::to_string(lines + 1) + ", column " + std::to_string(end - line_start + 1);
}

// What is wrong, without the library's own prefix and position.
std::string reason(const std::string& message) {
  std::size_t cut = message.find(": ", message.find("column"));
  if (cut == std::string::npos) cut = message.find("] ");  // no position either
  std::string text = cut == std::string::npos ? message : message.substr(cut + 2);
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

// Builds the value as the parser goes through the text.
class Builder : public nlohmann::json_sax<Json> {
 public:
  Builder(const std::string& text, Faults& faults) : text_(text), faults_(faults) {}

  Value root;

  bool null() override { return put({}); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(static_cast<double>(value)); }
  bool number_unsigned(number_unsigned_t value) override { return put(static_cast<double>(value)); }
  bool number_float(number_float_t value, const string_t&) override { return put(value); }
  bool string(string_t& value) override { return put(value); }
  bool binary(binary_t&) override { return false; }  // no JSON
  bool start_object(std::size_t) override { return open(Object{}); }
  bool start_array(std::size_t) override { return open(Array{}); }
  bool end_object() override { return close(); }

  // Of two members with one key the later would hide the other.
  bool key(string_t& name) override {
    Level& level = levels_.back();
    level.key = name;
    if (!level.keys.insert(name).second) faults_.push_back(path() + ": is there twice");
    return true;
  }

  // A list of numbers only becomes Numbers.
  bool end_array() override {
    const Array& array = *levels_.back().value.as<Array>();
    const auto is_number = [](const Value& element) { return element.as<double>() != nullptr; };
    if (!array.empty() && std::all_of(array.begin(), array.end(), is_number)) {
      Numbers numbers;
      numbers.reserve(array.size());
      for (const Value& element : array) numbers.push_back(*element.as<double>());
      levels_.back().value = std::move(numbers);
    }
    return close();
  }

  bool parse_error(std::size_t byte, const std::string& token,
                   const nlohmann::detail::exception& error) override {
    constexpr int kOverflow = 406;  // nlohmann-json's number for a number that is too large
    const std::string place = position(text_, byte);
    faults_.push_back(error.id == kOverflow ? (levels_.empty() ? "the document" : path()) +
                                                  ": must be finite in double precision, not " +
                                                  printable(token, 40) + " (" + place + ")"
                                            : "not JSON at " + place + ": " + reason(error.what()));
    return false;
  }

 private:
  struct Level {
    Value value;
    std::string key;             // of an object: the latest
    std::set<std::string> keys;  // and all of them
  };

  // Of the value that comes next, or has begun: methods[1].lambda.
  std::string path() const {
    std::string path;
    for (const Level& level : levels_)
      if (const Array* array = level.value.as<Array>())
        path.append("[").append(std::to_string(array->size())).append("]");
      else
        path.append(path.empty() ? "" : ".").append(printable_key(level.key));
    return path;
  }

  bool put(Value value) {
    if (levels_.empty()) {
      root = std::move(value);
    } else if (Array* array = levels_.back().value.as<Array>()) {
      array->push_back(std::move(value));
    } else {
      levels_.back().value.as<Object>()->emplace_back(levels_.back().key, std::move(value));
    }
    return true;
  }

  bool open(Value empty) {
    if (levels_.size() > kDeepest) {
      faults_.push_back("the document: must not be nested more than " + std::to_string(kDeepest) +
                        " levels deep");
      return false;
    }
    levels_.push_back({std::move(empty), "", {}});
    return true;
  }

  bool close() {
    Value value = std::move(levels_.back().value);
    levels_.pop_back();
    return put(std::move(value));
  }

  const std::string& text_;
  Faults& faults_;
  std::vector<Level> levels_;
};

Json to_json(double value) {
  constexpr double kExact = 9007199254740992;
  const bool whole = std::floor(value) == value && std::abs(value) < kExact;
  if (whole && !(value == 0 && std::signbit(value))) return static_cast<std::int64_t>(value);
  return value;  // nlohmann-json writes what is not finite as null
}

Json to_json(const Value& value);

struct Writer {
  Json operator()(std::monostate) const { return nullptr; }
  Json operator()(bool value) const { return value; }
  Json operator()(double value) const { return to_json(value); }
  Json operator()(const std::string& value) const { return value; }
  Json operator()(const Object& object) const {
    Json json = Json::object();
    for (const auto& [key, member] : object) json[key] = to_json(member);
    return json;
  }
  template <class List>
  Json operator()(const List& list) const {
    Json json = Json::array();
    for (const auto& element : list) json.push_back(to_json(element));
    return json;
  }
};

Json to_json(const Value& value) { return std::visit(Writer{}, value.data); }

}  // namespace

Value parse_json(const std::string& text, Faults& faults) {
  const std::size_t before = faults.size();
  Builder builder(text, faults);
  Json::sax_parse(text, &builder);
  return faults.size() == before ? std::move(builder.root) : Value();
}

std::string write_json(const Value& value) { return to_json(value).dump(); }

}  // namespace palimpsest
