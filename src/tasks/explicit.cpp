// Tasks whose data stand in the document.
#include <algorithm>
#include <cmath>

#include "../tasks.hpp"

namespace palimpsest {
namespace {

constexpr double kMostClasses = 1000;

bool is_finite(double x) { return std::isfinite(static_cast<float>(x)); }
bool is_label(double x) { return std::floor(x) == x && x >= 0 && x < kMostClasses; }

// One row of numbers, as wide as the table's other rows; faults where it is not.
void check_row(const std::string& path, const Value& value, std::size_t& width, Faults& faults) {
  const std::size_t count = length(value);
  if (count == 0) {
    faults.push_back(must_be(path, "a list of numbers", value));
    return;
  }
  if (width == 0) width = count;
  check_elements(path, value, kFinite, is_finite, faults);
  if (count != width)
    faults.push_back(path + ": must have " + std::to_string(width) +
                     " numbers like the rows before, not " + std::to_string(count));
}

class Reader {
 public:
  Reader(TaskSequence& sequence, Faults& faults) : sequence_(sequence), faults_(faults) {}

  // The examples of one task and split, appended to the table.
  Range examples(const std::string& path, const Value& value, Examples& table) {
    const Range none{table.count(), table.count()};
    const bool mse = sequence_.loss == Loss::mse;
    const std::string answers = mse ? "targets" : "labels";
    const std::size_t before = faults_.size();
    read_settings(path, value, {}, {"inputs", answers}, faults_);
    if (!value.as<Object>()) return none;
    const std::size_t inputs = rows(path, "inputs", value, input_width_);
    const std::size_t given = mse ? rows(path, answers, value, target_width_) : labels(path, value);
    if (inputs && given && inputs != given)
      faults_.push_back(path + "." + answers + ": must have as many entries as there are inputs, " +
                        std::to_string(inputs) + ", not " + std::to_string(given));
    if (faults_.size() != before) return none;
    for (std::size_t i = 0; i < inputs; ++i) add(value, i, table);
    return {none.begin, table.count()};
  }

  void finish() {
    sequence_.train.finish();
    sequence_.test.finish();
    sequence_.inputs = input_width_;
    sequence_.outputs = sequence_.loss == Loss::mse ? target_width_ : classes_;
  }

 private:
  // How many rows the list has, right or wrong; 0, with a fault, where there is none.
  std::size_t rows(const std::string& path, const std::string& key, const Value& value,
                   std::size_t& width) {
    const Value* found = value.find(key);
    const Array* array = found ? found->as<Array>() : nullptr;
    if (!array || array->empty()) {
      faults_.push_back(must_be(path + "." + key, "a list with one list of numbers an example",
                                found ? *found : Value()));
      return 0;
    }
    for (std::size_t i = 0; i < array->size(); ++i)
      check_row(path + "." + key + "[" + std::to_string(i) + "]", (*array)[i], width, faults_);
    return array->size();
  }

  // How many labels there are, right or wrong; 0, with a fault, where there are none.
  std::size_t labels(const std::string& path, const Value& value) {
    const Value* found = value.find("labels");
    const std::size_t count = found ? length(*found) : 0;
    if (count == 0)
      faults_.push_back(
          must_be(path + ".labels", "a list of integers from 0 to 999", found ? *found : Value()));
    else
      check_elements(path + ".labels", *found, "an integer from 0 to 999", is_label, faults_);
    return count;
  }

  void add(const Value& value, std::size_t i, Examples& table) {
    const auto row = [i](const Value* list) -> const Numbers& {
      return *(*list->as<Array>())[i].as<Numbers>();
    };
    const Numbers& input = row(value.find("inputs"));
    if (sequence_.loss == Loss::mse) {
      add_example(table, input, std::span<const double>(row(value.find("targets"))));
      return;
    }
    const auto label = static_cast<std::uint32_t>((*value.find("labels")->as<Numbers>())[i]);
    classes_ = std::max<std::size_t>(classes_, label + 1);
    add_example(table, input, label);
  }

  TaskSequence& sequence_;
  Faults& faults_;
  std::size_t input_width_ = 0, target_width_ = 0, classes_ = 0;
};

Loss read_loss(const Value& tasks, Faults& faults) {
  const Value* loss = tasks.find("loss");
  const std::string* name = loss ? loss->as<std::string>() : nullptr;
  if (name && *name == "cross_entropy") return Loss::cross_entropy;
  if (!name || *name != "mse")
    faults.push_back(must_be("tasks.loss", "one of mse, cross_entropy", loss ? *loss : Value()));
  return Loss::mse;
}

}  // namespace

TaskSequence read_explicit_tasks(const Value& tasks, Faults& faults) {
  TaskSequence sequence;
  read_settings("tasks", tasks, {}, {"kind", "loss", "tasks"}, faults);
  sequence.loss = read_loss(tasks, faults);
  const Value* found = tasks.find("tasks");
  const Array* list = found ? found->as<Array>() : nullptr;
  if (!list || list->empty() || list->size() > 100) {
    faults.push_back(must_be("tasks.tasks", "a list of 1 to 100 tasks", found ? *found : Value()));
    return sequence;
  }
  Reader reader(sequence, faults);
  for (std::size_t t = 0; t < list->size(); ++t) {
    const Value& value = (*list)[t];
    const std::string path = "tasks.tasks[" + std::to_string(t) + "]";
    read_settings(path, value, {}, {"name", "train", "test"}, faults);
    const Value* name = value.find("name");
    if (name && !name->as<std::string>())
      faults.push_back(must_be(path + ".name", "a text", *name));
    const Value* train = value.find("train");
    const Value* test = value.find("test");
    const bool own_test = test && !test->is_null();
    const std::size_t before = faults.size();
    Task task;
    task.name = name && name->as<std::string>() ? *name->as<std::string>() : task_name(t);
    task.train = reader.examples(path + ".train", train ? *train : Value(), sequence.train);
    if (own_test || faults.size() == before)  // a fault of both is named once
      task.test = reader.examples(path + ".test", own_test ? *test : *train, sequence.test);
    sequence.tasks.push_back(std::move(task));
  }
  reader.finish();
  return sequence;
}

Value fill_in_explicit_tasks(const Value& tasks) {
  Object filled;
  for (const auto& [key, value] : *tasks.as<Object>()) {
    if (key != "tasks") {
      filled.emplace_back(key, value);
      continue;
    }
    Array list;
    for (const Value& task : *value.as<Array>()) {
      const Value* name = task.find("name");
      const Value* test = task.find("test");
      const Value& train = *task.find("train");
      list.push_back(Object{{"name", name ? *name : Value(task_name(list.size()))},
                            {"train", train},
                            {"test", test && !test->is_null() ? *test : train}});
    }
    filled.emplace_back(key, std::move(list));
  }
  return filled;
}

Entry explicit_entry() {
  return {"explicit", "your own data", "Tasks whose examples stand in the document.", "", "", {}};
}

}  // namespace palimpsest
