// The engine for JavaScript: WebAssembly's plain interface, under the one that engine.js puts on
// top. Whatever is more than a number crosses as bytes in a block that belongs to this side, a
// document a time. engine.js reads and writes the same form, from eight bytes to eight bytes:
//   kind, count    32 bits each, and then
//   number         double
//   text           `count` bytes of UTF-8
//   numbers        `count` doubles; floats: as many in single precision
//   array          `count` values
//   object         `count` members: a text, the key, and the value
// The rest of eight bytes is zero.
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "catalogue.hpp"
#include "experiment.hpp"
#include "lambda.hpp"
#include "project.hpp"

#define EXPORT(name) extern "C" __attribute__((export_name(#name)))

namespace palimpsest {
namespace {

enum class Kind : std::uint32_t { null, no, yes, number, text, numbers, floats, array, object };

std::vector<std::uint64_t> block;  // the host's question, then the engine's answer
ImageSets given_sets;              // for all experiments

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

// What the host has put into the block, which is empty then.
Value question() {
  Value value = Reader().value();
  block = {};
  return value;
}

// Where the answer begins.
const void* answer(const Value& value) {
  block.clear();
  std::visit(Writer{}, value.data);
  return block.data();
}

Value listed(const Faults& faults) { return Array(faults.begin(), faults.end()); }

// {faults, answer}
const void* answer_to(Value (*reply)(const Value&, Faults&)) {
  Faults faults;
  Value given = reply(question(), faults);
  return answer(Object{{"faults", listed(faults)}, {"answer", std::move(given)}});
}

}  // namespace

// Room for a question of so many times eight bytes; it is asked by the call after this one.
EXPORT(room) void* room(std::size_t count) {
  block.assign(count, 0);
  return block.data();
}

EXPORT(catalogue) const void* answer_catalogue() { return answer(catalogue()); }

// The question: [name, the pack's bytes as numbers].
EXPORT(data) const void* take_data() {
  const Value given = question();
  const Array& pair = *given.as<Array>();
  const std::string& name = *pair[0].as<std::string>();
  if (name != "pack") return answer(listed({must_be("the data set", "\"pack\"", name)}));
  const Numbers* numbers = pair[1].as<Numbers>();
  std::vector<std::uint8_t> bytes;
  if (numbers) bytes.assign(numbers->begin(), numbers->end());
  Faults faults;
  ImageSet set = read_pack({name, bytes}, faults);
  if (faults.empty()) given_sets.give(name, std::move(set));
  return answer(listed(faults));
}

EXPORT(check) const void* answer_check() {
  Faults faults;
  read_document(question(), given_sets, faults);
  return answer(listed(faults));
}

// The digest of a run from its learners' digests, for hosts that train them apart.
EXPORT(digest) const void* answer_digest() {
  Digest combined;
  const Value learners = question();
  if (const Array* digests = learners.as<Array>())
    for (const Value& digest : *digests)
      combined.add(std::uint64_t{std::strtoull(digest.as<std::string>()->c_str(), nullptr, 16)});
  return answer(combined.text());
}

EXPORT(project) const void* answer_project() { return answer_to(project_document); }
EXPORT(lambda) const void* answer_lambda() { return answer_to(convert_lambda); }

// {session, faults}: what the functions below are given, or 0 with the faults that keep it from
// being.
EXPORT(open) const void* open_session() {
  Faults faults;
  auto document = read_document(question(), given_sets, faults);
  const auto* session = document ? new Experiment(std::move(document)) : nullptr;
  return answer(Object{{"session", static_cast<double>(reinterpret_cast<std::uintptr_t>(session))},
                       {"faults", listed(faults)}});
}

EXPORT(close) void close_session(Experiment* session) { delete session; }

EXPORT(step) std::size_t step(Experiment* session, std::size_t count) {
  return session->step(count);
}

// The question: [key, value].
EXPORT(alter) const void* answer_alter(Experiment* session, std::size_t learner) {
  const Value change = question();
  const Array& pair = *change.as<Array>();
  return answer(listed(session->alter(learner, *pair[0].as<std::string>(), pair[1])));
}

EXPORT(describe) const void* answer_describe(const Experiment* session) {
  return answer(session->describe());
}
EXPORT(snapshot) const void* answer_snapshot(Experiment* session) {
  return answer(session->snapshot());
}
EXPORT(inside) const void* answer_inside(Experiment* session, std::size_t learner,
                                         std::size_t most) {
  return answer(session->inside(learner, most));
}
// The question: the parameters. Below 0 where they do not fit.
EXPORT(loss) double loss(Experiment* session, std::size_t task) {
  const Value parameters = question();
  const Numbers* numbers = parameters.as<Numbers>();
  return numbers ? session->loss(task, *numbers).value_or(-1) : -1;
}
EXPORT(result) const void* answer_result(const Experiment* session) {
  return answer(session->result());
}

}  // namespace palimpsest
