// What several tests need: documents in a line, edits by path, experiments run from them.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "catch.hpp"
#include "experiment.hpp"
#include "json.hpp"

namespace support {

using namespace palimpsest;

// JSON with ' in place of ".
inline Value json(std::string text) {
  std::replace(text.begin(), text.end(), '\'', '"');
  Faults faults;
  Value value = parse_json(text, faults);
  INFO(text);
  REQUIRE(faults == Faults{});
  return value;
}

// Whether two values are written alike: the same keys in the same order, the same bits.
inline bool same(const Value& a, const Value& b) { return write_json(a) == write_json(b); }

// The value at a path such as methods[1].lambda, made where it is missing.
inline Value& place(Value& root, const std::string& path) {
  Value* here = &root;
  for (std::size_t i = 0; i < path.size();) {
    if (path[i] == '[') {
      const std::size_t close = path.find(']', i);
      const auto index = static_cast<std::size_t>(std::atoi(path.c_str() + i + 1));
      if (!here->as<Array>()) *here = Array{};
      Array& array = *here->as<Array>();
      if (array.size() <= index) array.resize(index + 1);
      here = &array[index];
      i = close + 1;
    } else {
      if (path[i] == '.') ++i;
      const std::size_t end = std::min(path.find_first_of(".[", i), path.size());
      const std::string key = path.substr(i, end - i);
      if (!here->as<Object>()) *here = Object{};
      Object& object = *here->as<Object>();
      auto found = std::find_if(object.begin(), object.end(),
                                [&](const auto& member) { return member.first == key; });
      if (found == object.end()) found = object.insert(found, {key, Value()});
      here = &found->second;
      i = end;
    }
  }
  return *here;
}

inline Value with(Value document, const std::string& path, Value value) {
  place(document, path) = std::move(value);
  return document;
}

inline Value with(Value document, const std::string& path, const char* text) {
  return with(std::move(document), path, json(text));
}

// Without the member `key` of the object at `path`.
inline Value without(Value document, const std::string& path, const std::string& key) {
  Object& object = *place(document, path).as<Object>();
  object.erase(std::remove_if(object.begin(), object.end(),
                              [&](const auto& member) { return member.first == key; }),
               object.end());
  return document;
}

// The value at a path, which must be there.
inline const Value& at(const Value& root, const std::string& path) {
  INFO(path);
  const Value* here = &root;
  for (std::size_t i = 0; i < path.size();) {
    if (path[i] == '[') {
      const auto index = static_cast<std::size_t>(std::atoi(path.c_str() + i + 1));
      const Array* array = here->as<Array>();
      REQUIRE(array);
      REQUIRE(index < array->size());
      here = &(*array)[index];
      i = path.find(']', i) + 1;
    } else {
      if (path[i] == '.') ++i;
      const std::size_t end = std::min(path.find_first_of(".[", i), path.size());
      here = here->find(path.substr(i, end - i));
      REQUIRE(here);
      i = end;
    }
  }
  return *here;
}

inline std::string string_at(const Value& root, const std::string& path) {
  const std::string* text = at(root, path).as<std::string>();
  REQUIRE(text);
  return *text;
}

inline double number_at(const Value& root, const std::string& path) {
  const double* number = at(root, path).as<double>();
  REQUIRE(number);
  return *number;
}

// A list of numbers, however it is held.
inline Numbers numbers_at(const Value& root, const std::string& path) {
  const Value& value = at(root, path);
  if (const Numbers* numbers = value.as<Numbers>()) return *numbers;
  if (const Floats* floats = value.as<Floats>()) return Numbers(floats->begin(), floats->end());
  const Array* empty = value.as<Array>();
  REQUIRE(empty);
  REQUIRE(empty->empty());
  return {};
}

inline std::size_t size_at(const Value& root, const std::string& path) {
  const Array* array = at(root, path).as<Array>();
  REQUIRE(array);
  return array->size();
}

inline std::string learner(std::size_t index) { return "learners[" + std::to_string(index) + "]"; }

// Sets of made-up images under the names of the real ones: of every class in turn, a fifth of the
// pixels not zero.
inline const ImageSets& images() {
  static const ImageSets sets = [] {
    ImageSets made;
    Random random(1, "images");
    const auto fill = [&random](Images& images, std::uint32_t count) {
      for (std::uint32_t i = 0; i < count; ++i) {
        images.labels.push_back(static_cast<std::uint8_t>(i % kImageClasses));
        for (std::size_t p = 0; p < kPixels; ++p)
          images.pixels.push_back(
              static_cast<std::uint8_t>(random.below(5) == 0 ? 17 * random.below(16) : 0));
      }
    };
    for (const char* name : {"pack", "mnist", "fashion_mnist"}) {
      ImageSet set;
      fill(set.train, 5000);
      fill(set.test, 60);
      made.give(name, std::move(set));
    }
    return made;
  }();
  return sets;
}

inline Faults faults_of(const Value& document) {
  Faults faults;
  read_document(document, images(), faults);
  return faults;
}

inline std::unique_ptr<Experiment> open(const Value& document) {
  Faults faults;
  auto read = read_document(document, images(), faults);
  INFO(write_json(document).substr(0, 400));
  REQUIRE(faults == Faults{});
  return std::make_unique<Experiment>(std::move(read));
}

inline Value run(const Value& document) {
  const auto experiment = open(document);
  while (experiment->step(1000) > 0) {
  }
  return experiment->result();
}

inline std::string digest_of(const Value& result) { return string_at(result, "digest"); }
inline std::string digest_of(const Value& result, std::size_t index) {
  return string_at(result, learner(index) + ".digest");
}
inline std::string status_of(const Value& result, std::size_t index) {
  return string_at(result, learner(index) + ".status");
}

// Three short regression tasks, three batches an epoch, the last of them smaller.
inline Value small_regression() {
  return json(
      "{'version': 1, 'seed': 5, 'tasks': {'kind': 'sines', 'tasks': 3, 'gap': 0.3, 'points': 11,"
      " 'test_points': 7}, 'network': {'hidden': [6, 5]}, 'training': {'steps_per_task': 12,"
      " 'batch_size': 4, 'optimizer': {'kind': 'adam', 'learning_rate': 0.01}},"
      " 'methods': [{'kind': 'finetune'}], 'record': {'every': 5}}");
}

// Three tasks of three classes: clouds around corners that move from task to task.
inline Value small_classification() {
  Value document = small_regression();
  Array tasks;
  Random random(1, "tests");
  for (int t = 0; t < 3; ++t) {
    Object task;
    for (const char* split : {"train", "test"}) {
      Array inputs;
      Numbers labels;
      for (int i = 0; i < 9; ++i) {
        const int label = i % 3;
        inputs.push_back(Numbers{label - 1 + 0.3 * random.normal() + 0.2 * t,
                                 label * t - 1 + 0.3 * random.normal()});
        labels.push_back(label);
      }
      task.emplace_back(split, Object{{"inputs", inputs}, {"labels", labels}});
    }
    tasks.push_back(std::move(task));
  }
  return with(document, "tasks",
              Object{{"kind", "explicit"}, {"loss", "cross_entropy"}, {"tasks", std::move(tasks)}});
}

inline std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  INFO(path);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline Value fixture(const std::string& name) {
  Faults faults;
  Value value = parse_json(read_file(FIXTURES + name + ".json"), faults);
  REQUIRE(faults == Faults{});
  return value;
}

// Numbers uniform in ±1, the same on every platform.
inline std::vector<float> uniform_floats(Random& random, std::size_t count) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(random.uniform(-1, 1));
  return values;
}

}  // namespace support
