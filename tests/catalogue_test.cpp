// The catalogue describes what it holds, and consistently: the reader, the page and the help rely
// on nothing else.
#include "catalogue.hpp"

#include <set>

#include "optimizer.hpp"
#include "support.hpp"

using namespace support;

namespace {

struct Named {
  std::string path;
  const std::vector<Parameter>* parameters;
};

std::vector<Named> every_description() {
  std::vector<Named> all = {{"experiment", &experiment_parameters()},
                            {"network", &network_parameters()},
                            {"training", &training_parameters()},
                            {"record", &record_parameters()}};
  for (const MethodEntry& entry : method_entries())
    all.push_back({"method " + std::string(entry.kind), &entry.parameters});
  for (const TaskEntry& entry : task_entries())
    all.push_back({"tasks " + std::string(entry.kind), &entry.parameters});
  for (const Entry& entry : optimizer_entries())
    all.push_back({"optimizer " + std::string(entry.kind), &entry.parameters});
  return all;
}

bool is_sentence(std::string_view text) { return text.size() > 5 && text.back() == '.'; }

template <class Entries>
void require_entries(const Entries& entries) {
  std::set<std::string_view> kinds;
  for (const auto& entry : entries) {
    INFO(entry.kind);
    CHECK(kinds.insert(entry.kind).second);
    CHECK_FALSE(entry.label.empty());
    CHECK(is_sentence(entry.help));
  }
}

}  // namespace

TEST_CASE("catalogue: every entry has a kind of its own, a label and a sentence") {
  require_entries(method_entries());
  require_entries(task_entries());
  require_entries(activation_entries());
  require_entries(optimizer_entries());
  for (const MethodEntry& entry : method_entries()) {
    CHECK_FALSE(entry.formula.empty());
    CHECK_FALSE(entry.source.empty());
  }
}

TEST_CASE("catalogue: every parameter is whole, and its default is right for itself") {
  for (const auto& [path, parameters] : every_description()) {
    std::set<std::string_view> keys;
    for (const Parameter& parameter : *parameters) {
      INFO(path << "." << parameter.key);
      CHECK(keys.insert(parameter.key).second);
      CHECK_FALSE(parameter.label.empty());
      CHECK(is_sentence(parameter.help));
      CHECK_FALSE(mismatch(parameter, parameter.fallback));
      if (parameter.type == Type::number || parameter.type == Type::integer) {
        CHECK(parameter.minimum < parameter.maximum);
        CHECK_FALSE(mismatch(parameter, parameter.minimum));
        CHECK_FALSE(mismatch(parameter, parameter.maximum));
        CHECK(mismatch(parameter, parameter.maximum * 2 + 1));
        CHECK(mismatch(parameter, parameter.minimum * 2 - 1 - parameter.maximum));
        if (parameter.scale == Scale::log) CHECK(parameter.minimum >= 0);
      }
      if (parameter.type == Type::choice) {
        CHECK(parameter.choices.size() >= 2);
        std::set<std::string_view> values;
        for (const Choice& choice : parameter.choices) {
          CHECK(values.insert(choice.value).second);
          CHECK_FALSE(choice.label.empty());
          CHECK(is_sentence(choice.help));
        }
      }
    }
  }
}

TEST_CASE("catalogue: a parameter that depends on another names one of its values") {
  for (const auto& [path, parameters] : every_description())
    for (const Parameter& parameter : *parameters) {
      if (parameter.when_key.empty()) continue;
      INFO(path << "." << parameter.key);
      const Parameter* other = find(*parameters, parameter.when_key);
      REQUIRE(other);
      CHECK_FALSE(mismatch(*other, parameter.when_value));
    }
}

TEST_CASE("catalogue: as a document it shows every entry and every field of a parameter") {
  const Value shown = catalogue();
  CHECK(number_at(shown, "version") == 1);
  REQUIRE(size_at(shown, "methods") == method_entries().size());
  REQUIRE(size_at(shown, "tasks") == task_entries().size() + 1);  // and `explicit`
  CHECK(size_at(shown, "activations") == 5);
  CHECK(size_at(shown, "optimizers") == 2);
  for (std::size_t i = 0; i < method_entries().size(); ++i) {
    const std::string path = "methods[" + std::to_string(i) + "]";
    CHECK(string_at(shown, path + ".kind") == method_entries()[i].kind);
    CHECK(size_at(shown, path + ".parameters") == method_entries()[i].parameters.size());
  }
  const Value rate = describe(
      *find(find_kind(optimizer_entries(), "adam")->parameters, "learning_rate"));
  CHECK(write_json(rate) ==
        "{\"key\":\"learning_rate\",\"label\":\"learning rate\",\"symbol\":\"η\","
        "\"help\":\"The length of a step along the gradient.\",\"type\":\"number\","
        "\"default\":0.001,\"minimum\":1e-06,\"maximum\":10,\"scale\":\"log\",\"zero\":null,"
        "\"live\":false,\"when\":null}");
}

TEST_CASE("catalogue: what 0 means is a parameter's own, and its help says it of that") {
  std::set<std::string> with_zero;
  for (const auto& [path, parameters] : every_description())
    for (const Parameter& parameter : *parameters) {
      INFO(path << "." << parameter.key);
      const Value shown = describe(parameter);
      const std::string& help = string_at(shown, "help");
      CHECK(parameter.help.find("0 means") == std::string_view::npos);
      CHECK(help.ends_with("; 0 means all.") == (parameter.zero == "all"));
      if (parameter.zero.empty()) continue;
      CHECK(string_at(shown, "zero") == parameter.zero);
      CHECK(parameter.type == Type::integer);
      CHECK(parameter.minimum == 0);
      with_zero.insert(std::string(parameter.key));
    }
  CHECK(with_zero == std::set<std::string>{"batch_size", "fisher_samples", "points",
                                           "reference_batch", "replay_batch", "test_points"});
}

TEST_CASE("catalogue: the order of the activations is that of the enum") {
  CHECK(activation("tanh") == Activation::tanh);
  CHECK(activation("relu") == Activation::relu);
  CHECK(activation("sigmoid") == Activation::sigmoid);
  CHECK(activation("softplus") == Activation::softplus);
  CHECK(activation("identity") == Activation::identity);
}
