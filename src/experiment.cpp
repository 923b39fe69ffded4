#include "experiment.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "inside.hpp"

namespace palimpsest {
namespace {

constexpr std::size_t kLinePoints = 240;  // of a fit over one input
constexpr std::size_t kPlanePoints = 48;  // in each direction, of a fit over two
constexpr std::size_t kSamples = 10;      // images of every task

std::vector<float> start(const Document& document, const Network& network) {
  if (!document.parameters.empty()) return network.from_document_order(document.parameters);
  return network.initial_parameters(document.initialization, document.tasks.train,
                                    Random(document.seed, "parameters"));
}

// The smallest and largest number of one input of a task, over both splits.
Numbers input_range(const TaskSequence& tasks, const Task& task, std::size_t input) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  const auto include = [&](const Examples& table, Range rows) {
    for (std::uint32_t row = rows.begin; row < rows.end; ++row) {
      low = std::min<double>(low, table.input(row)[input]);
      high = std::max<double>(high, table.input(row)[input]);
    }
  };
  include(tasks.train, task.train);
  include(tasks.test, task.test);
  if (!task.truth.x.empty()) {
    low = std::min(low, task.truth.x.front());
    high = std::max(high, task.truth.x.back());
  }
  return {low, high};
}

// `points` evenly spaced numbers over the range of one input, widened by `margin` of it at each
// end.
std::vector<double> axis(const TaskSequence& tasks, std::size_t input, std::size_t points,
                         double margin) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const Task& task : tasks.tasks) {
    const Numbers range = input_range(tasks, task, input);
    low = std::min(low, range[0]);
    high = std::max(high, range[1]);
  }
  const double widened = margin * (high - low);
  low -= widened;
  high += widened;
  std::vector<double> values(points);
  for (std::size_t i = 0; i < points; ++i)
    values[i] = low + (high - low) * static_cast<double>(i) / static_cast<double>(points - 1);
  return values;
}

// The largest of some outputs: its place, and by how much it is above the next, 0 where it is
// alone.
struct Largest {
  std::size_t place;
  float lead;
};

Largest largest(std::span<const float> outputs) {
  const auto best = std::max_element(outputs.begin(), outputs.end());
  float next = outputs.size() > 1 ? -std::numeric_limits<float>::infinity() : *best;
  for (auto other = outputs.begin(); other != outputs.end(); ++other)
    if (other != best) next = std::max(next, *other);
  return {static_cast<std::size_t>(best - outputs.begin()), *best - next};
}

Value show(const Examples& table, Range rows) {
  Floats inputs;
  table.copy_inputs(table.rows(rows), inputs);
  Object object{{"count", static_cast<double>(rows.size())}, {"inputs", std::move(inputs)}};
  if (table.labels.empty())
    object.emplace_back(
        "targets",
        Floats(table.targets.begin() + static_cast<std::ptrdiff_t>(rows.begin * table.target_width),
               table.targets.begin() + static_cast<std::ptrdiff_t>(rows.end * table.target_width)));
  else
    object.emplace_back(
        "labels", Numbers(table.labels.begin() + rows.begin, table.labels.begin() + rows.end));
  return object;
}

// Test images of a task, of every class in turn, each time the next one of the class.
std::vector<std::uint32_t> sample(const TaskSequence& tasks, const Task& task) {
  std::vector<std::vector<std::uint32_t>> by_class(tasks.outputs);
  for (std::uint32_t row = task.test.begin; row < task.test.end; ++row)
    by_class[tasks.test.labels[row]].push_back(row);
  const std::size_t count = std::min<std::size_t>(kSamples, task.test.size());
  std::vector<std::uint32_t> rows;
  for (std::size_t turn = 0; rows.size() < count; ++turn)
    for (const auto& of_class : by_class)
      if (turn < of_class.size() && rows.size() < count) rows.push_back(of_class[turn]);
  return rows;
}

// Images as the network gets them, each moved to the first inputs where every task has its own.
Value show_images(const Examples& table, std::span<const std::uint32_t> rows, std::size_t pixels) {
  Floats images(rows.size() * pixels);
  Numbers labels;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    labels.push_back(table.labels[rows[r]]);
    std::vector<float> input(table.width);
    table.copy_input(rows[r], input);
    for (std::size_t i = 0; i < input.size(); ++i)
      if (input[i] != 0) images[r * pixels + i % pixels] = input[i];
  }
  return Object{{"inputs", std::move(images)}, {"labels", std::move(labels)}};
}

// Of images a few only: there may be 60,000.
Value show(const TaskSequence& tasks, const Task& task, std::span<const std::uint32_t> samples) {
  Object object{{"name", task.name}, {"loss", tasks.loss == Loss::mse ? "mse" : "cross_entropy"}};
  if (tasks.image_side) {
    object.emplace_back("train", Object{{"count", static_cast<double>(task.train.size())}});
    object.emplace_back("test", Object{{"count", static_cast<double>(task.test.size())}});
    object.emplace_back("samples",
                        show_images(tasks.test, samples, tasks.image_side * tasks.image_side));
  } else {
    object.emplace_back("train", show(tasks.train, task.train));
    object.emplace_back("test", show(tasks.test, task.test));
  }
  if (tasks.inputs == 1) object.emplace_back("range", input_range(tasks, task, 0));
  object.emplace_back("truth", task.truth.x.empty()
                                   ? Value()
                                   : Value(Object{{"x", task.truth.x}, {"y", task.truth.y}}));
  return object;
}

Array rows(const std::vector<std::vector<double>>& values) {
  Array array;
  for (const auto& row : values) array.push_back(row);
  return array;
}

Array rows(const std::vector<std::vector<float>>& values) {
  Array array;
  for (const auto& row : values) array.push_back(row);
  return array;
}

Value rows_or_null(const std::vector<std::vector<double>>& values) {
  return values.empty() ? Value() : Value(rows(values));
}

Value show(const Curves& curves) {
  return Object{{"step", curves.step},
                {"loss", rows(curves.loss)},
                {"train_loss", rows(curves.train_loss)},
                {"accuracy", rows_or_null(curves.accuracy)}};
}

Value show(const Diagnostics& diagnostics) {
  return Object{{"loss", diagnostics.loss},
                {"penalty", diagnostics.penalty},
                {"gradient_norm", diagnostics.norm},
                {"cosine", diagnostics.cosine}};
}

Value show(const ResultMatrix& matrix) {
  return Object{{"initial", matrix.initial}, {"after", rows(matrix.after)}};
}

// By accuracy where there is one, else by loss; null before the end.
Value metrics_of(const Learner& learner) {
  if (learner.status() != Status::finished) return {};
  const bool accuracy = !learner.curves().accuracy.empty();
  const ResultMatrix matrix =
      learner.matrix(accuracy ? learner.curves().accuracy : learner.curves().loss);
  const Metrics m = metrics(matrix, accuracy);
  const std::string quantity = accuracy ? "accuracy" : "loss";
  return Object{{"average_" + quantity, m.average},
                {"learning_" + quantity, m.learning},
                {"backward_transfer", m.backward_transfer},
                {"forward_transfer", m.forward_transfer},
                {"forgetting", m.forgetting}};
}

const char* name(Status status) {
  return status == Status::running    ? "running"
         : status == Status::finished ? "finished"
                                      : "diverged";
}

Value diverged_at(const Learner& learner) {
  return learner.status() == Status::diverged ? Value(learner.diverged_at()) : Value();
}

Value show(const RecordedProjection& recorded) {
  const ProjectionReport& report = recorded.report;
  return Object{{"step", recorded.step},
                {"active", report.active},
                {"before", report.before},
                {"after", report.after},
                {"multipliers", report.multipliers},
                {"kkt_residual", report.kkt_residual}};
}

// null where there was nothing to compare with.
Value show(const ProjectionTally& tally) {
  if (!tally.last) return {};
  const ProjectionReport& report = tally.last->report;
  return Object{{"steps", tally.steps},
                {"active_steps", tally.active},
                {"step", tally.last->step},
                {"active", report.active},
                {"before", report.before},
                {"after", report.after},
                {"multipliers", report.multipliers},
                {"norms", report.norms},
                {"norm", tally.last->norm},
                {"used_norm", tally.last->used_norm},
                {"cosine", tally.last->cosine}};
}

std::vector<float> magnitudes(std::span<const float> values) {
  std::vector<float> result(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) result[i] = std::abs(values[i]);
  return result;
}

}  // namespace

Experiment::Experiment(std::unique_ptr<Document> document)
    : document_(std::move(document)),
      network_(document_->widths, document_->activation),
      start_(start(*document_, network_)) {
  learners_.reserve(document_->learners.size());
  for (std::size_t i = 0; i < document_->learners.size(); ++i)
    learners_.emplace_back(*document_, i, network_, start_);
  const TaskSequence& tasks = document_->tasks;
  if (tasks.inputs == 1) grid_ = {axis(tasks, 0, kLinePoints, 0), {}};
  if (tasks.inputs == 2)
    grid_ = {axis(tasks, 0, kPlanePoints, 0.05), axis(tasks, 1, kPlanePoints, 0.05)};
  if (tasks.image_side)
    for (const Task& task : tasks.tasks) {
      const auto rows = sample(tasks, task);
      samples_.insert(samples_.end(), rows.begin(), rows.end());
    }
  fits_at_ends_.resize(learners_.size());
  answers_at_ends_.resize(learners_.size());
}

std::size_t Experiment::step(std::size_t count) {
  count = std::min(count, document_->ends.back() - done_);
  done_ += count;
  for (Learner& learner : learners_) learner.train_until(done_);
  return count;
}

Value Experiment::metrics(std::size_t learner) const { return metrics_of(learners_[learner]); }

// A live parameter's value after `step` steps, with what was changed by hand.
static double number_in_force(const Document& document, std::size_t learner,
                              const std::string& key, std::size_t step) {
  double value = document.learners[learner].settings.number(key);
  for (const Alteration& change : document.alterations)
    if (change.step <= step && change.learner == learner && change.key == key)
      value = *change.value.as<double>();
  return value;
}

Faults Experiment::alter(std::size_t learner, const std::string& key, const Value& value) {
  Faults faults = check_alteration(*document_, learner, key, value);
  if (!faults.empty()) return faults;
  auto& all = document_->alterations;
  std::erase_if(all, [&](const Alteration& other) {
    return other.step == done_ && other.learner == learner && other.key == key;
  });
  if (number_in_force(*document_, learner, key, done_) != *value.as<double>()) {
    const auto later = [](std::size_t step, const Alteration& other) { return step < other.step; };
    all.insert(std::upper_bound(all.begin(), all.end(), done_, later), {done_, learner, key, value});
  }
  Array list;
  for (const Alteration& alteration : all) list.push_back(palimpsest::describe(alteration));
  auto& resolved = document_->resolved;
  if (resolved.back().first == "alterations") resolved.pop_back();
  if (!list.empty()) resolved.emplace_back("alterations", std::move(list));
  return {};
}

std::string Experiment::digest() const {
  Digest digest;
  for (const Learner& learner : learners_) digest.add(learner.digest().value());
  return digest.text();
}

Value Experiment::describe() const {
  Array tasks, learners;
  const TaskSequence& sequence = document_->tasks;
  for (const Task& task : sequence.tasks) {
    std::size_t first = 0;  // of the task's samples: they follow one another as the tasks do
    while (first < samples_.size() && samples_[first] < task.test.begin) ++first;
    std::size_t last = first;
    while (last < samples_.size() && samples_[last] < task.test.end) ++last;
    tasks.push_back(show(sequence, task, std::span(samples_).subspan(first, last - first)));
  }
  for (const LearnerPlan& plan : document_->learners)
    learners.push_back(Object{{"kind", plan.method->kind}, {"label", plan.method->label}});
  Value grid;
  if (!grid_.x.empty())
    grid = Object{{"x", grid_.x}, {"y", grid_.y.empty() ? Value() : Value(grid_.y)}};
  return Object{{"experiment", document_->resolved},
                {"steps", document_->ends.back()},
                {"boundaries", Numbers(document_->ends.begin(), document_->ends.end())},
                {"tasks", std::move(tasks)},
                {"inputs", network_.inputs()},
                {"outputs", network_.outputs()},
                {"image_side", sequence.image_side ? Value(sequence.image_side) : Value()},
                {"grid", std::move(grid)},
                {"parameters", network_.parameters()},
                {"learners", std::move(learners)}};
}

std::vector<float> Experiment::fit(std::span<const float> parameters, std::size_t task) {
  std::vector<float> inputs;
  if (grid_.y.empty()) inputs.assign(grid_.x.begin(), grid_.x.end());
  for (double y : grid_.y)
    for (double x : grid_.x) {
      inputs.push_back(static_cast<float>(x));
      inputs.push_back(static_cast<float>(y));
    }
  const auto outputs = network_.forward(parameters, inputs, workspace_);
  const std::size_t width = network_.outputs();
  const Examples& data = document_->tasks.train;
  const Head head = data.head(document_->tasks.tasks[task].train.begin, width);
  const std::size_t count = outputs.size() / width;
  const bool classes = document_->tasks.loss != Loss::mse, plane = !grid_.y.empty();
  std::vector<float> values(classes && plane ? 2 * count : count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto own = outputs.subspan(i * width + head.first, head.count);
    const auto [place, lead] = largest(own);
    values[i] = classes ? static_cast<float>(head.first + place) : own.front();
    if (classes && plane) values[count + i] = lead;
  }
  return values;
}

std::vector<float> Experiment::answers(std::span<const float> parameters) {
  const Examples& data = document_->tasks.test;
  const auto outputs = network_.forward(parameters, data, samples_, workspace_);
  std::vector<float> probabilities(outputs.size());
  const std::size_t width = network_.outputs();
  for (std::size_t r = 0; r < samples_.size(); ++r) {
    const Head head = data.head(samples_[r], width);
    const std::size_t at = r * width + head.first;
    const auto some = std::span(probabilities).subspan(at, head.count);
    std::copy_n(outputs.begin() + static_cast<std::ptrdiff_t>(at), head.count, some.begin());
    softmax(some);
  }
  return probabilities;
}

Value Experiment::snapshot() {
  const auto& all_ends = document_->ends;
  const auto task = static_cast<std::size_t>(
      std::upper_bound(all_ends.begin(), all_ends.end() - 1, done_) - all_ends.begin());
  Array learners;
  for (std::size_t i = 0; i < learners_.size(); ++i) {
    const Learner& learner = learners_[i];
    auto& ends = fits_at_ends_[i];
    Value fits;
    if (!grid_.x.empty()) {
      while (ends.size() < learner.ends().size())
        ends.push_back(fit(learner.ends()[ends.size()], ends.size()));
      const auto kept = learner.kept();
      fits = Object{{"now", fit(learner.parameters(), task)},
                    {"ends", rows(ends)},
                    {"kept", Numbers(kept.begin(), kept.end())}};
    }
    Value samples;
    if (!samples_.empty()) {
      auto& then = answers_at_ends_[i];
      while (then.size() < learner.ends().size())
        then.push_back(answers(learner.ends()[then.size()]));
      samples = Object{{"now", answers(learner.parameters())}, {"ends", rows(then)}};
    }
    Value altered_at;
    for (const Alteration& alteration : document_->alterations)
      if (alteration.learner == i && alteration.step <= done_ && altered_at.is_null())
        altered_at = alteration.step;
    learners.push_back(Object{{"status", name(learner.status())},
                              {"diverged_at", diverged_at(learner)},
                              {"altered_at", std::move(altered_at)},
                              {"curves", show(learner.curves())},
                              {"diagnostics", show(learner.diagnostics())},
                              {"fit", std::move(fits)},
                              {"samples", std::move(samples)},
                              {"metrics", metrics_of(learner)},
                              {"digest", finished() ? Value(learner.digest().text()) : Value()}});
  }
  return Object{{"step", done_},
                {"task", task},
                {"finished", finished()},
                {"learners", std::move(learners)},
                {"digest", finished() ? Value(digest()) : Value()}};
}

Value Experiment::inside(std::size_t index, std::size_t most) {
  Learner& learner = learners_[index];
  const std::vector<float>& anchor =
      learner.task() == 0 ? start_ : learner.ends()[learner.task() - 1];
  const Springs springs = learner.springs();
  const bool held = !springs.stiffness.empty();
  const auto units = heaviest_units(network_, held ? springs.stiffness : magnitudes(anchor), most);
  Array columns;
  for (const auto& places : units) columns.push_back(Numbers(places.begin(), places.end()));
  return Object{{"step", done_},
                {"task", learner.task()},
                {"units", std::move(columns)},
                {"values", between(network_, units, learner.parameters())},
                {"anchors", between(network_, units, anchor)},
                {"stiffness", held ? Value(between(network_, units, springs.stiffness)) : Value()},
                {"tension", held ? Value(between(network_, units, springs.tension)) : Value()},
                {"projection", show(learner.tally())}};
}

std::optional<double> Experiment::loss(std::size_t task, const Numbers& parameters) {
  const TaskSequence& all = document_->tasks;
  if (task >= all.tasks.size() || parameters.size() != network_.parameters()) return {};
  const auto theta =
      network_.from_document_order(std::vector<float>(parameters.begin(), parameters.end()));
  return evaluate({network_, all.test, all.loss}, theta, all.tasks[task].test, workspace_).loss;
}

Value Experiment::result() const {
  Array learners;
  const Value resolved = document_->resolved;
  const Array& methods = *resolved.find("methods")->as<Array>();
  const RecordPlan& record = document_->record;
  for (std::size_t i = 0; i < learners_.size(); ++i) {
    const Learner& learner = learners_[i];
    const Curves& curves = learner.curves();
    Array importance, projections;
    for (const auto& weights : learner.importance())
      importance.push_back(weights.empty() ? Value() : Value(network_.to_document_order(weights)));
    for (const RecordedProjection& projection : learner.projections())
      projections.push_back(show(projection));
    Object object{
        {"method", methods[i]},
        {"status", name(learner.status())},
        {"diverged_at", diverged_at(learner)},
        {"digest", learner.digest().text()},
        {"curves", show(curves)},
        {"diagnostics", show(learner.diagnostics())},
        {"matrix",
         Object{{"loss", show(learner.matrix(curves.loss))},
                {"accuracy",
                 curves.accuracy.empty() ? Value() : show(learner.matrix(curves.accuracy))}}},
        {"metrics", metrics_of(learner)},
        {"parameters",
         record.parameters ? Value(network_.to_document_order(learner.parameters())) : Value()},
        {"importance", record.importance ? Value(std::move(importance)) : Value()}};
    if (record.gradients) object.emplace_back("gradients", std::move(projections));
    learners.push_back(std::move(object));
  }
  return Object{{"version", 1},
                {"experiment", resolved},
                {"digest", digest()},
                {"learners", std::move(learners)}};
}

}  // namespace palimpsest
