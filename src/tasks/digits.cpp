// Images of digits: every task sees their pixels in another order, turned by another angle, or two
// of the ten classes.
#include <algorithm>
#include <cmath>
#include <functional>
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
    {"shared", "shared", "All tasks' images stand at the same inputs."},
    {"own", "own", "Every task has inputs, and so first weights, of its own."}};
constexpr Choice kResamplings[] = {
    {"bilinear", "bilinear", "The mean of the four around, by nearness."},
    {"nearest", "nearest", "The nearest one, as GEM's authors do."}};

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
                      "How many training images every task has; 0 means all.", 1000, 0, 60000,
                      Scale::log),
      count_parameter("test_points", "test images",
                      "How many test images every task has; 0 means all.", 0, 0, 10000,
                      Scale::log)};
  parameters.insert(parameters.end(), own.begin(), own.end());
  return parameters;
}

// Lopez-Paz & Ranzato 2017, section 5: their baseline «multimodal».
Parameter inputs_parameter() {
  return {.key = "inputs",
          .label = "inputs",
          .help = "Whether the tasks share the network's inputs.",
          .type = Type::choice,
          .fallback = "shared",
          .choices = kInputs};
}

// What makes the tasks of a sequence: `classes` and `labels` of a task's images, and their pixels.
struct Variation {
  std::size_t outputs = kImageClasses;
  bool own_inputs = false;
  std::function<std::string(std::size_t task)> name = task_name;
  // Which classes' images the task has; what stands for class k.
  std::function<bool(std::size_t task, std::uint32_t k)> has = [](auto, auto) { return true; };
  std::function<std::uint32_t(std::size_t task, std::uint32_t k)> label = [](auto, auto k) {
    return k;
  };
  // A task's inputs from an image's pixels, as numbers from 0 to 1.
  using Change = std::function<void(std::span<const float> pixels, std::span<float> inputs)>;
  std::function<Change(std::size_t task)> change = [](auto) {
    return [](std::span<const float> pixels, std::span<float> inputs) {
      std::copy(pixels.begin(), pixels.end(), inputs.begin());
    };
  };
};

using Rows = std::vector<std::uint32_t>;

Rows candidates(const Images& images, const Variation& variation, std::size_t task) {
  Rows rows;
  for (std::uint32_t i = 0; i < images.count(); ++i)
    if (variation.has(task, images.labels[i])) rows.push_back(i);
  return rows;
}

// `count` of the rows at random, or all of them.
Rows choose(Rows rows, int count, Random& random) {
  if (count == 0) return rows;
  random.shuffle(rows);
  rows.resize(static_cast<std::size_t>(count));
  return rows;
}

// How many inputs will differ from zero, or somewhat more: turning smears the edges.
void reserve(Examples& table, const Images& images, const std::vector<Rows>& chosen) {
  std::size_t count = 0;
  for (const Rows& rows : chosen)
    for (std::uint32_t row : rows) {
      const auto image = images.image(row);
      count += kPixels - static_cast<std::size_t>(std::count(image.begin(), image.end(), 0));
    }
  table.nonzeros.column.reserve(count + count / 2);
  table.nonzeros.value.reserve(count + count / 2);
}

// The rows that every task has of one part of the set.
std::vector<Rows> choose_all(const Images& images, const Variation& variation, const char* part,
                             std::size_t tasks, int count, std::uint64_t seed) {
  std::vector<Rows> chosen;
  for (std::size_t t = 0; t < tasks; ++t) {
    Random random(seed, part, t);
    chosen.push_back(choose(candidates(images, variation, t), count, random));
  }
  return chosen;
}

Range add_rows(Examples& table, const Images& images, const Rows& rows, std::size_t task,
               const Variation& variation, const Variation::Change& change) {
  const std::uint32_t begin = table.count();
  std::vector<float> pixels(kPixels), inputs(kPixels);
  for (std::uint32_t row : rows) {
    const auto image = images.image(row);
    for (std::size_t i = 0; i < kPixels; ++i) pixels[i] = static_cast<float>(image[i]) / 255;
    change(pixels, inputs);
    table.add_nonzeros(inputs, variation.own_inputs ? task * kPixels : 0);
    table.labels.push_back(variation.label(task, images.labels[row]));
  }
  return {begin, table.count()};
}

const ImageSet& image_set(const Settings& settings, const ImageSets& sets) {
  return sets.find(settings.choice("data"))->second;
}

TaskSequence image_tasks(const Settings& settings, const ImageSets& sets, std::uint64_t seed,
                         const Variation& variation) {
  const ImageSet& set = image_set(settings, sets);
  const auto tasks = static_cast<std::size_t>(settings.integer("tasks"));
  const auto training =
      choose_all(set.train, variation, "training images", tasks, settings.integer("points"), seed);
  const auto test =
      choose_all(set.test, variation, "test images", tasks, settings.integer("test_points"), seed);
  TaskSequence sequence;
  sequence.loss = Loss::cross_entropy;
  sequence.image_side = kImageSide;
  sequence.inputs = kPixels * (variation.own_inputs ? tasks : 1);
  sequence.outputs = variation.outputs;
  for (Examples* table : {&sequence.train, &sequence.test}) {
    table->width = sequence.inputs;
    table->fan_in = kPixels;
  }
  reserve(sequence.train, set.train, training);
  reserve(sequence.test, set.test, test);
  for (std::size_t t = 0; t < tasks; ++t) {
    const auto change = variation.change(t);
    sequence.tasks.push_back(
        {variation.name(t), add_rows(sequence.train, set.train, training[t], t, variation, change),
         add_rows(sequence.test, set.test, test[t], t, variation, change), Truth{}});
  }
  sequence.train.finish();
  sequence.test.finish();
  return sequence;
}

// There must be the set, and in it as many images as every task asks for.
void check_images(const Settings& settings, const ImageSets& sets, const Variation& variation,
                  Faults& faults) {
  const std::string& name = settings.choice("data");
  if (!sets.contains(name)) {
    faults.push_back(must_be("tasks.data", "a data set that was given", name) +
                     "; the program reads it from the folder that --data names, and tools/data "
                     "brings it; in JavaScript, engine.data(\"pack\", bytes) gives the pack");
    return;
  }
  const ImageSet& set = image_set(settings, sets);
  const auto least = [&](const Images& images) {
    std::size_t count = images.count();
    for (int t = 0; t < settings.integer("tasks"); ++t)
      count = std::min(count, candidates(images, variation, static_cast<std::size_t>(t)).size());
    return count;
  };
  const std::size_t training = least(set.train), test = least(set.test);
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

// out[i] = in[order[i]], a uniform order for every task, the first one too (as in Lopez-Paz &
// Ranzato's data).
Variation permuted(const Settings& settings, std::uint64_t seed) {
  Variation variation;
  variation.own_inputs = settings.choice("inputs") == "own";
  variation.change = [seed](std::size_t task) {
    Rows order(kPixels);
    std::iota(order.begin(), order.end(), 0u);
    Random(seed, "permutation", task).shuffle(order);
    return [order](std::span<const float> pixels, std::span<float> inputs) {
      for (std::size_t i = 0; i < kPixels; ++i) inputs[i] = pixels[order[i]];
    };
  };
  return variation;
}

// Turns an image counter-clockwise about its centre. Every pixel is the one nearest to the place
// that it comes from, or the mean of the four around it by their nearness; outside is nothing.
class Rotation {
 public:
  Rotation(double degrees, bool nearest) : sources_(kPixels) {
    const double c = elementary::cos(degrees * kPi / 180);
    const double s = elementary::sin(degrees * kPi / 180);
    constexpr double kCentre = (kImageSide - 1) / 2.0;
    for (std::size_t i = 0; i < kPixels; ++i) {
      const double x = static_cast<double>(i % kImageSide) - kCentre;
      const double y = static_cast<double>(i / kImageSide) - kCentre;  // downwards
      const double from_x = kCentre + c * x - s * y, from_y = kCentre + s * x + c * y;
      sources_[i] = nearest ? around(std::floor(from_x + 0.5), std::floor(from_y + 0.5))
                            : around(from_x, from_y);
    }
  }

  void operator()(std::span<const float> pixels, std::span<float> inputs) const {
    for (std::size_t i = 0; i < kPixels; ++i) {
      double sum = 0;
      for (const Source& source : sources_[i])
        sum += source.share * static_cast<double>(pixels[source.pixel]);
      inputs[i] = static_cast<float>(sum);
    }
  }

 private:
  struct Source {
    std::size_t pixel = 0;
    double share = 0;
  };
  using Sources = std::vector<Source>;

  static Sources around(double x, double y) {
    const double left = std::floor(x), above = std::floor(y);
    Sources sources;
    for (double row : {above, above + 1})
      for (double column : {left, left + 1})
        if (row >= 0 && row < kImageSide && column >= 0 && column < kImageSide)
          sources.push_back(
              {static_cast<std::size_t>(row) * kImageSide + static_cast<std::size_t>(column),
               (1 - std::abs(x - column)) * (1 - std::abs(y - row))});
    return sources;
  }

  std::vector<Sources> sources_;  // by pixel
};

// Angles that grow: each uniform in its own part of the range, as in Lopez-Paz & Ranzato's data.
Variation rotated(const Settings& settings, std::uint64_t seed) {
  const double part = settings.number("angle") / settings.integer("tasks");
  const bool nearest = settings.choice("resampling") == "nearest";
  const auto degrees = [seed, part](std::size_t task) {
    const auto t = static_cast<double>(task);
    return Random(seed, "rotation", task).uniform(t * part, (t + 1) * part);
  };
  Variation variation;
  variation.own_inputs = settings.choice("inputs") == "own";
  variation.name = [degrees](std::size_t task) {
    return describe(std::floor(degrees(task) + 0.5)) + "°";
  };
  variation.change = [=](std::size_t task) { return Rotation(degrees(task), nearest); };
  return variation;
}

// Task t has the classes 2t and 2t + 1.
Variation split(const Settings& settings, std::uint64_t) {
  const Scenario scenario(settings, static_cast<std::size_t>(settings.integer("tasks")),
                          kSplitClasses);
  Variation variation;
  variation.outputs = scenario.outputs();
  variation.name = [](std::size_t task) {
    return std::to_string(2 * task) + "/" + std::to_string(2 * task + 1);
  };
  variation.has = [](std::size_t task, std::uint32_t k) { return k / kSplitClasses == task; };
  variation.label = [scenario](std::size_t task, std::uint32_t k) {
    return scenario.output(task, k % kSplitClasses);
  };
  return variation;
}

template <Variation (*vary)(const Settings&, std::uint64_t seed)>
void check(const Settings& settings, const ImageSets& sets, Faults& faults) {
  check_images(settings, sets, vary(settings, 0), faults);
}

template <Variation (*vary)(const Settings&, std::uint64_t seed)>
TaskSequence make(const Settings& settings, const ImageSets& sets, std::uint64_t seed) {
  return image_tasks(settings, sets, seed, vary(settings, seed));
}

TaskSequence make_split(const Settings& settings, const ImageSets& sets, std::uint64_t seed) {
  TaskSequence sequence = make<split>(settings, sets, seed);
  const Scenario scenario(settings, sequence.tasks.size(), kSplitClasses);
  for (std::size_t t = 0; t < sequence.tasks.size(); ++t)
    for (auto [table, rows] : {std::pair(&sequence.train, sequence.tasks[t].train),
                               std::pair(&sequence.test, sequence.tasks[t].test)}) {
      scenario.begin(*table, t);
      for (std::uint32_t row = rows.begin; row < rows.end; ++row) scenario.add_row(*table, t);
    }
  return sequence;
}

}  // namespace

TaskEntry permuted_digits() {
  return {{"permuted_digits", "permuted digits",
           "Images of digits; every task has its own order of the pixels.", "x = pixels[πₖ]",
           "Kirkpatrick et al. 2017; Lopez-Paz & Ranzato 2017",
           with_common_parameters(5, kMostTasks, {inputs_parameter()})},
          Loss::cross_entropy,
          check<permuted>,
          make<permuted>};
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
      check<rotated>,
      make<rotated>};
}

TaskEntry split_digits() {
  return {
      {"split_digits", "split digits", "Images of digits; every task has two of the ten classes.",
       "k ∈ {2t, 2t + 1}", "Zenke et al. 2017; van de Ven et al. 2022",
       with_common_parameters(5, kImageClasses / kSplitClasses, {scenario_parameter("class")})},
      Loss::cross_entropy,
      check<split>,
      make_split};
}

}  // namespace palimpsest
