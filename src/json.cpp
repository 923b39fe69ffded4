#include "json.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace palimpsest {
namespace {

using Json = nlohmann::ordered_json;
constexpr int kDeepest = 32;

Value from_json(const Json& json) {
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number()) return json.get<double>();
  if (json.is_string()) return json.get<std::string>();
  if (json.is_object()) {
    Object object;
    for (const auto& [key, member] : json.items()) object.emplace_back(key, from_json(member));
    return object;
  }
  if (!json.is_array()) return {};
  const auto is_number = [](const Json& element) { return element.is_number(); };
  if (!json.empty() && std::all_of(json.begin(), json.end(), is_number))
    return json.get<Numbers>();
  Array array;
  for (const Json& element : json) array.push_back(from_json(element));
  return array;
}

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

std::string position(const std::string& text, std::size_t byte) {
  const std::size_t end = std::min(byte ? byte - 1 : 0, text.size());
  const auto lines = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), '\n');
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

}  // namespace

Value parse_json(const std::string& text, Faults& faults) {
  bool too_deep = false;
  const auto limit = [&too_deep](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > kDeepest;
    return !too_deep;
  };
  try {
    const Json json = Json::parse(text, limit);
    if (!too_deep) return from_json(json);
    faults.push_back("the document: must not be nested more than " + std::to_string(kDeepest) +
                     " levels deep");
  } catch (const Json::parse_error& error) {
    faults.push_back("not JSON at " + position(text, error.byte) + ": " + reason(error.what()));
  } catch (const Json::exception& error) {
    faults.push_back("not JSON: " + reason(error.what()));
  }
  return {};
}

std::string write_json(const Value& value) { return to_json(value).dump(); }

}  // namespace palimpsest
