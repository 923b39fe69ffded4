#include "sweep.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "catalogue.hpp"
#include "digest.hpp"
#include "elementary.hpp"
#include "optimizer.hpp"

namespace palimpsest {
namespace {

bool takes_a_list(const std::vector<Parameter>& parameters, std::string_view key) {
  const Parameter* parameter = find(parameters, key);
  return parameter && parameter->type == Type::integers;
}

// Whether the catalogue knows the key as a list of integers, so that a list there is one value.
bool is_list_key(std::string_view key) {
  const auto any = [&](const auto& entries) {
    return std::any_of(entries.begin(), entries.end(),
                       [&](const auto& entry) { return takes_a_list(entry.parameters, key); });
  };
  return takes_a_list(network_parameters(), key) || takes_a_list(training_parameters(), key) ||
         any(task_entries()) || any(method_entries()) || any(optimizer_entries());
}

bool is_scalar(const Value& value) {
  return !value.as<Object>() && !value.as<Array>() && !value.as<Numbers>();
}

bool is_list(const Value& value) {
  const Array* array = value.as<Array>();
  return value.as<Numbers>() || (array && array->empty());
}

// {"from", "to", "steps"}: a task generator, which may have a `from` too, has a `kind`.
bool is_range(const std::string& path, const Value& value) {
  if (!value.as<Object>() || path.empty() || path == "tasks" || value.find("kind")) return false;
  return value.find("from") || value.find("to") || value.find("steps");
}

// Values that stand for themselves, whatever they hold.
bool is_data(const std::string& path, const Value& root) {
  if (path == "network.parameters") return true;
  const Value* tasks = root.find("tasks");
  const Value* kind = tasks ? tasks->find("kind") : nullptr;
  const std::string* name = kind ? kind->as<std::string>() : nullptr;
  return path == "tasks.tasks" && name && *name == "explicit";
}

// Exactly the decimal number that a document would have in its place.
double rounded(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.12g", value);
  return std::strtod(text, nullptr);
}

struct Fingerprint {
  Digest& digest;
  void text(std::string_view characters) const {
    digest.add(static_cast<std::uint64_t>(characters.size()));
    for (char c : characters) digest.add(c);
  }
  void operator()(std::monostate) const {}
  void operator()(bool value) const { digest.add(static_cast<std::uint64_t>(value)); }
  void operator()(double value) const { digest.add(value); }
  void operator()(const std::string& value) const { text(value); }
  void operator()(const Object& object) const {
    digest.add(static_cast<std::uint64_t>(object.size()));
    for (const auto& [key, member] : object) {
      text(key);
      add(member);
    }
  }
  template <class List>
  void operator()(const List& list) const {
    digest.add(static_cast<std::uint64_t>(list.size()));
    for (const auto& element : list) add(element);
  }
  void add(const Value& value) const {
    digest.add(static_cast<std::uint64_t>(value.data.index()));
    std::visit(*this, value.data);
  }
};

class SweepReader {
 public:
  SweepReader(const Value& value, Faults& faults) : base_(value), faults_(faults) {}

  std::optional<Sweep> read() {
    const std::string print = fingerprint(base_);
    if (!base_.as<Object>()) {
      faults_.push_back(must_be("the document", "an object", base_));
      return std::nullopt;
    }
    read_seeds();
    walk("", base_, base_);
    add_seed_axis();
    double runs = 1;
    for (const Axis& axis : axes_) runs *= static_cast<double>(axis.values.size());
    if (runs > kMostRuns)
      faults_.push_back("the document: makes " + describe(runs) + " runs; there may be at most " +
                        describe(static_cast<double>(kMostRuns)));
    if (!faults_.empty()) return std::nullopt;
    return Sweep(std::move(base_), std::move(axes_), print);
  }

 private:
  // Takes `seeds` out of the document, which the experiments do not know.
  void read_seeds() {
    static const Parameter count{.key = "seeds",
                                 .type = Type::integer,
                                 .fallback = 1,
                                 .minimum = 1,
                                 .maximum = static_cast<double>(kMostRuns)};
    Object& members = *base_.as<Object>();
    const auto found = std::find_if(members.begin(), members.end(),
                                    [](const auto& member) { return member.first == "seeds"; });
    if (found == members.end()) return;
    const Value* seed = base_.find("seed");
    if (const auto expected = mismatch(count, found->second))
      faults_.push_back(must_be("seeds", *expected, found->second));
    else if (seed && !seed->as<double>())
      faults_.push_back(must_be("seed", "a number beside seeds, the first of them", *seed));
    else
      seeds_ = static_cast<std::size_t>(*found->second.as<double>());
    members.erase(found);
  }

  // The last axis, unless the document has a list of seeds.
  void add_seed_axis() {
    const auto is_seed = [](const Axis& axis) { return axis.path == "seed"; };
    if (std::any_of(axes_.begin(), axes_.end(), is_seed)) return;
    Object& members = *base_.as<Object>();
    if (!base_.find("seed")) members.emplace_back("seed", 1);
    const auto at = std::find_if(members.begin(), members.end(),
                                 [](const auto& member) { return member.first == "seed"; });
    Axis axis{"seed", {static_cast<std::size_t>(at - members.begin())}, {at->second}};
    for (std::size_t i = 1; i < seeds_; ++i)
      axis.values.push_back(*at->second.as<double>() + static_cast<double>(i));
    axis.counted = true;
    axes_.push_back(std::move(axis));
  }

  void walk(const std::string& path, const Value& value, const Value& root) {
    if (is_data(path, root)) return;
    if (is_range(path, value)) return read_range(path, value);
    if (const Object* object = value.as<Object>()) {
      for (std::size_t i = 0; i < object->size(); ++i) {
        const auto& [key, member] = (*object)[i];
        place_.push_back(i);
        if (key != "kind") visit((path.empty() ? "" : path + ".") + key, key, member, root);
        place_.pop_back();
      }
    } else if (const Array* array = value.as<Array>()) {
      for (std::size_t i = 0; i < array->size(); ++i) {
        place_.push_back(i);
        walk(path + "[" + std::to_string(i) + "]", (*array)[i], root);
        place_.pop_back();
      }
    }
  }

  void visit(const std::string& path, const std::string& key, const Value& value,
             const Value& root) {
    if (is_data(path, root)) return;
    const Array* array = value.as<Array>();
    const bool list_key = is_list_key(key);
    const auto sweeps = [&](const Value& element) {
      return list_key ? is_list(element) : is_scalar(element);
    };
    if (const Numbers* numbers = value.as<Numbers>(); numbers && !list_key)
      add_axis(path, {numbers->begin(), numbers->end()});
    else if (array && !array->empty() && std::all_of(array->begin(), array->end(), sweeps))
      add_axis(path, *array);
    else if (array && array->empty() && !list_key && key != "methods" && key != "alterations")
      faults_.push_back(must_be(path, "a value, or a list of at least one", value));
    else
      walk(path, value, root);
  }

  void read_range(const std::string& path, const Value& value) {
    static constexpr Choice kScales[] = {{"linear"}, {"log"}};
    static const std::vector<Parameter> parameters = {
        {.key = "from", .fallback = 0, .minimum = -1e300, .maximum = 1e300},
        {.key = "to", .fallback = 0, .minimum = -1e300, .maximum = 1e300},
        {.key = "steps",
         .type = Type::integer,
         .fallback = 0,
         .minimum = 2,
         .maximum = static_cast<double>(kMostRuns)},
        {.key = "scale", .type = Type::choice, .fallback = "linear", .choices = kScales}};
    const std::size_t before = faults_.size();
    const Settings settings = read_settings(path, value, parameters, {}, faults_);
    for (const char* key : {"from", "to", "steps"})
      if (!value.find(key))
        faults_.push_back(path + ": lacks `" + key + "`; a range has from, to and steps");
    if (faults_.size() != before) return;
    const bool log = settings.choice("scale") == "log";
    for (const char* key : {"from", "to"})
      if (log && settings.number(key) <= 0)
        faults_.push_back(must_be(path + "." + key, "above 0 on a log scale", *value.find(key)));
    if (faults_.size() != before) return;
    const Numbers numbers = range_values(settings.number("from"), settings.number("to"),
                                         static_cast<std::size_t>(settings.integer("steps")),
                                         log ? Scale::log : Scale::linear);
    add_axis(path, {numbers.begin(), numbers.end()});
  }

  void add_axis(const std::string& path, std::vector<Value> values) {
    axes_.push_back({path, place_, std::move(values)});
  }

  Value base_;
  Faults& faults_;
  std::size_t seeds_ = 1;
  std::vector<Axis> axes_;
  std::vector<std::size_t> place_;  // of the value being looked at
};

const Value& member(const Value& value, std::string_view key) {
  static const Value none;
  const Value* found = value.find(key);
  return found ? *found : none;
}

// The last row of a result matrix; nullptr before the last task's end.
const Numbers* at_the_end(const Value& learner, const std::string& quantity, std::size_t tasks) {
  const Value& after = member(member(member(learner, "matrix"), quantity), "after");
  const Array* rows = after.as<Array>();
  return rows && !rows->empty() && rows->size() == tasks ? rows->back().as<Numbers>() : nullptr;
}

std::size_t task_count(const Value& learner) {
  const Numbers* initial =
      member(member(member(learner, "matrix"), "loss"), "initial").as<Numbers>();
  return initial ? initial->size() : 0;
}

}  // namespace

std::string fingerprint(const Value& value) {
  Digest digest;
  Fingerprint{digest}.add(value);
  return digest.text();
}

Numbers range_values(double from, double to, std::size_t steps, Scale scale) {
  const bool log = scale == Scale::log;
  const double begin = log ? elementary::log(from) : from, end = log ? elementary::log(to) : to;
  const double last = static_cast<double>(steps - 1);
  Numbers values(steps);
  for (std::size_t i = 0; i < steps; ++i) {
    const double share = static_cast<double>(i) / last;
    const double between = begin * (1 - share) + end * share;
    values[i] = rounded(log ? elementary::exp(between) : between);
  }
  values.front() = from;
  values.back() = to;
  return values;
}

Sweep::Sweep(Value base, std::vector<Axis> axes, std::string fingerprint)
    : base_(std::move(base)), axes_(std::move(axes)), fingerprint_(std::move(fingerprint)) {
  for (const Axis& axis : axes_) runs_ *= axis.values.size();
}

std::vector<std::size_t> Sweep::combination(std::size_t run) const {
  std::vector<std::size_t> chosen(axes_.size());
  for (std::size_t a = axes_.size(); a-- > 0; run /= axes_[a].values.size())
    chosen[a] = run % axes_[a].values.size();
  return chosen;
}

Value Sweep::document(std::size_t run) const {
  Value document = base_;
  const std::vector<std::size_t> chosen = combination(run);
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    Value* here = &document;
    for (std::size_t position : axes_[a].place)
      here = here->as<Object>() ? &(*here->as<Object>())[position].second
                                : &(*here->as<Array>())[position];
    *here = axes_[a].values[chosen[a]];
  }
  return document;
}

std::optional<Sweep> read_sweep(const Value& value, Faults& faults) {
  return SweepReader(value, faults).read();
}

SweepTable::SweepTable(const Sweep& sweep, const Value& resolved, bool accuracy, std::size_t tasks)
    : sweep_(sweep), quantities_{"loss"}, tasks_(tasks) {
  const std::string quantity = accuracy ? "accuracy" : "loss";
  metrics_ = {"average_" + quantity, "learning_" + quantity, "backward_transfer",
              "forward_transfer", "forgetting"};
  if (accuracy) quantities_.push_back("accuracy");
  columns_ = {"sweep", "run"};
  for (const Axis& axis : sweep.axes()) columns_.push_back(axis.path);
  const Array& methods = *resolved.find("methods")->as<Array>();
  for (std::size_t i = 0; i < methods.size(); ++i) {
    const std::string learner =
        std::to_string(i) + "." + *methods[i].find("kind")->as<std::string>() + ".";
    columns_.push_back(learner + "status");
    for (const std::string& metric : metrics_) columns_.push_back(learner + metric);
    for (const std::string& name : quantities_)
      for (std::size_t j = 0; j < tasks; ++j)
        columns_.push_back(learner + name + "[" + std::to_string(j) + "]");
    columns_.push_back(learner + "digest");
  }
}

std::vector<Value> SweepTable::row(std::size_t run, const Value& result) const {
  std::vector<Value> row;
  row.reserve(columns_.size());
  row.emplace_back(sweep_.fingerprint());
  row.emplace_back(run + 1);
  const std::vector<std::size_t> chosen = sweep_.combination(run);
  for (std::size_t a = 0; a < chosen.size(); ++a) row.push_back(sweep_.axes()[a].values[chosen[a]]);
  for (const Value& learner : *result.find("learners")->as<Array>()) {
    row.push_back(member(learner, "status"));
    for (const std::string& metric : metrics_)
      row.push_back(member(member(learner, "metrics"), metric));
    for (const std::string& name : quantities_) {
      const Numbers* end = at_the_end(learner, name, task_count(learner));
      for (std::size_t j = 0; j < tasks_; ++j) {
        row.emplace_back();
        if (end && j < end->size()) row.back().data = (*end)[j];
      }
    }
    row.push_back(member(learner, "digest"));
  }
  return row;
}

}  // namespace palimpsest
