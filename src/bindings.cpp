// The engine for JavaScript: WebAssembly's plain interface, under the one that engine.js puts on top.
#include <cstdint>
#include <cstdlib>

#include "catalogue.hpp"
#include "exchange.hpp"
#include "experiment.hpp"
#include "project.hpp"

namespace palimpsest {
namespace {

ImageSets given_sets;  // for all experiments

}  // namespace

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
