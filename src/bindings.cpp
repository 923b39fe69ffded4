// The engine for JavaScript. engine.js puts the public interface on top; numbers cross as typed
// arrays that are copies, never views of the growing memory.
#include <emscripten/bind.h>
#include <emscripten/val.h>

#include <cstdlib>

#include "catalogue.hpp"
#include "experiment.hpp"
#include "lambda.hpp"
#include "project.hpp"

namespace palimpsest {
namespace {

using emscripten::val;

// engine.js hands over plain objects, lists as arrays, and lists of numbers as Float64Array.
Value from_js(const val& js) {
  if (js.isNull() || js.isUndefined()) return {};
  if (js.isTrue()) return true;
  if (js.isFalse()) return false;
  if (js.isNumber()) return js.as<double>();
  if (js.isString()) return js.as<std::string>();
  if (js.instanceof(val::global("Float64Array"))) {
    Numbers numbers(js["length"].as<std::size_t>());
    if (numbers.empty()) return Array{};
    val(emscripten::typed_memory_view(numbers.size(), numbers.data())).call<void>("set", js);
    return numbers;
  }
  if (js.isArray()) {
    Array array(js["length"].as<std::size_t>());
    for (std::size_t i = 0; i < array.size(); ++i) array[i] = from_js(js[i]);
    return array;
  }
  Object object;
  const val keys = val::global("Object").call<val>("keys", js);
  const auto count = keys["length"].as<std::size_t>();
  for (std::size_t i = 0; i < count; ++i)
    object.emplace_back(keys[i].as<std::string>(), from_js(js[keys[i]]));
  return object;
}

val to_js(const Value& value);

template <class Elements>
val typed_copy(const Elements& elements) {
  return val(emscripten::typed_memory_view(elements.size(), elements.data())).call<val>("slice");
}

struct ToJs {
  val operator()(std::monostate) const { return val::null(); }
  val operator()(bool value) const { return val(value); }
  val operator()(double value) const { return value == value ? val(value) : val::null(); }
  val operator()(const std::string& value) const { return val(value); }
  val operator()(const Numbers& value) const { return typed_copy(value); }
  val operator()(const Floats& value) const { return typed_copy(value); }
  val operator()(const Array& array) const {
    val js = val::array();
    for (std::size_t i = 0; i < array.size(); ++i) js.set(i, to_js(array[i]));
    return js;
  }
  val operator()(const Object& object) const {
    val js = val::object();
    for (const auto& [key, member] : object) js.set(key, to_js(member));
    return js;
  }
};

val to_js(const Value& value) { return std::visit(ToJs{}, value.data); }

val to_js(const Faults& faults) {
  val js = val::array();
  for (std::size_t i = 0; i < faults.size(); ++i) js.set(i, faults[i]);
  return js;
}

// An experiment, or the faults that keep it from being one.
class Session {
 public:
  explicit Session(val document) {
    if (auto read = read_document(from_js(document), faults_))
      experiment_ = std::make_unique<Experiment>(std::move(read));
  }
  val faults() const { return to_js(faults_); }
  int step(int count) {
    return static_cast<int>(experiment_->step(static_cast<std::size_t>(std::max(count, 0))));
  }
  val alter(int learner, std::string key, val value) {
    return to_js(experiment_->alter(static_cast<std::size_t>(learner), key, from_js(value)));
  }
  val describe() const { return to_js(experiment_->describe()); }
  val snapshot() { return to_js(experiment_->snapshot()); }
  val result() const { return to_js(experiment_->result()); }

 private:
  Faults faults_;
  std::unique_ptr<Experiment> experiment_;
};

val check(val document) {
  Faults faults;
  read_document(from_js(document), faults);
  return to_js(faults);
}

val js_catalogue() { return to_js(catalogue()); }

// The digest of a run from its learners' digests, for hosts that train them apart.
std::string digest(val learners) {
  Digest combined;
  const auto count = learners["length"].as<std::size_t>();
  for (std::size_t i = 0; i < count; ++i)
    combined.add(std::uint64_t{std::strtoull(learners[i].as<std::string>().c_str(), nullptr, 16)});
  return combined.text();
}

// {faults, answer}
val answer_to(val question, Value (*answer)(const Value&, Faults&)) {
  Faults faults;
  const Value given = answer(from_js(question), faults);
  val js = val::object();
  js.set("faults", to_js(faults));
  js.set("answer", to_js(given));
  return js;
}

val js_project(val problem) { return answer_to(problem, project_document); }
val js_lambda(val question) { return answer_to(question, convert_lambda); }

}  // namespace

EMSCRIPTEN_BINDINGS(palimpsest) {
  emscripten::function("catalogue", &js_catalogue);
  emscripten::function("check", &check);
  emscripten::function("digest", &digest);
  emscripten::function("lambda", &js_lambda);
  emscripten::function("project", &js_project);
  emscripten::class_<Session>("Session")
      .constructor<val>()
      .function("faults", &Session::faults)
      .function("step", &Session::step)
      .function("alter", &Session::alter)
      .function("describe", &Session::describe)
      .function("snapshot", &Session::snapshot)
      .function("result", &Session::result);
}

}  // namespace palimpsest
