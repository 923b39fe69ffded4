#include "document.hpp"

#include <algorithm>
#include <cmath>

namespace palimpsest {
namespace {

constexpr std::size_t kMostParameters = 50'000'000;
constexpr std::size_t kMostMethods = 64;
constexpr double kMostSteps = 1e9;
constexpr double kMostBytes = 16e9;  // of memory, the data apart
constexpr std::size_t kMostAlterations = 10'000;
const Value kEmpty = Object{};

std::vector<std::string_view> kinds_of(const auto& entries) {
  std::vector<std::string_view> kinds;
  for (const auto& entry : entries) kinds.push_back(entry.kind);
  return kinds;
}

// The `kind` of the object at `path`; empty, with a fault, where it is none of those known.
std::string read_kind(const std::string& path, const Value& value,
                      const std::vector<std::string_view>& known, Faults& faults) {
  if (!value.as<Object>()) {
    faults.push_back(must_be(path, "an object", value));
    return "";
  }
  const Value* kind = value.find("kind");
  const std::string* name = kind ? kind->as<std::string>() : nullptr;
  if (name && std::find(known.begin(), known.end(), *name) != known.end()) return *name;
  faults.push_back(must_be(path + ".kind", "one of " + listed(known), kind ? *kind : Value()));
  return "";
}

Object with_kind(std::string_view kind, const Settings& settings) {
  Object object{{"kind", kind}};
  object.insert(object.end(), settings.object().begin(), settings.object().end());
  return object;
}

// Some of the training's parameters, with these values in place of their defaults.
std::vector<Parameter> with_defaults(const std::vector<std::string_view>& keys,
                                     const Settings& values) {
  std::vector<Parameter> chosen;
  for (std::string_view key : keys) {
    chosen.push_back(*find(training_parameters(), key));
    for (const auto& [name, value] : values.object())
      if (name == key) chosen.back().fallback =
            value.as<bool>() ? Default(*value.as<bool>()) : Default(*value.as<double>());
  }
  return chosen;
}

class Reader {
 public:
  Reader(const Value& value, const ImageSets& sets, Document& document, Faults& faults)
      : value_(value), sets_(sets), document_(document), faults_(faults) {}

  void read() {
    if (!value_.as<Object>()) {
      faults_.push_back(must_be("the document", "an object", value_));
      return;
    }
    const Settings experiment = read_settings(
        "", value_, experiment_parameters(),
        {"version", "tasks", "network", "training", "methods", "record", "alterations"}, faults_);
    document_.seed = static_cast<std::uint64_t>(experiment.number("seed"));
    read_version();
    document_.resolved = {{"version", 1}, {"seed", experiment.number("seed")}};
    read_tasks();
    read_network();
    read_training();
    read_methods();
    read_record();
    read_alterations();
    if (!document_.ends.empty()) check_room();
  }

 private:
  const Value& member(std::string_view key) const {
    const Value* found = value_.find(key);
    return found ? *found : kEmpty;
  }

  void resolve(std::string_view key, Value value) {
    document_.resolved.emplace_back(key, std::move(value));
  }

  void read_version() {
    const Value* version = value_.find("version");
    const double* number = version ? version->as<double>() : nullptr;
    if (!number || *number != 1)
      faults_.push_back(must_be("version", "1", version ? *version : Value()));
  }

  void read_tasks() {
    const Value& tasks = member("tasks");
    auto known = kinds_of(task_entries());
    known.push_back(explicit_entry().kind);
    const std::string kind = read_kind("tasks", tasks, known, faults_);
    const std::size_t before = faults_.size();
    if (const TaskEntry* entry = find_kind(task_entries(), kind)) {
      const Settings settings =
          read_settings("tasks", tasks, entry->parameters, {"kind"}, faults_);
      if (faults_.size() == before) entry->check(settings, sets_, faults_);
      if (faults_.size() == before) document_.tasks = entry->make(settings, sets_, document_.seed);
      resolve("tasks", with_kind(kind, settings));
    } else if (!kind.empty()) {
      document_.tasks = read_explicit_tasks(tasks, faults_);
      resolve("tasks", faults_.size() == before ? fill_in_explicit_tasks(tasks) : tasks);
    }
    tasks_are_right_ = !kind.empty() && faults_.size() == before;
  }

  void read_network() {
    const Value& network = member("network");
    const Settings settings =
        read_settings("network", network, network_parameters(), {"parameters"}, faults_);
    document_.activation = activation(settings.choice("activation"));
    document_.initialization = initialization(settings.choice("initialization"));
    document_.widths = {document_.tasks.inputs};
    for (int width : settings.integers("hidden"))
      document_.widths.push_back(static_cast<std::size_t>(width));
    document_.widths.push_back(document_.tasks.outputs);

    std::size_t count = 0;
    for (std::size_t l = 0; l + 1 < document_.widths.size(); ++l)
      count += (document_.widths[l] + 1) * document_.widths[l + 1];
    if (count > kMostParameters)
      faults_.push_back("network.hidden: makes " + std::to_string(count) +
                        " parameters; there may be at most " + std::to_string(kMostParameters));
    const Value* parameters = network.find("parameters");
    if (parameters && !parameters->is_null()) read_parameters(*parameters, count);
    Object resolved = settings.object();
    resolved.emplace_back("parameters", parameters ? *parameters : Value());
    resolve("network", std::move(resolved));
  }

  void read_parameters(const Value& value, std::size_t count) {
    if (!tasks_are_right_) return;
    const std::size_t given = length(value);
    if (given != count)
      faults_.push_back(must_be("network.parameters",
                                "null or a list of " + std::to_string(count) + " finite numbers",
                                given ? Value("a list of " + std::to_string(given)) : value));
    const auto finite = [](double x) { return std::isfinite(static_cast<float>(x)); };
    const bool right = check_elements("network.parameters", value, kFinite, finite, faults_);
    if (const Numbers* numbers = value.as<Numbers>(); numbers && right)
      document_.parameters.assign(numbers->begin(), numbers->end());
  }

  void read_training() {
    const Value& training = member("training");
    training_ = read_settings("training", training, training_parameters(), {"optimizer"}, faults_);
    const bool epochs = training_.given("epochs");
    if (epochs && training.find("steps_per_task"))
      faults_.push_back("training.epochs: give either steps_per_task or epochs, not both");
    document_.batch_size = static_cast<std::size_t>(training_.integer("batch_size"));
    const Value* optimizer = training.find("optimizer");
    shared_.optimizer = std::string(optimizer_entries().front().kind);
    read_optimizer("training.optimizer", optimizer ? *optimizer : Object{{"kind", shared_.optimizer}},
                   shared_);
    Object resolved;
    for (const auto& [key, value] : training_.object())
      if (key != (epochs ? "steps_per_task" : "epochs")) resolved.emplace_back(key, value);
    resolved.emplace_back("optimizer", with_kind(shared_.optimizer, shared_.optimizer_settings));
    resolve("training", std::move(resolved));
    if (tasks_are_right_) plan_steps(epochs);
  }

  void plan_steps(bool epochs) {
    double total = 0;  // in double, since 32 bits would overflow
    std::size_t done = 0;
    for (const Task& task : document_.tasks.tasks) {
      const std::size_t size = task.train.size();
      const std::size_t batch = document_.batch_size ? document_.batch_size : size;
      const std::size_t in_epoch = (size + batch - 1) / batch;
      if (epochs) total += static_cast<double>(training_.integer("epochs")) * in_epoch;
      if (total > kMostSteps) {
        faults_.push_back("training.epochs: makes more than " + describe(kMostSteps) + " steps");
        document_.ends.clear();  // unknown
        return;
      }
      done += epochs ? static_cast<std::size_t>(training_.integer("epochs")) * in_epoch
                     : static_cast<std::size_t>(training_.integer("steps_per_task"));
      document_.ends.push_back(done);
    }
  }

  // In the whole run; where that is unknown, in any.
  double most_steps() const {
    return document_.ends.empty() ? kMostSteps : static_cast<double>(document_.ends.back());
  }

  void read_optimizer(const std::string& path, const Value& value, LearnerPlan& plan) {
    const std::string kind = read_kind(path, value, kinds_of(optimizer_entries()), faults_);
    if (kind.empty()) return;
    plan.optimizer = kind;
    plan.optimizer_settings = read_settings(
        path, value, find_kind(optimizer_entries(), kind)->parameters, {"kind"}, faults_);
  }

  // nullptr, with a fault, where it is no list of methods.
  const Array* method_list(const std::string& path, const Value* value) {
    const Array* methods = value ? value->as<Array>() : nullptr;
    if (methods && !methods->empty() && methods->size() <= kMostMethods) return methods;
    faults_.push_back(must_be(path, "a list of 1 to " + std::to_string(kMostMethods) + " methods",
                              value ? *value : Value()));
    return nullptr;
  }

  void read_methods() {
    const Array* methods = method_list("methods", value_.find("methods"));
    if (!methods) return;
    Array resolved;
    for (std::size_t i = 0; i < methods->size(); ++i)
      resolved.push_back(read_method("methods[" + std::to_string(i) + "]", (*methods)[i]));
    resolve("methods", std::move(resolved));
  }

  const MethodEntry* read_method_kind(const std::string& path, const Value& value) {
    const std::string kind = read_kind(path, value, kinds_of(method_entries()), faults_);
    return find_kind(method_entries(), kind);
  }

  Value read_method(const std::string& path, const Value& value) {
    LearnerPlan plan = shared_;
    plan.method = read_method_kind(path, value);
    if (!plan.method) {
      document_.learners.push_back(std::move(plan));  // the others keep their places
      return value;
    }
    plan.settings =
        read_settings(path, value, plan.method->parameters, {"kind", "training", "before"}, faults_);
    Object resolved = with_kind(plan.method->kind, plan.settings);
    if (const Value* before = value.find("before"))
      resolved.emplace_back("before", read_before(path + ".before", *before));
    const Value* own = value.find("training");
    const Settings settings =
        read_settings(path + ".training", own ? *own : kEmpty,
                      with_defaults({"l1", "l2", "weight_decay", "decoupled"}, training_),
                      {"optimizer"}, faults_);
    plan.l1 = settings.number("l1");
    plan.l2 = settings.number("l2");
    plan.weight_decay = settings.number("weight_decay");
    plan.decoupled = settings.boolean("decoupled");
    if (own) {
      if (const Value* optimizer = own->find("optimizer"))
        read_optimizer(path + ".training.optimizer", *optimizer, plan);
      Object training = settings.object();
      training.emplace_back("optimizer", with_kind(plan.optimizer, plan.optimizer_settings));
      resolved.emplace_back("training", std::move(training));
    }
    document_.learners.push_back(std::move(plan));
    return resolved;
  }

  // The methods in whose turns it is trained until its own comes.
  Value read_before(const std::string& path, const Value& value) {
    const Array* methods = method_list(path, &value);
    if (!methods) return value;
    Array resolved;
    Parameter until{.key = "until", .type = Type::integer, .fallback = 0, .maximum = most_steps()};
    for (std::size_t i = 0; i < methods->size(); ++i) {
      const std::string place = path + "[" + std::to_string(i) + "]";
      const MethodEntry* method = read_method_kind(place, (*methods)[i]);
      if (!method) continue;
      std::vector<Parameter> parameters = method->parameters;
      parameters.push_back(until);
      const Settings settings =
          read_settings(place, (*methods)[i], parameters, {"kind"}, faults_);
      if (!(*methods)[i].find("until"))
        faults_.push_back(must_be(place + ".until", "the step at which the next takes over", {}));
      until.minimum = settings.number("until");
      document_.before.push_back({document_.learners.size(),
                                  static_cast<std::size_t>(until.minimum), method, settings});
      resolved.push_back(with_kind(method->kind, settings));
    }
    return resolved;
  }

  void read_record() {
    const Settings settings =
        read_settings("record", member("record"), record_parameters(), {}, faults_);
    document_.record = {static_cast<std::size_t>(settings.integer("every")),
                        settings.boolean("parameters"), settings.boolean("importance"),
                        settings.boolean("gradients")};
    resolve("record", settings.object());
  }

  void read_alterations() {
    const Value* found = value_.find("alterations");
    if (!found || found->is_null()) return;
    const Array* list = found->as<Array>();
    if (!list || list->size() > kMostAlterations) {
      faults_.push_back(must_be(
          "alterations", "a list of at most " + std::to_string(kMostAlterations) + " changes",
          *found));
      return;
    }
    for (std::size_t i = 0; i < list->size(); ++i)
      read_alteration("alterations[" + std::to_string(i) + "]", (*list)[i]);
    std::vector<std::uint64_t> order;  // by step, and as they stand where that is the same
    for (std::size_t i = 0; i < document_.alterations.size(); ++i)
      order.push_back(std::uint64_t{document_.alterations[i].step} << 32 | i);
    std::sort(order.begin(), order.end());
    Array resolved;
    std::vector<Alteration> sorted;
    for (std::uint64_t place : order) {
      sorted.push_back(document_.alterations[static_cast<std::uint32_t>(place)]);
      resolved.push_back(describe(sorted.back()));
    }
    document_.alterations = std::move(sorted);
    resolve("alterations", std::move(resolved));
  }

  void read_alteration(const std::string& path, const Value& value) {
    const std::vector<Parameter> parameters = {
        {.key = "step", .type = Type::integer, .fallback = 0, .maximum = most_steps()},
        {.key = "learner",
         .type = Type::integer,
         .fallback = 0,
         .maximum = static_cast<double>(document_.learners.empty() ? kMostMethods
                                                                   : document_.learners.size()) -
                    1}};
    const std::size_t before = faults_.size();
    const Settings settings = read_settings(path, value, parameters, {"key", "value"}, faults_);
    const Value* key = value.find("key");
    const Value* to = value.find("value");
    if (faults_.size() == before && (!key || !key->as<std::string>()))
      faults_.push_back(must_be(path + ".key", "the key of a parameter", key ? *key : Value()));
    if (faults_.size() != before) return;
    const auto learner = static_cast<std::size_t>(settings.integer("learner"));
    if (document_.learners.empty() || !document_.learners[learner].method) return;  // unknown
    for (const std::string& fault :
         check_alteration(document_, learner, *key->as<std::string>(), to ? *to : Value()))
      faults_.push_back(path + ": " + fault);
    document_.alterations.push_back({static_cast<std::size_t>(settings.integer("step")), learner,
                                     *key->as<std::string>(), to ? *to : Value()});
  }

  Extent extent(const Network& network) const {
    const TaskSequence& tasks = document_.tasks;
    const Examples& table = tasks.train;
    Extent extent{network, tasks.loss, tasks.tasks.size(), 0, 0, 0};
    for (const Task& task : tasks.tasks)
      extent.examples = std::max<std::size_t>(extent.examples, task.train.size());
    const std::size_t numbers = table.inputs.size() + 2 * table.nonzeros.value.size();
    extent.input = static_cast<double>(numbers) / table.count();
    extent.pass = extent.input;
    for (const Layer& layer : network.layers()) extent.pass += 2 * static_cast<double>(layer.out);
    return extent;
  }

  // What the whole run will hold, the data apart. Where it is too much, the fault is whose share is
  // the largest.
  void check_room() {
    const Network network(document_.widths, document_.activation);
    const Extent extent = this->extent(network);
    std::pair<std::string, double> most;
    double all = 0, rows = 0;  // numbers in single precision; rows of all learners' batches
    const auto add = [&](const std::string& path, double numbers) {
      all += numbers;
      if (numbers > most.second) most = {path, numbers};
    };
    const auto add_method = [&](const std::string& path, const MethodEntry* method,
                                const Settings& settings) {
      if (!method) return;
      const auto made = method->make(settings);
      const Room room = made->room(extent);
      add(path + "." + std::string(room.key), room.numbers);
      const std::size_t source =
          made->source() == Source::current_task ? extent.examples : document_.tasks.train.count();
      rows += static_cast<double>(document_.batch_size ? std::min(document_.batch_size, source)
                                                       : source);
    };
    for (std::size_t i = 0; i < document_.learners.size(); ++i) {
      const std::string path = "methods[" + std::to_string(i) + "]";
      add_method(path, document_.learners[i].method, document_.learners[i].settings);
      std::size_t turn = 0;
      for (const EarlierTurn& earlier : document_.before)
        if (earlier.learner == i)
          add_method(path + ".before[" + std::to_string(turn++) + "]", earlier.method,
                     earlier.settings);
    }
    const double learners = static_cast<double>(document_.learners.size());
    const double tasks = static_cast<double>(extent.tasks);
    add("training.batch_size", rows * extent.pass);
    // θ, gradients, the optimizer's and the method's own; at every task's end θ and the importance.
    add("network.hidden", learners * static_cast<double>(network.parameters()) *
                              (12 + (document_.record.importance ? 2 : 1) * tasks));
    // In double precision: every task's losses and accuracy, a little of the step, and GEM's
    // report.
    add("record.every", learners * most_steps() / static_cast<double>(document_.record.every) *
                            (10 + 6 * tasks + (document_.record.gradients ? 40 + 8 * tasks : 0)));
    if (all * sizeof(float) <= kMostBytes) return;
    faults_.push_back(most.first + ": asks for " + gigabytes(most.second) + " of memory, and all " +
                      "methods together for " + gigabytes(all) + "; there may be at most " +
                      gigabytes(kMostBytes / sizeof(float)));
  }

  static std::string gigabytes(double numbers) {
    return describe(std::ceil(numbers * sizeof(float) / 1e8) / 10) + " GB";
  }

  const Value& value_;
  const ImageSets& sets_;
  Document& document_;
  Faults& faults_;
  Settings training_;   // the shared training section
  LearnerPlan shared_;  // its optimizer, before a method's own overrides
  bool tasks_are_right_ = false;
};

}  // namespace

std::unique_ptr<Document> read_document(const Value& value, const ImageSets& sets, Faults& faults) {
  auto document = std::make_unique<Document>();
  Reader(value, sets, *document, faults).read();
  return faults.empty() ? std::move(document) : nullptr;
}

std::vector<std::string> image_sets_of(const Value& document) {
  const Value* tasks = document.find("tasks");
  const Value* kind = tasks ? tasks->find("kind") : nullptr;
  const std::string* name = kind ? kind->as<std::string>() : nullptr;
  const TaskEntry* entry = name ? find_kind(task_entries(), *name) : nullptr;
  const Parameter* parameter = entry ? find(entry->parameters, "data") : nullptr;
  if (!parameter) return {};
  const Value* given = tasks->find("data");
  const Value usual = parameter->fallback;
  const Value& data = given ? *given : usual;
  const Array* list = data.as<Array>();
  std::vector<std::string> names;
  for (const Value& one : list ? *list : Array{data})
    if (const std::string* set = one.as<std::string>()) names.push_back(*set);
  return names;
}

Faults check_alteration(const Document& document, std::size_t learner, const std::string& key,
                        const Value& value) {
  if (learner >= document.learners.size())
    return {must_be("learner", "an integer from 0 to " +
                                   std::to_string(document.learners.size() - 1), learner)};
  const MethodEntry& method = *document.learners[learner].method;
  const Parameter* parameter = find(method.parameters, key);
  if (!parameter || !parameter->live)
    return {printable_key(key) + ": is no parameter of " + std::string(method.kind) +
            " that may be changed while it runs"};
  if (const auto expected = mismatch(*parameter, value)) return {must_be(key, *expected, value)};
  return {};
}

Value describe(const Alteration& alteration) {
  return Object{{"step", alteration.step},
                {"learner", alteration.learner},
                {"key", alteration.key},
                {"value", alteration.value}};
}

}  // namespace palimpsest
