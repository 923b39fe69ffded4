#include "catalogue.hpp"

#include "optimizer.hpp"

namespace palimpsest {

#define METHOD(name) MethodEntry name();
#include "methods/list.inc"
#undef METHOD
#define TASKS(name) TaskEntry name();
#include "tasks/list.inc"
#undef TASKS

const std::vector<MethodEntry>& method_entries() {
  static const std::vector<MethodEntry> entries = {
#define METHOD(name) name(),
#include "methods/list.inc"
#undef METHOD
  };
  return entries;
}

const std::vector<TaskEntry>& task_entries() {
  static const std::vector<TaskEntry> entries = {
#define TASKS(name) name(),
#include "tasks/list.inc"
#undef TASKS
  };
  return entries;
}

const std::vector<Entry>& activation_entries() {
  static const std::vector<Entry> entries = {
      {"tanh", "tanh", "Smooth, from −1 to 1.", "tanh z", "", {}},
      {"relu",
       "ReLU",
       "Zero for negative inputs, the input itself otherwise.",
       "max(0, z)",
       "",
       {}},
      {"sigmoid", "sigmoid", "Smooth, from 0 to 1.", "1/(1 + e^−z)", "", {}},
      {"softplus", "softplus", "A smooth ReLU.", "log(1 + e^z)", "", {}},
      {"identity", "identity", "No bend at all: the network stays linear.", "z", "", {}}};
  return entries;
}

namespace {

std::vector<Choice> kinds(const std::vector<Entry>& entries) {
  std::vector<Choice> choices;
  for (const Entry& entry : entries) choices.push_back({entry.kind, entry.label, entry.help});
  return choices;
}

constexpr Parameter strength(std::string_view key, std::string_view label, std::string_view symbol,
                             std::string_view help) {
  return {.key = key,
          .label = label,
          .symbol = symbol,
          .help = help,
          .fallback = 0,
          .minimum = 0,
          .maximum = 1000,
          .scale = Scale::log};
}

constexpr Parameter flag(std::string_view key, std::string_view label, std::string_view help,
                         bool fallback) {
  return {.key = key, .label = label, .help = help, .type = Type::boolean, .fallback = fallback};
}

constexpr double kWidths[] = {64, 64};
constexpr std::span<const double> kHidden = kWidths;

constexpr Choice kInitializations[] = {  // in the order of enum Initialization
    {"uniform", "uniform", "Weights and biases uniform in ±1/√in, as PyTorch does."},
    {"xavier", "Xavier", "Weights uniform in ±√(6/(in + out)), biases zero."},
    {"spread", "spread",
     "The first layer’s units are spread over the range of the data, the last layer is Xavier’s."},
    {"truncated_normal", "truncated normal",
     "Weights normal with deviation 0.1, drawn again beyond 0.2; biases 0.1."}};

}  // namespace

const std::vector<Parameter>& experiment_parameters() {
  static const std::vector<Parameter> parameters = {
      {.key = "seed",
       .label = "seed",
       .help = "All chance comes from it: the same seed gives the same data, weights and batches.",
       .type = Type::integer,
       .fallback = 1,
       .minimum = 0,
       .maximum = 9007199254740991}};
  return parameters;
}

const std::vector<Parameter>& network_parameters() {
  static const std::vector<Choice> activations = kinds(activation_entries());
  static const std::vector<Parameter> parameters = {
      {.key = "hidden",
       .label = "hidden layers",
       .help = "The number of units in every hidden layer; without any the network is linear.",
       .type = Type::integers,
       .fallback = kHidden,
       .minimum = 1,
       .maximum = 4096},
      {.key = "activation",
       .label = "activation",
       .symbol = "φ",
       .help = "What every hidden unit does to its input.",
       .type = Type::choice,
       .fallback = "tanh",
       .choices = activations},
      {.key = "initialization",
       .label = "initial weights",
       .help = "How the weights are drawn from the seed.",
       .type = Type::choice,
       .fallback = "uniform",
       .choices = kInitializations}};
  return parameters;
}

const std::vector<Parameter>& training_parameters() {
  static const std::vector<Parameter> parameters = {
      {.key = "steps_per_task",
       .label = "steps a task",
       .help = "How many steps every task is trained.",
       .type = Type::integer,
       .fallback = 2000,
       .minimum = 1,
       .maximum = 10000000,
       .scale = Scale::log},
      {.key = "epochs",
       .label = "epochs a task",
       .help = "How often every example is seen, in place of a number of steps.",
       .type = Type::integer,
       .fallback = nullptr,
       .minimum = 1,
       .maximum = 100000,
       .scale = Scale::log},
      {.key = "batch_size",
       .label = "batch size",
       .help = "How many examples a step looks at.",
       .type = Type::integer,
       .fallback = 32,
       .minimum = 0,
       .maximum = 100000,
       .scale = Scale::log,
       .zero = "all"},
      strength("l1", "L1", "λ₁", "Adds λ₁·Σ|θ| to the objective, which drives weights to zero."),
      strength("l2", "L2", "λ₂", "Adds λ₂·Σθ² to the objective, which keeps weights small."),
      strength("weight_decay", "weight decay", "w",
               "Adds w·θ to the gradient before the optimizer; under plain SGD, w = 2·λ₂."),
      flag("decoupled", "decoupled decay",
           "Shrinks the weights apart from the optimizer’s step, as AdamW does.", false)};
  return parameters;
}

const std::vector<Parameter>& record_parameters() {
  static const std::vector<Parameter> parameters = {
      {.key = "every",
       .label = "record every",
       .help = "How many steps lie between two points of the curves.",
       .type = Type::integer,
       .fallback = 50,
       .minimum = 1,
       .maximum = 10000000,
       .scale = Scale::log},
      flag("parameters", "parameters", "Puts the final parameters into the result.", true),
      flag("importance", "importance", "Puts every task’s importance weights into the result.",
           false),
      flag("gradients", "gradients", "Puts GEM’s inner products and multipliers into the result.",
           false)};
  return parameters;
}

Activation activation(std::string_view kind) {
  const auto& entries = activation_entries();
  return static_cast<Activation>(find_kind(entries, kind) - entries.data());
}

Initialization initialization(std::string_view name) {
  const Choice* choice = kInitializations;
  while (choice->value != name) ++choice;
  return static_cast<Initialization>(choice - kInitializations);
}

Value catalogue() {
  Array methods, tasks, activations, optimizers;
  for (const MethodEntry& entry : method_entries()) methods.push_back(describe(entry));
  for (const TaskEntry& entry : task_entries()) {
    Object shown = describe(entry);
    shown.emplace_back("loss", entry.loss == Loss::mse ? "mse" : "cross_entropy");
    tasks.push_back(std::move(shown));
  }
  tasks.push_back(describe(explicit_entry()));
  for (const Entry& entry : activation_entries()) activations.push_back(describe(entry));
  for (const Entry& entry : optimizer_entries()) optimizers.push_back(describe(entry));
  return Object{{"version", 1},
                {"methods", std::move(methods)},
                {"tasks", std::move(tasks)},
                {"activations", std::move(activations)},
                {"optimizers", std::move(optimizers)},
                {"experiment", describe(experiment_parameters())},
                {"network", describe(network_parameters())},
                {"training", describe(training_parameters())},
                {"record", describe(record_parameters())}};
}

}  // namespace palimpsest
