// Tasks whose data stand in the document.
#include <algorithm>
#include <cmath>

#include "../tasks.hpp"

namespace palimpsest {
namespace {

constexpr double kMostClasses = 1000;

// One row of numbers as wide as the table's other rows; a fault where it is not.
bool is_row(const std::string& path, const Value& value, std::size_t& width, Faults& faults) {
  const Numbers* numbers = value.as<Numbers>();
  if (!numbers) {
    faults.push_back(must_be(path, "a list of numbers", value));
    return false;
  }
  if (width == 0) width = numbers->size();
  for (double x : *numbers)
    if (!std::isfinite(static_cast<float>(x))) {
      faults.push_back(must_be(path, "finite in single precision", value));
      return false;
    }
  if (numbers->size() == width) return true;
  faults.push_back(path + ": must have " + std::to_string(width) +
                   " numbers like the rows before, "
                   "not " +
                   std::to_string(numbers->size()));
  return false;
}

class Reader {
 public:
  Reader(TaskSequence& sequence, Faults& faults) : sequence_(sequence), faults_(faults) {}

  // The examples of one task and split, appended to the table.
  Range examples(const std::string& path, const Value& value, Examples& table) {
    const Range none{table.count(), table.count()};
    const std::string answers = sequence_.loss == Loss::mse ? "targets" : "labels";
    read_settings(path, value, {}, {"inputs", answers}, faults_);
    const Array* inputs = list(path, "inputs", value);
    if (!inputs) return none;
    const bool complete = sequence_.loss == Loss::mse ? with_targets(path, *inputs, value, table)
                                                      : with_labels(path, *inputs, value, table);
    return complete ? Range{none.begin, table.count()} : none;
  }

  void finish() {
    sequence_.train.finish();
    sequence_.test.finish();
    sequence_.inputs = input_width_;
    sequence_.outputs = sequence_.loss == Loss::mse ? target_width_ : classes_;
  }

 private:
  const Array* list(const std::string& path, const std::string& key, const Value& value) {
    const Value* found = value.find(key);
    const Array* array = found ? found->as<Array>() : nullptr;
    if (array && !array->empty()) return array;
    if (value.as<Object>())
      faults_.push_back(must_be(path + "." + key, "a list with one list of numbers an example",
                                found ? *found : Value()));
    return nullptr;
  }

  void wrong_count(const std::string& path, std::size_t expected, std::size_t found) {
    faults_.push_back(path + ": must have as many entries as there are inputs, " +
                      std::to_string(expected) + ", not " + std::to_string(found));
  }

  bool with_targets(const std::string& path, const Array& inputs, const Value& value,
                    Examples& table) {
    const Array* targets = list(path, "targets", value);
    if (!targets) return false;
    if (targets->size() != inputs.size()) {
      wrong_count(path + ".targets", inputs.size(), targets->size());
      return false;
    }
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const std::string index = "[" + std::to_string(i) + "]";
      if (!is_row(path + ".inputs" + index, inputs[i], input_width_, faults_) ||
          !is_row(path + ".targets" + index, (*targets)[i], target_width_, faults_))
        return false;
      add_example(table, *inputs[i].as<Numbers>(),
                  std::span<const double>(*(*targets)[i].as<Numbers>()));
    }
    return true;
  }

  bool with_labels(const std::string& path, const Array& inputs, const Value& value,
                   Examples& table) {
    const Value* found = value.find("labels");
    const Numbers* labels = found ? found->as<Numbers>() : nullptr;
    const auto is_label = [](double x) { return std::floor(x) == x && x >= 0 && x < kMostClasses; };
    if (!labels || !std::all_of(labels->begin(), labels->end(), is_label)) {
      faults_.push_back(
          must_be(path + ".labels", "a list of integers from 0 to 999", found ? *found : Value()));
      return false;
    }
    if (labels->size() != inputs.size()) {
      wrong_count(path + ".labels", inputs.size(), labels->size());
      return false;
    }
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (!is_row(path + ".inputs[" + std::to_string(i) + "]", inputs[i], input_width_, faults_))
        return false;
      const auto label = static_cast<std::uint32_t>((*labels)[i]);
      classes_ = std::max<std::size_t>(classes_, label + 1);
      add_example(table, *inputs[i].as<Numbers>(), label);
    }
    return true;
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
