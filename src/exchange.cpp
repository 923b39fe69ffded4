#include "exchange.hpp"

#include <cstdint>
#include <cstring>

namespace palimpsest {
namespace {

enum class Kind : std::uint32_t { null, no, yes, number, text, numbers, floats, array, object };

std::vector<std::uint64_t> block;  // the host's question, then the engine's answer

// Takes the block apart.
class Reader {
 public:
  Value value() {
    const auto [kind, count] = head();
    switch (kind) {
      case Kind::no:
        return false;
      case Kind::yes:
        return true;
      case Kind::number:
        return *take<double>(1);
      case Kind::text:
        return text(count);
      case Kind::numbers: {
        const double* numbers = take<double>(count);
        return Numbers(numbers, numbers + count);
      }
      case Kind::array: {
        Array array(count);
        for (Value& element : array) element = value();
        return array;
      }
      case Kind::object: {
        Object object(count);
        for (auto& [key, member] : object) {
          key = text(head().count);
          member = value();
        }
        return object;
      }
      case Kind::null:
      case Kind::floats:  // only ever written
        break;
    }
    return {};
  }

 private:
  struct Head {
    Kind kind;
    std::uint32_t count;
  };

  Head head() {
    Head head;
    std::memcpy(&head, &block[at_++], sizeof head);
    return head;
  }
  template <class T>
  const T* take(std::size_t count) {
    const T* begin = reinterpret_cast<const T*>(block.data() + at_);
    at_ += (count * sizeof(T) + 7) / 8;
    return begin;
  }
  std::string text(std::size_t count) { return {take<char>(count), count}; }

  std::size_t at_ = 0;
};

// Puts it together.
struct Writer {
  void head(Kind kind, std::size_t count) {
    block.push_back(static_cast<std::uint64_t>(count) << 32 | static_cast<std::uint32_t>(kind));
  }
  void put(Kind kind, const void* elements, std::size_t count, std::size_t size) {
    head(kind, count);
    const std::size_t begin = block.size();
    block.resize(begin + (count * size + 7) / 8);
    if (count) std::memcpy(&block[begin], elements, count * size);
  }

  void operator()(std::monostate) { head(Kind::null, 0); }
  void operator()(bool value) { head(value ? Kind::yes : Kind::no, 0); }
  void operator()(double value) {
    if (value == value)
      put(Kind::number, &value, 1, sizeof value);
    else
      head(Kind::null, 0);
  }
  void operator()(const std::string& value) { put(Kind::text, value.data(), value.size(), 1); }
  void operator()(const Numbers& value) { put(Kind::numbers, value.data(), value.size(), 8); }
  void operator()(const Floats& value) { put(Kind::floats, value.data(), value.size(), 4); }
  void operator()(const Array& array) {
    head(Kind::array, array.size());
    for (const Value& element : array) std::visit(*this, element.data);
  }
  void operator()(const Object& object) {
    head(Kind::object, object.size());
    for (const auto& [key, member] : object) {
      (*this)(key);
      std::visit(*this, member.data);
    }
  }
};

}  // namespace

Value question() {
  Value value = Reader().value();
  block = {};
  return value;
}

const void* answer(const Value& value) {
  block.clear();
  std::visit(Writer{}, value.data);
  return block.data();
}

Value listed(const Faults& faults) { return Array(faults.begin(), faults.end()); }

const void* answer_to(Value (*reply)(const Value&, Faults&)) {
  Faults faults;
  Value given = reply(question(), faults);
  return answer(Object{{"faults", listed(faults)}, {"answer", std::move(given)}});
}

// Room for a question of so many times eight bytes; it is asked by the call after this one.
EXPORT(room) void* room(std::size_t count) {
  block.assign(count, 0);
  return block.data();
}

}  // namespace palimpsest
