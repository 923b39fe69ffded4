// Tasks made of images: permuted, rotated and split, each against what it should be, found another
// way.
#include <cmath>
#include <set>

#include "catalogue.hpp"
#include "support.hpp"

using namespace support;

namespace {

TaskSequence make(std::string_view kind, const char* settings, const ImageSets& sets,
                  std::uint64_t seed = 1) {
  const TaskEntry& entry = *find_kind(task_entries(), kind);
  Faults faults;
  const Settings read = read_settings("tasks", json(settings), entry.parameters, {}, faults);
  entry.check(read, sets, faults);
  REQUIRE(faults == Faults{});
  return entry.make(read, sets, seed);
}

std::vector<float> input(const Examples& table, std::uint32_t row) {
  std::vector<float> numbers(table.width);
  table.copy_input(row, numbers);
  return numbers;
}

// The pixels of an image that were at these numbers of 255ths, from 0 to 1.
std::vector<float> shades(std::span<const std::uint8_t> image) {
  std::vector<float> numbers;
  for (std::uint8_t pixel : image) numbers.push_back(pixel / 255.0f);
  return numbers;
}

// Sets whose test images hold what they are asked to, and whose training images are the same.
ImageSets sets_of(std::vector<std::vector<std::uint8_t>> images, std::vector<std::uint8_t> labels) {
  ImageSet set;
  for (const auto& image : images)
    set.test.pixels.insert(set.test.pixels.end(), image.begin(), image.end());
  set.test.labels = std::move(labels);
  set.train = set.test;
  ImageSets sets;
  sets.give("mnist", std::move(set));
  return sets;
}

// From two images that say at every pixel where it is: the order in which a task has the pixels.
std::vector<std::size_t> order_of(const TaskSequence& sequence, const Examples& table, Range rows) {
  REQUIRE(rows.size() == 2);
  const auto low = input(table, rows.begin), high = input(table, rows.begin + 1);
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < sequence.inputs; ++i)
    order.push_back(static_cast<std::size_t>(std::lround(low[i] * 255) - 1) +
                    250 * static_cast<std::size_t>(std::lround(high[i] * 255) - 1));
  return order;
}

}  // namespace

TEST_CASE("digits: every task has its own permutation of the pixels, for all its images") {
  std::vector<std::vector<std::uint8_t>> places(2);
  for (std::size_t p = 0; p < kPixels; ++p) {
    places[0].push_back(static_cast<std::uint8_t>(p % 250 + 1));
    places[1].push_back(static_cast<std::uint8_t>(p / 250 + 1));
  }
  const ImageSets sets = sets_of(places, {3, 8});
  const char* settings = "{'data': 'mnist', 'tasks': 4, 'points': 0}";
  const TaskSequence sequence = make("permuted_digits", settings, sets);
  std::vector<std::size_t> straight(kPixels);
  for (std::size_t i = 0; i < kPixels; ++i) straight[i] = i;
  std::set<std::vector<std::size_t>> orders = {straight};
  for (const Task& task : sequence.tasks) {
    const auto order = order_of(sequence, sequence.train, task.train);
    CHECK(order == order_of(sequence, sequence.test, task.test));
    CHECK(std::set<std::size_t>(order.begin(), order.end()).size() == kPixels);
    CHECK(*std::max_element(order.begin(), order.end()) == kPixels - 1);
    CHECK(sequence.test.labels[task.test.begin + 1] == 8);
    orders.insert(order);
  }
  CHECK(orders.size() == 5);  // all different, and none the original's
  const TaskSequence other = make("permuted_digits", settings, sets, 2);
  CHECK(orders.count(order_of(other, other.train, other.tasks[0].train)) == 0);
}

TEST_CASE("digits: rotation is bilinear, counter-clockwise, by angles that grow over the range") {
  std::vector<std::uint8_t> spot(kPixels), noise;
  for (int y : {12, 13, 14, 15})  // 8 to the right of the middle
    for (int x : {20, 21, 22, 23}) spot[static_cast<std::size_t>(28 * y + x)] = 200;
  Random random(1, "noise");
  for (std::size_t p = 0; p < kPixels; ++p)
    noise.push_back(static_cast<std::uint8_t>(random.below(256)));
  const ImageSets sets = sets_of({spot, noise}, {0, 1});
  constexpr std::size_t kTasks = 6;
  const TaskSequence sequence =
      make("rotated_digits", "{'data': 'mnist', 'tasks': 6, 'points': 0, 'angle': 180}", sets, 5);
  for (std::size_t t = 0; t < kTasks; ++t) {
    const Task& task = sequence.tasks[t];
    const auto turned = input(sequence.test, task.test.begin);
    double mass = 0, right = 0, up = 0;
    for (std::size_t p = 0; p < kPixels; ++p) {
      mass += turned[p];
      right += turned[p] * (static_cast<double>(p % 28) - 13.5);
      up -= turned[p] * (static_cast<double>(p / 28) - 13.5);
    }
    CHECK(mass == Approx(16 * 200 / 255.0).epsilon(0.02));
    CHECK(std::hypot(right, up) / mass == Approx(8).epsilon(0.02));
    const double angle = std::atan2(up, right) * 180 / kPi;
    CHECK(angle > 30.0 * static_cast<double>(t) - 0.5);
    CHECK(angle < 30.0 * static_cast<double>(t + 1) + 0.5);
    CHECK(std::abs(std::stod(task.name) - angle) < 1);
    CHECK(sequence.train.labels[task.train.begin + 1] == 1);

    // Every pixel of the other image: a sum over all of the original's, by nearness.
    const double radians =
        Random(5, "rotation", t).uniform(30.0 * static_cast<double>(t), 30.0 * (t + 1.0)) * kPi /
        180;
    const auto all = input(sequence.test, task.test.begin + 1);
    for (std::size_t p = 0; p < kPixels; p += 5) {
      const double x = static_cast<double>(p % 28) - 13.5, y = 13.5 - static_cast<double>(p / 28);
      const double from_x = 13.5 + x * std::cos(radians) + y * std::sin(radians);
      const double from_y = 13.5 - (y * std::cos(radians) - x * std::sin(radians));
      double expected = 0;
      for (std::size_t q = 0; q < kPixels; ++q)
        expected += noise[q] / 255.0 *
                    std::max(0.0, 1 - std::abs(from_x - static_cast<double>(q % 28))) *
                    std::max(0.0, 1 - std::abs(from_y - static_cast<double>(q / 28)));
      REQUIRE(all[p] == Approx(expected).margin(1e-6));
    }
  }
  // To the nearest pixel: what is there in the original, or nothing.
  const TaskSequence nearest = make(
      "rotated_digits",
      "{'data': 'mnist', 'tasks': 6, 'points': 0, 'angle': 180, 'resampling': 'nearest'}", sets, 5);
  const double radians = Random(5, "rotation", 1).uniform(30, 60) * kPi / 180;
  const auto turned = input(nearest.test, nearest.tasks[1].test.begin + 1);
  for (std::size_t p = 0; p < kPixels; ++p) {
    const double x = static_cast<double>(p % 28) - 13.5, y = 13.5 - static_cast<double>(p / 28);
    const long column = std::lround(13.5 + x * std::cos(radians) + y * std::sin(radians));
    const long row = std::lround(13.5 - y * std::cos(radians) + x * std::sin(radians));
    const bool inside = row >= 0 && row < 28 && column >= 0 && column < 28;
    REQUIRE(turned[p] ==
            (inside ? noise[static_cast<std::size_t>(28 * row + column)] / 255.0f : 0));
  }
  const TaskSequence still =
      make("rotated_digits", "{'data': 'mnist', 'tasks': 2, 'points': 0, 'angle': 0}", sets);
  CHECK(input(still.train, still.tasks[1].train.begin + 1) == shades(noise));
}

TEST_CASE("digits: a split task has its two classes, labelled as the scenario says") {
  for (const std::string scenario : {"task", "domain", "class"}) {
    INFO(scenario);
    const std::string settings =
        "{'data': 'mnist', 'points': 0, 'tasks': 4, 'scenario': '" + scenario + "'}";
    const TaskSequence sequence = make("split_digits", settings.c_str(), images());
    CHECK(sequence.outputs == (scenario == "domain" ? 2 : 8));
    CHECK(sequence.inputs == kPixels);
    REQUIRE(sequence.tasks.size() == 4);
    const Images& originals = images().find("mnist")->train;
    for (std::uint32_t t = 0; t < 4; ++t) {
      const Task& task = sequence.tasks[t];
      REQUIRE(task.train.size() == 1000);
      REQUIRE(task.test.size() == 12);
      std::uint32_t row = task.train.begin;
      for (std::uint32_t i = 0; i < originals.count(); ++i) {
        if (originals.labels[i] / 2 != t) continue;
        const std::uint32_t k = originals.labels[i];
        REQUIRE(sequence.train.labels[row] == (scenario == "domain" ? k % 2 : k));
        REQUIRE(input(sequence.train, row) == shades(originals.image(i)));
        if (scenario == "task") {
          const Head head = sequence.train.head(row, sequence.outputs);
          REQUIRE(head.first == 2 * t);
          REQUIRE(head.count == 2);
        }
        ++row;
      }
      CHECK(row == task.train.end);
    }
    CHECK(sequence.train.heads.empty() == (scenario != "task"));
  }
}

TEST_CASE("digits: a subset is drawn anew for every task, without repetition") {
  const TaskSequence sequence = make(
      "rotated_digits", "{'tasks': 3, 'points': 100, 'test_points': 30, 'angle': 0}", images());
  const Images& originals = images().find("pack")->train;
  std::set<std::vector<std::uint32_t>> subsets;
  for (const Task& task : sequence.tasks) {
    REQUIRE(task.train.size() == 100);
    REQUIRE(task.test.size() == 30);
    std::vector<std::uint32_t> which;
    for (std::uint32_t row = task.train.begin; row < task.train.end; ++row) {
      const auto image = input(sequence.train, row);
      for (std::uint32_t i = 0; i < originals.count(); ++i)
        if (originals.labels[i] == sequence.train.labels[row] &&
            shades(originals.image(i)) == image)
          which.push_back(i);
    }
    CHECK(std::set<std::uint32_t>(which.begin(), which.end()).size() == 100);
    subsets.insert(which);
  }
  CHECK(subsets.size() == 3);
}

TEST_CASE("digits: with inputs of its own, a task's images stand in its block") {
  const char* own = "{'tasks': 3, 'points': 5, 'test_points': 5, 'inputs': 'own'}";
  const char* shared = "{'tasks': 3, 'points': 5, 'test_points': 5}";
  for (const char* kind : {"permuted_digits", "rotated_digits"}) {
    const TaskSequence wide = make(kind, own, images()), narrow = make(kind, shared, images());
    CHECK(wide.inputs == 3 * kPixels);
    for (std::size_t t = 0; t < 3; ++t)
      for (std::uint32_t row = wide.tasks[t].train.begin; row < wide.tasks[t].train.end; ++row) {
        std::vector<float> expected(3 * kPixels);
        const auto image = input(narrow.train, row);
        std::copy(image.begin(), image.end(), expected.begin() + static_cast<long>(t * kPixels));
        REQUIRE(input(wide.train, row) == expected);
      }
    // Its weights are drawn as if its own 784 inputs were all.
    const Network network({wide.inputs, 50, 10}, Activation::relu);
    const auto theta =
        network.initial_parameters(Initialization::xavier, wide.train, Random(1, "start"));
    const auto end = theta.begin() + static_cast<long>(wide.inputs * 50);
    CHECK(*std::max_element(theta.begin(), end) ==
          Approx(std::sqrt(6.0 / (784 + 50))).epsilon(1e-3));
  }
}

TEST_CASE("digits: images that were not given, or not enough of them, are named") {
  const auto faults_of = [](const char* tasks, const ImageSets& sets) {
    Faults faults;
    read_document(with(small_regression(), "tasks", tasks), sets, faults);
    return faults;
  };
  const Faults missing = faults_of("{'kind': 'split_digits', 'data': 'fashion_mnist'}", {});
  REQUIRE(missing.size() == 1);
  CHECK(missing[0].rfind("tasks.data: must be a data set that was given, not \"fashion_mnist\"; ",
                         0) == 0);
  CHECK(faults_of("{'kind': 'permuted_digits', 'points': 5001}", images()) ==
        Faults{"tasks.points: must be at most 5000, what pack has, not 5001"});
  CHECK(faults_of("{'kind': 'split_digits', 'points': 1001, 'test_points': 13}", images()) ==
        Faults{"tasks.points: must be at most 1000, what pack has, not 1001",
               "tasks.test_points: must be at most 12, what pack has, not 13"});
  CHECK(faults_of("{'kind': 'split_digits', 'points': 0, 'tasks': 6}", images()) ==
        Faults{"tasks.tasks: must be an integer from 1 to 5, not 6"});
}

TEST_CASE("digits: which image sets a document asks for") {
  const auto asked = [](const char* tasks) {
    return image_sets_of(with(small_regression(), "tasks", tasks));
  };
  using Names = std::vector<std::string>;
  CHECK(asked("{'kind': 'sines'}") == Names{});
  CHECK(asked("{'kind': 'split_digits'}") == Names{"pack"});
  CHECK(asked("{'kind': 'split_digits', 'data': 'mnist'}") == Names{"mnist"});
  CHECK(asked("{'kind': 'split_digits', 'data': ['mnist', 'fashion_mnist']}") ==
        Names{"mnist", "fashion_mnist"});
  CHECK(image_sets_of(json("3")) == Names{});
}

TEST_CASE("digits: a run is the run of the same data written out in a document") {
  Value document = with(small_regression(), "tasks",
                        "{'kind': 'split_digits', 'tasks': 2, 'points': 20, 'test_points': 8}");
  document = with(document, "methods", "[{'kind': 'ewc'}, {'kind': 'gem'}, {'kind': 'mas'}]");
  const TaskSequence sequence =
      make("split_digits", "{'tasks': 2, 'points': 20, 'test_points': 8}", images(), 5);
  Array tasks;
  for (const Task& task : sequence.tasks) {
    const auto written = [&](const Examples& table, Range rows) {
      Array inputs;
      Numbers labels;
      for (std::uint32_t row = rows.begin; row < rows.end; ++row) {
        const auto numbers = input(table, row);
        inputs.push_back(Numbers(numbers.begin(), numbers.end()));
        labels.push_back(table.labels[row]);
      }
      return Object{{"inputs", inputs}, {"labels", labels}};
    };
    tasks.push_back(Object{{"train", written(sequence.train, task.train)},
                           {"test", written(sequence.test, task.test)}});
  }
  const Value explicit_document = with(
      document, "tasks", Object{{"kind", "explicit"}, {"loss", "cross_entropy"}, {"tasks", tasks}});
  CHECK(digest_of(run(document)) == digest_of(run(explicit_document)));
}

TEST_CASE("digits: samples of every task, and what every learner says of them") {
  for (const char* tasks :
       {"{'kind': 'split_digits', 'tasks': 3, 'points': 20, 'scenario': 'task'}",
        "{'kind': 'permuted_digits', 'tasks': 3, 'points': 20, 'inputs': 'own'}"}) {
    const auto experiment = open(with(small_regression(), "tasks", tasks));
    const Value facts = experiment->describe();
    CHECK(number_at(facts, "image_side") == 28);
    const auto outputs = static_cast<std::size_t>(number_at(facts, "outputs"));
    std::vector<Numbers> labels;
    for (std::size_t t = 0; t < 3; ++t) {
      const std::string samples = "tasks[" + std::to_string(t) + "].samples";
      CHECK(numbers_at(facts, samples + ".inputs").size() == 10 * kPixels);
      labels.push_back(numbers_at(facts, samples + ".labels"));
      REQUIRE(labels.back().size() == 10);
    }
    if (outputs == 6)
      CHECK(labels[1] == Numbers{2, 3, 2, 3, 2, 3, 2, 3, 2, 3});
    else
      CHECK(labels[1] == Numbers{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});

    experiment->step(12 + 1);
    const Value halfway = experiment->snapshot();
    CHECK(size_at(halfway, "learners[0].samples.ends") == 1);
    const Numbers now = numbers_at(halfway, "learners[0].samples.now");
    REQUIRE(now.size() == 3 * 10 * outputs);
    for (std::size_t row = 0; row < 30; ++row) {
      double sum = 0, in_head = 0;
      for (std::size_t k = 0; k < outputs; ++k) {
        sum += now[row * outputs + k];
        if (outputs == 10 || k / 2 == row / 10) in_head += now[row * outputs + k];
      }
      CHECK(sum == Approx(1).epsilon(1e-5));
      CHECK(in_head == Approx(1).epsilon(1e-5));
    }
    experiment->step(1000);
    const Value end = experiment->snapshot();
    CHECK(size_at(end, "learners[0].samples.ends") == 3);
    CHECK(numbers_at(end, "learners[0].samples.now") ==
          numbers_at(end, "learners[0].samples.ends[2]"));
    CHECK(numbers_at(end, "learners[0].samples.ends[0]") ==
          numbers_at(halfway, "learners[0].samples.ends[0]"));
  }
}
