// Images of digits: every task sees their pixels in another order, turned by another angle, or two
// of the ten classes.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "../elementary.hpp"
#include "../tasks.hpp"

namespace palimpsest {
namespace {

constexpr std::uint32_t kSplitClasses = 2;  // of one task
constexpr int kMostTasks = 50;

constexpr Choice kSets[] = {
    {"pack", "digits", "5000 and 1000 images of MNIST, in 4 bits a pixel."},
    {"mnist", "MNIST", "Handwritten digits, 60,000 and 10,000 for the test."},
    {"fashion_mnist", "Fashion-MNIST", "Ten kinds of clothes in the same format."}};
constexpr Choice kInputs[] = {
    {"shared", "shared", "All tasks’ images stand at the same inputs."},
    {"own", "own", "Every task has inputs, and so first weights, of its own."}};
constexpr Choice kResamplings[] = {
    {"bilinear", "bilinear", "The mean of the four around, by nearness."},
    {"nearest", "nearest", "The nearest one, as GEM’s authors do."}};

std::vector<Parameter> with_common_parameters(int tasks, int most_tasks,
                                              std::vector<Parameter> own) {
  std::vector<Parameter> parameters = {
      {.key = "data",
       .label = "data set",
       .help = "Where the images come from.",
       .type = Type::choice,
       .fallback = "pack",
       .choices = kSets},
      count_parameter("tasks", "tasks", "How many tasks follow one another.", tasks, 1, most_tasks,
                      Scale::linear),
      count_parameter("points", "training images",
                      "How many training images every task has.", 1000, 0, 60000, Scale::log,
                      "all"),
      count_parameter("test_points", "test images", "How many test images every task has.", 0, 0,
                      10000, Scale::log, "all")};
  parameters.insert(parameters.end(), own.begin(), own.end());
  return parameters;
}

// Lopez-Paz & Ranzato 2017, section 5: their baseline «multimodal».
Parameter inputs_parameter() {
  return {.key = "inputs",
          .label = "inputs",
          .help = "Whether the tasks share the network’s inputs.",
          .type = Type::choice,
          .fallback = "shared",
          .choices = kInputs};
}

// What makes a sequence's tasks of the images.
class Variation {
 public:
  Variation(std::size_t outputs, bool own_inputs) : outputs(outputs), own_inputs(own_inputs) {}
  virtual ~Variation() = default;

  // Before a task's images are asked for.
  virtual void begin(std::size_t) {}
  virtual std::string name(std::size_t task) const { return task_name(task); }
  // Whether the task has images of class k, and which output stands for it.
  virtual bool has(std::size_t, std::uint32_t) const { return true; }
  virtual std::uint32_t label(std::size_t, std::uint32_t k) const { return k; }
  // An image's inputs from its pixels, both from 0 to 1.
  virtual void change(std::span<const float> pixels, std::span<float> inputs) const {
    for (std::size_t i = 0; i < kPixels; ++i) inputs[i] = pixels[i];
  }
  // After a task's rows were added to a table.
  virtual void end(Examples&, Range, std::size_t) const {}

  const std::size_t outputs;
  const bool own_inputs;
};

using Rows = std::vector<std::uint32_t>;

Rows candidates(const Images& images, const Variation& variation, std::size_t task) {
  Rows rows;
  for (std::uint32_t i = 0; i < images.count(); ++i)
    if (variation.has(task, images.labels[i])) rows.push_back(i);
  return rows;
}

// The rows that every task has of one part of the set: `count` at random, or all for 0.
std::vector<Rows> choose(const Images& images, const Variation& variation, std::string_view part,
                         std::size_t tasks, int count, std::uint64_t seed) {
  std::vector<Rows> chosen;
  for (std::size_t t = 0; t < tasks; ++t) {
    chosen.push_back(candidates(images, variation, t));
    if (count == 0) continue;
    Random(seed, part, t).shuffle(chosen.back());
    chosen.back().resize(static_cast<std::size_t>(count));
  }
  return chosen;
}

// Room for the inputs that will differ from zero, and somewhat more: turning smears the edges.
void reserve(Examples& table, const Images& images, const std::vector<Rows>& chosen) {
  std::size_t count = 0;
  for (const Rows& rows : chosen)
    for (std::uint32_t row : rows)
      for (std::uint8_t pixel : images.image(row)) count += pixel != 0;
  table.nonzeros.column.reserve(count + count / 2);
  table.nonzeros.value.reserve(count + count / 2);
}

Range add_rows(Examples& table, const Images& images, const Rows& rows, std::size_t task,
               const Variation& variation) {
  const std::uint32_t begin = table.count();
  std::vector<float> pixels(kPixels), inputs(kPixels);
  for (std::uint32_t row : rows) {
    const auto image = images.image(row);
    for (std::size_t i = 0; i < kPixels; ++i) pixels[i] = static_cast<float>(image[i]) / 255;
    variation.change(pixels, inputs);
    table.add_nonzeros(inputs, variation.own_inputs ? task * kPixels : 0);
    table.labels.push_back(variation.label(task, images.labels[row]));
  }
  const Range added{begin, table.count()};
  variation.end(table, added, task);
  return added;
}

TaskSequence image_tasks(const Settings& settings, const ImageSets& sets, std::uint64_t seed,
                         Variation& variation) {
  const ImageSet& set = *sets.find(settings.choice("data"));
  const auto tasks = static_cast<std::size_t>(settings.integer("tasks"));
  const auto training =
      choose(set.train, variation, "training images", tasks, settings.integer("points"), seed);
  const auto test =
      choose(set.test, variation, "test images", tasks, settings.integer("test_points"), seed);
  TaskSequence sequence;
  sequence.loss = Loss::cross_entropy;
  sequence.image_side = kImageSide;
  sequence.inputs = kPixels * (variation.own_inputs ? tasks : 1);
  sequence.outputs = variation.outputs;
  sequence.train.width = sequence.test.width = sequence.inputs;
  sequence.train.fan_in = sequence.test.fan_in = kPixels;
  reserve(sequence.train, set.train, training);
  reserve(sequence.test, set.test, test);
  for (std::size_t t = 0; t < tasks; ++t) {
    variation.begin(t);
    sequence.tasks.push_back({variation.name(t),
                              add_rows(sequence.train, set.train, training[t], t, variation),
                              add_rows(sequence.test, set.test, test[t], t, variation),
                              {}});
  }
  sequence.train.finish();
  sequence.test.finish();
  return sequence;
}

// There must be the set, and in it as many images as every task asks for.
void check_images(const Settings& settings, const ImageSets& sets, const Variation& variation,
                  Faults& faults) {
  const std::string& name = settings.choice("data");
  const ImageSet* set = sets.find(name);
  if (!set) {
    faults.push_back(must_be("tasks.data", "a data set that was given", name) +
                     "; the program reads it from the folder that --data names, and tools/data "
                     "brings it; in JavaScript, engine.data(\"pack\", bytes) gives the pack");
    return;
  }
  const auto least = [&](const Images& images) {
    std::size_t count = images.count();
    for (int t = 0; t < settings.integer("tasks"); ++t)
      count = std::min(count, candidates(images, variation, static_cast<std::size_t>(t)).size());
    return count;
  };
  const std::size_t training = least(set->train), test = least(set->test);
  if (training == 0 || test == 0)
    faults.push_back(must_be("tasks.data", "a data set with images of all classes", name));
  const auto check = [&](const char* key, std::size_t there) {
    const int asked = settings.integer(key);
    if (there > 0 && static_cast<std::size_t>(asked) > there)
      faults.push_back(must_be("tasks." + std::string(key),
                               "at most " + std::to_string(there) + ", what " + name + " has",
                               asked));
  };
  check("points", training);
  check("test_points", test);
}

bool has_own_inputs(const Settings& settings) { return settings.choice("inputs") == "own"; }

// inputs[i] = pixels[order[i]], a uniform order for every task, the first one too (as in Lopez-Paz
// & Ranzato's data).
class Permuted : public Variation {
 public:
  Permuted(const Settings& settings, std::uint64_t seed)
      : Variation(kImageClasses, has_own_inputs(settings)), seed_(seed), order_(kPixels) {}

  void begin(std::size_t task) override {
    std::iota(order_.begin(), order_.end(), 0u);
    Random(seed_, "permutation", task).shuffle(order_);
  }
  void change(std::span<const float> pixels, std::span<float> inputs) const override {
    for (std::size_t i = 0; i < kPixels; ++i) inputs[i] = pixels[order_[i]];
  }

 private:
  std::uint64_t seed_;
  Rows order_;
};

// Images turned counter-clockwise about their centre, by angles that grow: each uniform in its own
// part of the range (as in Lopez-Paz & Ranzato's data). Every pixel is the one nearest to the place
// that it comes from, or the mean of the four around it by their nearness; outside is nothing.
class Rotated : public Variation {
 public:
  Rotated(const Settings& settings, std::uint64_t seed)
      : Variation(kImageClasses, has_own_inputs(settings)),
        seed_(seed),
        part_(settings.number("angle") / settings.integer("tasks")),
        nearest_(settings.choice("resampling") == "nearest"),
        sources_(kPixels) {}

  std::string name(std::size_t task) const override {
    return describe(std::floor(degrees(task) + 0.5)) + "°";
  }

  void begin(std::size_t task) override {
    const double angle = degrees(task) * kPi / 180;
    const double c = elementary::cos(angle), s = elementary::sin(angle);
    constexpr double kCentre = (kImageSide - 1) / 2.0;
    for (std::size_t i = 0; i < kPixels; ++i) {
      const double x = static_cast<double>(i % kImageSide) - kCentre;
      const double y = static_cast<double>(i / kImageSide) - kCentre;  // downwards
      const double from_x = kCentre + c * x - s * y, from_y = kCentre + s * x + c * y;
      sources_[i] = nearest_ ? around(std::floor(from_x + 0.5), std::floor(from_y + 0.5))
                             : around(from_x, from_y);
    }
  }

  void change(std::span<const float> pixels, std::span<float> inputs) const override {
    for (std::size_t i = 0; i < kPixels; ++i) {
      double sum = 0;
      for (int k = 0; k < 4; ++k)
        sum += sources_[i].share[k] * static_cast<double>(pixels[sources_[i].pixel[k]]);
      inputs[i] = static_cast<float>(sum);
    }
  }

 private:
  // Where a pixel comes from; no share outside.
  struct Sources {
    std::size_t pixel[4] = {};
    double share[4] = {};
  };

  double degrees(std::size_t task) const {
    const auto t = static_cast<double>(task);
    return Random(seed_, "rotation", task).uniform(t * part_, (t + 1) * part_);
  }

  static Sources around(double x, double y) {
    Sources sources;
    for (int k = 0; k < 4; ++k) {
      const double column = std::floor(x) + k % 2, row = std::floor(y) + k / 2;
      if (row < 0 || row >= kImageSide || column < 0 || column >= kImageSide) continue;
      sources.pixel[k] =
          static_cast<std::size_t>(row) * kImageSide + static_cast<std::size_t>(column);
      sources.share[k] = (1 - std::abs(x - column)) * (1 - std::abs(y - row));
    }
    return sources;
  }

  std::uint64_t seed_;
  double part_;  // degrees
  bool nearest_;
  std::vector<Sources> sources_;  // by pixel
};

// Task t has the classes 2t and 2t + 1.
class Split : public Variation {
 public:
  Split(const Settings& settings, std::uint64_t)
      : Split(Scenario(settings, static_cast<std::size_t>(settings.integer("tasks")),
                       kSplitClasses)) {}

  std::string name(std::size_t task) const override {
    return std::to_string(2 * task) + "/" + std::to_string(2 * task + 1);
  }
  bool has(std::size_t task, std::uint32_t k) const override { return k / kSplitClasses == task; }
  std::uint32_t label(std::size_t task, std::uint32_t k) const override {
    return scenario_.output(task, k % kSplitClasses);
  }
  void end(Examples& table, Range rows, std::size_t task) const override {
    scenario_.begin(table, task);
    for (std::uint32_t row = rows.begin; row < rows.end; ++row) scenario_.add_row(table, task);
  }

 private:
  explicit Split(const Scenario& scenario)
      : Variation(scenario.outputs(), false), scenario_(scenario) {}

  Scenario scenario_;
};

template <class V>
void check(const Settings& settings, const ImageSets& sets, Faults& faults) {
  check_images(settings, sets, V(settings, 0), faults);
}

template <class V>
TaskSequence make(const Settings& settings, const ImageSets& sets, std::uint64_t seed) {
  V variation(settings, seed);
  return image_tasks(settings, sets, seed, variation);
}

}  // namespace

TaskEntry permuted_digits() {
  return {{"permuted_digits", "permuted digits",
           "Images of digits; every task has its own order of the pixels.", "x = pixels[πₖ]",
           "Kirkpatrick et al. 2017; Lopez-Paz & Ranzato 2017",
           with_common_parameters(5, kMostTasks, {inputs_parameter()})},
          Loss::cross_entropy,
          check<Permuted>,
          make<Permuted>};
}

TaskEntry rotated_digits() {
  return {
      {"rotated_digits", "rotated digits", "Images of digits, turned further from task to task.",
       "x = pixels turned by αₖ", "Lopez-Paz & Ranzato 2017",
       with_common_parameters(
           10, kMostTasks,
           {real_parameter("angle", "last angle", "Up to how many degrees the images are turned.",
                           180, 0, 360),
            {.key = "resampling",
             .label = "resampling",
             .help = "What a turned image takes between the pixels of the original.",
             .type = Type::choice,
             .fallback = "bilinear",
             .choices = kResamplings},
            inputs_parameter()})},
      Loss::cross_entropy,
      check<Rotated>,
      make<Rotated>};
}

TaskEntry split_digits() {
  return {
      {"split_digits", "split digits", "Images of digits; every task has two of the ten classes.",
       "k ∈ {2t, 2t + 1}", "Zenke et al. 2017; van de Ven et al. 2022",
       with_common_parameters(5, kImageClasses / kSplitClasses, {scenario_parameter("class")})},
      Loss::cross_entropy,
      check<Split>,
      make<Split>};
}

}  // namespace palimpsest
