// The experiment document: every fault with its exact words, and every default.
#include "document.hpp"

#include "catalogue.hpp"
#include "optimizer.hpp"
#include "support.hpp"

using namespace support;

namespace {

Value base() {
  return json(
      "{'version': 1, 'seed': 3,"
      " 'tasks': {'kind': 'explicit', 'loss': 'mse', 'tasks': ["
      "   {'name': 'first', 'train': {'inputs': [[1, 2], [3, 4]], 'targets': [[0.5], [0.25]]}},"
      "   {'train': {'inputs': [[5, 6]], 'targets': [[1]]},"
      "    'test': {'inputs': [[7, 8]], 'targets': [[2]]}}]},"
      " 'network': {'hidden': [2]}, 'training': {'steps_per_task': 3},"
      " 'methods': [{'kind': 'finetune'}, {'kind': 'ewc', 'lambda': 5}]}");
}

Value labelled() {
  Value document = base();
  place(document, "tasks") = json(
      "{'kind': 'explicit', 'loss': 'cross_entropy', 'tasks':"
      " [{'train': {'inputs': [[1], [2]], 'labels': [0, 2]}}]}");
  return document;
}

template <class Entries>
std::string one_of(const Entries& entries, const std::string& more = "") {
  std::string text = "one of ";
  for (const auto& entry : entries) {
    if (text != "one of ") text += ", ";
    text += entry.kind;
  }
  return text + more;
}

struct Case {
  const char* path;
  const char* value;
  std::string fault;
};

// Each case changes one thing of the document, and is the only fault then.
void require_faults(const Value& document, const std::vector<Case>& cases) {
  REQUIRE(faults_of(document) == Faults{});
  for (const auto& [path, value, fault] : cases) {
    INFO(path << " = " << value);
    CHECK(faults_of(with(document, path, value)) == Faults{fault});
  }
}

void require_fault(const Value& document, const std::string& fault) {
  CHECK(faults_of(document) == Faults{fault});
}

}  // namespace

TEST_CASE("document: what is no object, or of another version") {
  for (const auto& [text, shown] : {std::pair("[]", "[]"), std::pair("[1, 2]", "[1, 2]"),
                                    std::pair("null", "null"), std::pair("3", "3"),
                                    std::pair("'x'", "\"x\""), std::pair("true", "true")})
    require_fault(json(text), std::string("the document: must be an object, not ") + shown);
  require_fault(without(base(), "", "version"), "version: must be 1, not null");
  require_faults(base(), {{"version", "2", "version: must be 1, not 2"},
                          {"version", "'1'", "version: must be 1, not \"1\""}});
}

TEST_CASE("document: unknown keys are named, with those that are known there") {
  const auto keys = [](const std::vector<Parameter>& parameters, std::string text) {
    for (const Parameter& parameter : parameters)
      text += (text.empty() ? "" : ", ") + std::string(parameter.key);
    return text;
  };
  require_faults(
      base(),
      {{"colour", "1",
        "colour: unknown key; known here: version, tasks, network, training, methods, record, "
        "alterations, seed"},
       {"network.width", "1",
        "network.width: unknown key; known here: parameters, hidden, activation, initialization"},
       {"training.momentum", "1",
        "training.momentum: unknown key; known here: optimizer, steps_per_task, epochs, "
        "batch_size, l1, l2, weight_decay, decoupled"},
       {"record.all", "true", "record.all: unknown key; known here: " + keys(record_parameters(), "")},
       {"methods[0].lambda", "1", "methods[0].lambda: unknown key; known here: kind, training, before"},
       {"methods[1].lamda", "1",
        "methods[1].lamda: unknown key; known here: " +
            keys(find_kind(method_entries(), "ewc")->parameters, "kind, training, before")},
       {"methods[1].training.epochs", "1",
        "methods[1].training.epochs: unknown key; known here: optimizer, l1, l2, weight_decay, "
        "decoupled"},
       {"training.optimizer", "{'kind': 'sgd', 'beta1': 0.5}",
        "training.optimizer.beta1: unknown key; known here: kind, learning_rate, momentum, "
        "reset_each_task"},
       {"tasks.noise", "1", "tasks.noise: unknown key; known here: kind, loss, tasks"},
       {"tasks.tasks[1].labels", "[1]",
        "tasks.tasks[1].labels: unknown key; known here: name, train, test"},
       {"tasks.tasks[1].test.labels", "[1]",
        "tasks.tasks[1].test.labels: unknown key; known here: inputs, targets"}});
  require_fault(with(base(), "tasks", "{'kind': 'steps', 'frequency': 1}"),
                "tasks.frequency: unknown key; known here: " +
                    keys(find_kind(task_entries(), "steps")->parameters, "kind"));
}

TEST_CASE("document: kinds are one of those in the catalogue") {
  const std::string tasks = one_of(task_entries(), ", explicit");
  require_faults(
      base(),
      {{"tasks", "{}", "tasks.kind: must be " + tasks + ", not null"},
       {"tasks.kind", "'sinus'", "tasks.kind: must be " + tasks + ", not \"sinus\""},
       {"tasks", "[1]", "tasks: must be an object, not [1]"},
       {"methods[0].kind", "'mystery'",
        "methods[0].kind: must be " + one_of(method_entries()) + ", not \"mystery\""},
       {"methods[1].kind", "7", "methods[1].kind: must be " + one_of(method_entries()) + ", not 7"},
       {"methods[1]", "{}", "methods[1].kind: must be " + one_of(method_entries()) + ", not null"},
       {"methods[1]", "'ewc'", "methods[1]: must be an object, not \"ewc\""},
       {"training.optimizer", "{'kind': 'lion'}",
        "training.optimizer.kind: must be " + one_of(optimizer_entries()) + ", not \"lion\""},
       {"training.optimizer", "'sgd'", "training.optimizer: must be an object, not \"sgd\""},
       {"methods[0].training.optimizer", "{}",
        "methods[0].training.optimizer.kind: must be " + one_of(optimizer_entries()) +
            ", not null"},
       {"network.activation", "'gelu'",
        "network.activation: must be " + one_of(activation_entries()) + ", not \"gelu\""},
       {"network.initialization", "1",
        "network.initialization: must be one of uniform, xavier, spread, truncated_normal, not 1"}});
  require_fault(without(base(), "", "tasks"), "tasks.kind: must be " + tasks + ", not null");
}

TEST_CASE("document: values of the wrong type, and out of range") {
  require_faults(
      base(),
      {{"seed", "-1", "seed: must be an integer from 0 to 9007199254740991, not -1"},
       {"seed", "1.5", "seed: must be an integer from 0 to 9007199254740991, not 1.5"},
       {"seed", "1e300", "seed: must be an integer from 0 to 9007199254740991, not 1e+300"},
       {"seed", "'1'", "seed: must be an integer from 0 to 9007199254740991, not \"1\""},
       {"seed", "null", "seed: must be an integer from 0 to 9007199254740991, not null"},
       {"network", "[]", "network: must be an object, not []"},
       {"network.hidden", "[0]", "network.hidden[0]: must be an integer from 1 to 4096, not 0"},
       {"network.hidden", "[4097]",
        "network.hidden[0]: must be an integer from 1 to 4096, not 4097"},
       {"network.hidden", "[2.5]", "network.hidden[0]: must be an integer from 1 to 4096, not 2.5"},
       {"network.hidden", "[2, '3']",
        "network.hidden[1]: must be an integer from 1 to 4096, not \"3\""},
       {"network.hidden", "64",
        "network.hidden: must be a list of at most 32 integers from 1 to 4096, not 64"},
       {"network.hidden", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]",
        "network.hidden: must be a list of at most 32 integers from 1 to 4096, not [1, 1, 1, …]"},
       {"network.hidden", "[4096, 4096, 4096, 4096]",
        "network.hidden: makes 50360321 parameters; there may be at most 50000000"},
       {"training", "null", "training: must be an object, not null"},
       {"training.batch_size", "-1",
        "training.batch_size: must be an integer from 0 to 100000, not -1"},
       {"training.l1", "-0.1", "training.l1: must be a number from 0 to 1000, not -0.1"},
       {"training.l2", "1001", "training.l2: must be a number from 0 to 1000, not 1001"},
       {"training.weight_decay", "'no'",
        "training.weight_decay: must be a number from 0 to 1000, not \"no\""},
       {"training.decoupled", "1", "training.decoupled: must be true or false, not 1"},
       {"training.optimizer", "{'kind': 'adam', 'beta1': 1}",
        "training.optimizer.beta1: must be a number from 0 to 0.99999, not 1"},
       {"training.optimizer", "{'kind': 'sgd', 'learning_rate': 0}",
        "training.optimizer.learning_rate: must be a number from 1e-06 to 10, not 0"},
       {"methods", "[]", "methods: must be a list of 1 to 64 methods, not []"},
       {"methods", "{}", "methods: must be a list of 1 to 64 methods, not {}"},
       {"methods[1].lambda", "-1", "methods[1].lambda: must be a number from 0 to 1e+09, not -1"},
       {"methods[1].lambda", "null",
        "methods[1].lambda: must be a number from 0 to 1e+09, not null"},
       {"methods[1].fisher_samples", "1.5",
        "methods[1].fisher_samples: must be an integer from 0 to 100000, not 1.5"},
       {"methods[0].training", "[]", "methods[0].training: must be an object, not []"},
       {"methods[0].training.l2", "-3",
        "methods[0].training.l2: must be a number from 0 to 1000, not -3"},
       {"methods[0].training.optimizer", "{'kind': 'sgd', 'momentum': 2}",
        "methods[0].training.optimizer.momentum: must be a number from 0 to 0.99999, not 2"},
       {"record", "3", "record: must be an object, not 3"},
       {"record.every", "0", "record.every: must be an integer from 1 to 10000000, not 0"},
       {"record.parameters", "0", "record.parameters: must be true or false, not 0"}});
  require_fault(without(base(), "", "methods"),
                "methods: must be a list of 1 to 64 methods, not null");
  Array many(65, json("{'kind': 'finetune'}"));
  require_fault(with(base(), "methods", many),
                "methods: must be a list of 1 to 64 methods, not [{…}, {…}, {…}, …]");
}

TEST_CASE("document: steps or epochs, not both") {
  require_faults(
      base(),
      {{"training.epochs", "2", "training.epochs: give either steps_per_task or epochs, not both"},
       {"training.steps_per_task", "0",
        "training.steps_per_task: must be an integer from 1 to 10000000, not 0"},
       {"training", "{'epochs': 0}",
        "training.epochs: must be an integer from 1 to 100000, or null, not 0"}});
  CHECK(faults_of(with(base(), "training", "{'epochs': 3}")) == Faults{});
  CHECK(faults_of(with(base(), "training.epochs", "null")) == Faults{});
}

TEST_CASE("document: network.parameters as long as the network has them, and finite") {
  // 2 inputs, 2 hidden units, 1 output: 2·3 + 3 parameters.
  require_faults(
      base(),
      {{"network.parameters", "[1, 2]",
        "network.parameters: must be null or a list of 9 finite numbers, not \"a list of 2\""},
       {"network.parameters", "[]",
        "network.parameters: must be null or a list of 9 finite numbers, not []"},
       {"network.parameters", "'zero'",
        "network.parameters: must be null or a list of 9 finite numbers, not \"zero\""},
       {"network.parameters", "[1, 2, 3, 4, 5, 6, 7, 8, null]",
        "network.parameters[8]: must be a number, finite in single precision, not null"},
       {"network.parameters", "[1e39, 2, 3, 4, 5, 6, 7, 8, 9]",
        "network.parameters[0]: must be a number, finite in single precision, not 1e+39"}});
  CHECK(faults_of(with(base(), "network.parameters", "[1, 2, 3, 4, 5, 6, 7, 8, 9]")) == Faults{});
  CHECK(faults_of(with(base(), "network.parameters", "null")) == Faults{});
}

TEST_CASE("document: faults in explicit data") {
  const std::string list = "a list with one list of numbers an example";
  require_faults(
      base(),
      {{"tasks.loss", "'mae'", "tasks.loss: must be one of mse, cross_entropy, not \"mae\""},
       {"tasks.loss", "null", "tasks.loss: must be one of mse, cross_entropy, not null"},
       {"tasks.tasks", "[]", "tasks.tasks: must be a list of 1 to 100 tasks, not []"},
       {"tasks.tasks", "3", "tasks.tasks: must be a list of 1 to 100 tasks, not 3"},
       {"tasks.tasks[0].name", "7", "tasks.tasks[0].name: must be a text, not 7"},
       {"tasks.tasks[1].train", "null", "tasks.tasks[1].train: must be an object, not null"},
       {"tasks.tasks[1].test", "3", "tasks.tasks[1].test: must be an object, not 3"},
       {"tasks.tasks[1].train.inputs", "[]",
        "tasks.tasks[1].train.inputs: must be " + list + ", not []"},
       {"tasks.tasks[1].train.inputs", "[1, 2]",
        "tasks.tasks[1].train.inputs: must be " + list + ", not [1, 2]"},
       {"tasks.tasks[1].train.inputs", "null",
        "tasks.tasks[1].train.inputs: must be " + list + ", not null"},
       {"tasks.tasks[1].train.targets", "[1]",
        "tasks.tasks[1].train.targets: must be " + list + ", not [1]"},
       {"tasks.tasks[1].train.targets", "[[1], [2]]",
        "tasks.tasks[1].train.targets: must have as many entries as there are inputs, 1, not 2"},
       {"tasks.tasks[1].train.inputs[0]", "[5]",
        "tasks.tasks[1].train.inputs[0]: must have 2 numbers like the rows before, not 1"},
       {"tasks.tasks[1].train.inputs[0]", "[5, 6, 7]",
        "tasks.tasks[1].train.inputs[0]: must have 2 numbers like the rows before, not 3"},
       {"tasks.tasks[1].train.inputs[0]", "[5, null]",
        "tasks.tasks[1].train.inputs[0][1]: must be a number, finite in single precision, not "
        "null"},
       {"tasks.tasks[1].train.inputs[0]", "[]",
        "tasks.tasks[1].train.inputs[0]: must be a list of numbers, not []"},
       {"tasks.tasks[1].train.inputs[0]", "[5, 1e39]",
        "tasks.tasks[1].train.inputs[0][1]: must be a number, finite in single precision, not "
        "1e+39"},
       {"tasks.tasks[1].train.targets[0]", "[1, 2]",
        "tasks.tasks[1].train.targets[0]: must have 1 numbers like the rows before, not 2"},
       {"tasks.tasks[1].train.targets[0]", "'one'",
        "tasks.tasks[1].train.targets[0]: must be a list of numbers, not \"one\""},
       {"tasks.tasks[1].test.inputs[0]", "[1]",
        "tasks.tasks[1].test.inputs[0]: must have 2 numbers like the rows before, not 1"}});
  require_fault(without(base(), "tasks", "loss"),
                "tasks.loss: must be one of mse, cross_entropy, not null");
  require_fault(without(base(), "tasks", "tasks"),
                "tasks.tasks: must be a list of 1 to 100 tasks, not null");
  require_fault(without(base(), "tasks.tasks[1]", "train"),
                "tasks.tasks[1].train: must be an object, not null");
  require_fault(with(base(), "tasks.tasks", Array(101, at(base(), "tasks.tasks[0]"))),
                "tasks.tasks: must be a list of 1 to 100 tasks, not [{…}, {…}, {…}, …]");
}

TEST_CASE("document: a fault in a training set that is its own test set is named once") {
  require_fault(with(base(), "tasks.tasks[0].train.targets", "[[1]]"),
                "tasks.tasks[0].train.targets: must have as many entries as there are inputs, 2, "
                "not 1");
  require_fault(without(base(), "tasks.tasks[0].train", "inputs"),
                "tasks.tasks[0].train.inputs: must be a list with one list of numbers an example, "
                "not null");
}

TEST_CASE("document: faults in labels") {
  Value document = labelled();
  place(document, "tasks.tasks[0].test") = json("{'inputs': [[1]], 'labels': [1]}");
  const std::string labels = "tasks.tasks[0].train.labels";
  const std::string integer = "]: must be an integer from 0 to 999, not ";
  require_faults(
      document,
      {{"tasks.tasks[0].train.labels", "[0, -1]", labels + "[1" + integer + "-1"},
       {"tasks.tasks[0].train.labels", "[0, 1.5]", labels + "[1" + integer + "1.5"},
       {"tasks.tasks[0].train.labels", "[0, 1000]", labels + "[1" + integer + "1000"},
       {"tasks.tasks[0].train.labels", "[]",
        labels + ": must be a list of integers from 0 to 999, not []"},
       {"tasks.tasks[0].train.labels", "['a', 'b']", labels + "[0" + integer + "\"a\""},
       {"tasks.tasks[0].train.labels", "[0]",
        labels + ": must have as many entries as there are inputs, 2, not 1"},
       {"tasks.tasks[0].train.targets", "[[0], [1]]",
        "tasks.tasks[0].train.targets: unknown key; known here: inputs, labels"},
       {"tasks.tasks[0].train.inputs[1]", "[1, 2]",
        "tasks.tasks[0].train.inputs[1]: must have 1 numbers like the rows before, not 2"}});
  // One output a class, the largest label of any split deciding.
  Faults faults;
  CHECK(read_document(document, {}, faults)->tasks.outputs == 3);
  CHECK(read_document(with(document, "tasks.tasks[0].test.labels", "[6]"), {}, faults)->tasks.outputs ==
        7);
}

TEST_CASE("document: faults in changes by hand") {
  const auto list = [](const char* text) {
    return with(base(), "alterations", text);
  };
  const std::string path = "alterations[0]";
  require_faults(
      list("[]"),
      {{"alterations", "3", "alterations: must be a list of at most 10000 changes, not 3"},
       {"alterations", "[1]", "alterations: must be a list of at most 10000 changes, not [1]"},
       {"alterations[0]", "{'step': 7, 'learner': 1, 'key': 'lambda', 'value': 1}",
        path + ".step: must be an integer from 0 to 6, not 7"},
       {"alterations[0]", "{'step': 1, 'learner': 2, 'key': 'lambda', 'value': 1}",
        path + ".learner: must be an integer from 0 to 1, not 2"},
       {"alterations[0]", "{'step': 1, 'learner': 1, 'value': 1}",
        path + ".key: must be the key of a parameter, not null"},
       {"alterations[0]", "{'step': 1, 'learner': 1, 'key': 3, 'value': 1}",
        path + ".key: must be the key of a parameter, not 3"},
       {"alterations[0]", "{'step': 1, 'learner': 1, 'key': 'gamma', 'value': 1}",
        path + ": gamma: is no parameter of ewc that may be changed while it runs"},
       {"alterations[0]", "{'step': 1, 'learner': 0, 'key': 'lambda', 'value': 1}",
        path + ": lambda: is no parameter of finetune that may be changed while it runs"},
       {"alterations[0]", "{'step': 1, 'learner': 1, 'key': 'lambda', 'value': 1e10}",
        path + ": lambda: must be a number from 0 to 1e+09, not 1e+10"},
       {"alterations[0]", "{'step': 1, 'learner': 1, 'key': 'lambda'}",
        path + ": lambda: must be a number from 0 to 1e+09, not null"},
       {"alterations[0]", "{'step': 1, 'learner': 1, 'key': 'lambda', 'value': 1, 'who': 2}",
        path + ".who: unknown key; known here: key, value, step, learner"}});
  CHECK(faults_of(with(base(), "alterations", "null")) == Faults{});
  CHECK(faults_of(list("[{'step': 6, 'learner': 1, 'key': 'lambda', 'value': 1}]")) == Faults{});
}

TEST_CASE("document: faults in the methods before another") {
  const std::string path = "methods[1].before";
  require_faults(
      with(base(), path, "[{'kind': 'finetune', 'until': 2}, {'kind': 'gem', 'until': 4}]"),
      {{"methods[1].before", "3", path + ": must be a list of 1 to 64 methods, not 3"},
       {"methods[1].before", "[]", path + ": must be a list of 1 to 64 methods, not []"},
       {"methods[1].before[0]", "3", path + "[0]: must be an object, not 3"},
       {"methods[1].before[0].kind", "'mystery'",
        path + "[0].kind: must be " + one_of(method_entries()) + ", not \"mystery\""},
       {"methods[1].before[0].lambda", "3",
        path + "[0].lambda: unknown key; known here: kind, until"},
       {"methods[1].before[0].until", "7",
        path + "[0].until: must be an integer from 0 to 6, not 7"},
       {"methods[1].before[1].until", "1",
        path + "[1].until: must be an integer from 2 to 6, not 1"},
       {"methods[1].before[1].margin", "-1",
        path + "[1].margin: must be a number from 0 to 10, not -1"}});
  CHECK(faults_of(with(base(), path, "[{'kind': 'finetune'}]")) ==
        Faults{path + "[0].until: must be the step at which the next takes over, not null"});
}

TEST_CASE("document: what a method cannot do is no choice of its") {
  require_faults(with(base(), "methods[1]", "{'kind': 'kfac'}"),
                 {{"methods[1].fisher", "'batch'",
                   "methods[1].fisher: must be one of exact, empirical, sampled, not \"batch\""}});
}

TEST_CASE("document: every row of the data is judged") {
  Value document = with(base(), "tasks.tasks[0].train",
                        "{'inputs': [[1, null], [2], [3, 'x']], 'targets': [[1], 2]}");
  const std::string path = "tasks.tasks[0].train.";
  const std::string finite = ": must be a number, finite in single precision, not ";
  CHECK(faults_of(document) ==
        Faults{path + "inputs[0][1]" + finite + "null",
               path + "inputs[1]: must have 2 numbers like the rows before, not 1",
               path + "inputs[2][1]" + finite + "\"x\"",
               path + "targets[1]: must be a list of numbers, not 2",
               path + "targets: must have as many entries as there are inputs, 3, not 2"});
}

TEST_CASE("document: changes by hand are judged beside other faults") {
  Value document = with(with(base(), "seed", -1), "alterations",
                        "[{'step': 7, 'learner': 1, 'key': 'lambda', 'value': 1},"
                        " {'step': 1, 'learner': 1, 'key': 'lambda', 'value': -1},"
                        " {'step': 1, 'learner': 0, 'key': 'lambda', 'value': 1}]");
  CHECK(faults_of(document).size() == 4);
  // The method is unknown, and what may be changed of it; the others are where they were.
  place(document, "methods[0].kind") = "mystery";
  CHECK(faults_of(document) ==
        Faults{"seed: must be an integer from 0 to 9007199254740991, not -1",
               "methods[0].kind: must be " + one_of(method_entries()) + ", not \"mystery\"",
               "alterations[0].step: must be an integer from 0 to 6, not 7",
               "alterations[1]: lambda: must be a number from 0 to 1e+09, not -1"});
  place(document, "methods") = 3;
  place(document, "tasks") = 3;
  CHECK(faults_of(document).size() == 3);
}

TEST_CASE("document: more memory than there may be is refused, with whose it is") {
  const auto fault = [](const char* tasks, const char* hidden, const char* method,
                        const char* training = "{'steps_per_task': 3}") {
    Value document = with(base(), "tasks", tasks);
    place(document, "network.hidden") = json(hidden);
    place(document, "training") = json(training);
    place(document, "methods") = Array{json(method)};
    const Faults faults = faults_of(document);
    return faults.empty() ? "" : faults.front().substr(0, faults.front().find(", and all"));
  };
  const char* sines = "{'kind': 'sines', 'points': 100000, 'test_points': 2}";
  CHECK(fault(sines, "[1024]", "{'kind': 'ewc'}") == "");
  CHECK(fault(sines, "[1024]", "{'kind': 'ewc', 'structure': 'full', 'fisher_samples': 1000}") ==
        "");
  CHECK(fault(sines, "[4096, 4096]", "{'kind': 'ewc', 'structure': 'full'}") ==
        "methods[0].structure: asks for 16.7 GB of memory");
  CHECK(fault(sines, "[300, 300]", "{'kind': 'ogd'}") == "");
  CHECK(fault(sines, "[300, 300]", "{'kind': 'ogd', 'memory_per_task': 100000}") ==
        "methods[0].memory_per_task: asks for 33.3 GB of memory");
  const char* whole = "{'steps_per_task': 3, 'batch_size': 0}";
  CHECK(fault(sines, "[4096, 4096, 4096]", "{'kind': 'finetune'}", whole) == "");
  CHECK(fault(sines, "[4096, 4096, 4096]", "{'kind': 'joint'}", whole) ==
        "training.batch_size: asks for 19.7 GB of memory");
  CHECK(fault(sines, "[4096, 4096, 4096]",
              "{'kind': 'gem', 'before': [{'kind': 'replay', 'memory_per_task': 100000,"
              " 'until': 2}]}") ==
        "methods[0].before[0].memory_per_task: asks for 19.7 GB of memory");
}

TEST_CASE("document: every fault is found, not just the first") {
  Value document = with(with(with(base(), "seed", -1), "methods[1].lambda", -1), "colour", 1);
  place(document, "training.l1") = true;
  place(document, "tasks.tasks[0].name") = 1;
  CHECK(faults_of(document).size() == 5);
}

TEST_CASE("document: far too much work is refused, not begun") {
  // 10^5 epochs of 10^5 batches, 10 tasks in a row: more steps than 32 bits count.
  Value document = base();
  place(document, "tasks") = json("{'kind': 'sines', 'tasks': 10, 'gap': 0, 'points': 100000}");
  place(document, "training") = json("{'epochs': 100000, 'batch_size': 1}");
  CHECK(faults_of(document).size() == 1);
}

TEST_CASE("document: defaults are filled in") {
  const auto experiment = open(json(
      "{'version': 1, 'tasks': {'kind': 'sines'}, 'methods': [{'kind': 'ewc'}, {'kind': 'finetune',"
      " 'training': {'l2': 0.5}}]}"));
  const Value resolved = at(experiment->describe(), "experiment");
  const auto require_defaults = [&](const std::string& path,
                                    const std::vector<Parameter>& parameters,
                                    const std::string& except = "") {
    for (const Parameter& parameter : parameters) {
      const std::string key(parameter.key);
      if (key == except) continue;
      INFO(path << key);
      CHECK(same(at(resolved, path + key), parameter.fallback));
    }
  };
  CHECK(number_at(resolved, "version") == 1);
  require_defaults("", experiment_parameters());
  require_defaults("tasks.", find_kind(task_entries(), "sines")->parameters);
  require_defaults("network.", network_parameters());
  CHECK(at(resolved, "network.parameters").is_null());
  require_defaults("training.", training_parameters(), "epochs");
  CHECK(string_at(resolved, "training.optimizer.kind") == "adam");
  require_defaults("training.optimizer.", optimizer_entries().front().parameters);
  require_defaults("record.", record_parameters());
  require_defaults("methods[0].", find_kind(method_entries(), "ewc")->parameters);
  CHECK(at(resolved, "methods[0]").find("training") == nullptr);
  CHECK(number_at(resolved, "methods[1].training.l2") == 0.5);
  CHECK(number_at(resolved, "methods[1].training.l1") == 0);
  require_defaults("methods[1].training.optimizer.", optimizer_entries().front().parameters);
}

TEST_CASE("document: read again, the filled-in document is the same, and so is its run") {
  Value changed = with(base(), "alterations",
                       "[{'step': 5, 'learner': 1, 'key': 'lambda', 'value': 50}]");
  Value forked = with(base(), "methods[1].before",
                      "[{'kind': 'gem', 'until': 2}, {'kind': 'finetune', 'until': 4}]");
  Value by_epochs = with(base(), "training", "{'epochs': 2, 'batch_size': 0, 'l1': 0.001}");
  Value own = with(base(), "methods[0].training",
                   "{'weight_decay': 0.1, 'optimizer': {'kind': 'sgd', 'momentum': 0.5}}");
  Value started = with(base(), "network.parameters", "[1, 0.1, -0.3, 4, 5, -0.0, 7, 8e-7, 9]");
  for (const Value& document : {base(), labelled(), small_regression(), small_classification(),
                                changed, forked, by_epochs, own, started}) {
    const Value result = run(document);
    const Value& resolved = at(result, "experiment");
    const Value again = run(resolved);
    CHECK(same(at(again, "experiment"), resolved));
    CHECK(digest_of(again) == digest_of(result));
    CHECK(same(again, result));
    // Through text too.
    Faults faults;
    CHECK(digest_of(run(parse_json(write_json(resolved), faults))) == digest_of(result));
  }
}

TEST_CASE("document: explicit data mean what they say") {
  Faults faults;
  const auto document = read_document(base(), {}, faults);
  REQUIRE(document);
  const TaskSequence& tasks = document->tasks;
  CHECK(document->seed == 3);
  CHECK(document->widths == std::vector<std::size_t>{2, 2, 1});
  CHECK(document->ends == std::vector<std::size_t>{3, 6});
  REQUIRE(tasks.tasks.size() == 2);
  CHECK(tasks.tasks[0].name == "first");
  CHECK(tasks.tasks[1].name == "B");
  CHECK(tasks.train.inputs == std::vector<float>{1, 2, 3, 4, 5, 6});
  CHECK(tasks.train.targets == std::vector<float>{0.5, 0.25, 1});
  // Without a test set the training set is it.
  CHECK(tasks.test.inputs == std::vector<float>{1, 2, 3, 4, 7, 8});
  CHECK(tasks.test.targets == std::vector<float>{0.5, 0.25, 2});
  CHECK(tasks.tasks[0].test.size() == 2);
  CHECK(tasks.tasks[1].test.begin == 2);
  CHECK(tasks.tasks[1].test.end == 3);
}

TEST_CASE("document: explicit tasks are given back with names and test sets") {
  const Value document = json(
      "{'version': 1, 'tasks': {'kind': 'explicit', 'loss': 'mse', 'tasks': ["
      " {'train': {'inputs': [[1], [2]], 'targets': [[3], [4]]}},"
      " {'name': 'last', 'train': {'inputs': [[5]], 'targets': [[6]]},"
      "  'test': {'inputs': [[7]], 'targets': [[8]]}}]}, 'methods': [{'kind': 'finetune'}]}");
  const Value resolved = at(open(document)->describe(), "experiment");
  CHECK(string_at(resolved, "tasks.tasks[0].name") == "A");
  CHECK(same(at(resolved, "tasks.tasks[0].test"), at(document, "tasks.tasks[0].train")));
  CHECK(string_at(resolved, "tasks.tasks[1].name") == "last");
  CHECK(same(at(resolved, "tasks.tasks[1].test"), at(document, "tasks.tasks[1].test")));
  CHECK(same(at(open(resolved)->describe(), "experiment"), resolved));
}
