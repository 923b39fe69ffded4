#include "reproduce.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <memory>
#include <stdexcept>

#include "experiment.hpp"
#include "json.hpp"
#include "parallel.hpp"
#include "sweep.hpp"

namespace palimpsest {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

struct Embedded {
  const char *name, *text;
};
constexpr Embedded kSources[] = {
#include "reproductions.inc"
};

// How a published figure is called, here and in the results' metrics. Transfers are published
// divided by T, as Lopez-Paz & Ranzato's code has it, where section 2 of their paper has T − 1.
struct Quantity {
  const char *key, *metric, *label;
  bool transfer;
};
constexpr Quantity kQuantities[] = {
    {"accuracy", "average_accuracy", "accuracy", false},
    {"backward_transfer", "backward_transfer", "backward transfer", true},
    {"forward_transfer", "forward_transfer", "forward transfer", true},
    {"forgetting", "forgetting", "forgetting", false}};

struct Row {
  std::string method, reason;
  double within = std::numeric_limits<double>::infinity();
  std::vector<double> published;            // by quantity; NaN: none
  std::vector<std::vector<double>> values;  // by quantity, and there by seed
};

// One experiment, all seeds of it.
struct Part {
  Value experiment;
  std::size_t tasks = 0;
  std::vector<Row> rows;  // by learner
};

struct Reproduction {
  std::string title, source;
  std::vector<std::string> notes;
  std::size_t seeds = 1;
  std::string takes;  // how long it does, where it does so
  std::vector<Part> parts;
};

const Value& member(const Value& value, std::string_view key) {
  if (const Value* found = value.find(key)) return *found;
  throw std::logic_error("a reproduction lacks " + std::string(key));
}

std::string text(const Value& value, std::string_view key) {
  const Value* found = value.find(key);
  return found ? *found->as<std::string>() : "";
}

Row read_row(const Value& value, const std::string& part) {
  Row row;
  row.method = (part.empty() ? "" : part + ": ") + text(value, "method");
  row.reason = text(value, "reason");
  if (const Value* within = value.find("within")) row.within = *within->as<double>();
  for (const Quantity& quantity : kQuantities) {
    const Value* figure = member(value, "published").find(quantity.key);
    row.published.push_back(figure ? *figure->as<double>() : kNone);
    row.values.emplace_back();
  }
  return row;
}

Reproduction read_reproduction(const char* json) {
  Faults faults;
  const Value value = parse_json(json, faults);
  if (!faults.empty()) throw std::logic_error(faults.front());
  Reproduction reproduction{
      text(value, "title"), text(value, "source"), {}, 1, text(value, "takes"), {}};
  reproduction.seeds = static_cast<std::size_t>(*member(value, "seeds").as<double>());
  for (const Value& note : *member(value, "notes").as<Array>())
    reproduction.notes.push_back(*note.as<std::string>());
  for (const Value& given : *member(value, "parts").as<Array>()) {
    Part part;
    part.experiment = member(given, "experiment");
    part.tasks =
        static_cast<std::size_t>(*member(member(part.experiment, "tasks"), "tasks").as<double>());
    for (const Value& row : *member(given, "rows").as<Array>())
      part.rows.push_back(read_row(row, text(given, "name")));
    if (part.rows.size() != member(part.experiment, "methods").as<Array>()->size())
      throw std::logic_error("a reproduction must have a row for every method");
    reproduction.parts.push_back(std::move(part));
  }
  return reproduction;
}

Reproduction find_reproduction(const std::string& name) {
  std::string known;
  for (const Embedded& source : kSources) {
    if (name == source.name) return read_reproduction(source.text);
    known += (known.empty() ? "" : ", ") + std::string(source.name);
  }
  throw std::runtime_error(must_be("NAME", "one of " + known, name));
}

void set(Value& object, std::string_view key, Value value) {
  for (auto& [name, old] : *object.as<Object>())
    if (name == key) {
      old = std::move(value);
      return;
    }
  object.as<Object>()->emplace_back(key, std::move(value));
}

// The document with fewer tasks.
void shorten(Part& part, std::size_t tasks) {
  if (tasks > part.tasks)
    throw std::runtime_error(
        must_be("--tasks", "an integer from 2 to " + std::to_string(part.tasks), tasks));
  part.tasks = tasks;
  for (auto& [key, value] : *part.experiment.as<Object>())
    if (key == "tasks") set(value, "tasks", tasks);
}

// A part's document with one seed, from 0, and some of its methods, by row.
Value document_of(const Part& part, std::size_t seed, const std::vector<std::size_t>& rows) {
  Value value = part.experiment;
  Array methods;
  for (std::size_t row : rows) methods.push_back((*member(value, "methods").as<Array>())[row]);
  set(value, "seed", seed + 1);
  set(value, "methods", std::move(methods));
  return value;
}

// What came of every run, one JSON line each, in a file that a later call goes on with. A run is
// known again by the fingerprint of its document, with its own method only.
class Record {
 public:
  explicit Record(const std::string& path) : path_(path) {
    std::ifstream file(path, std::ios::binary);
    std::size_t number = 0;
    for (std::string line; std::getline(file, line);) {
      ++number;
      Faults faults;
      const Value value = parse_json(line, faults);
      const Value* run = value.find("run");
      const std::string* print = run ? run->as<std::string>() : nullptr;
      if (!print)
        throw std::runtime_error(path + ", line " + std::to_string(number) +
                                 ": is not what reproduce keeps");
      metrics_[*print] = value;
    }
    if (!path.empty()) try_to_write();
  }

  // nullptr where the run is not there.
  const Value* find(const Part& part, std::size_t seed, std::size_t row) const {
    const auto found = metrics_.find(fingerprint(document_of(part, seed, {row})));
    return found == metrics_.end() ? nullptr : &found->second;
  }

  bool has(const Part& part, std::size_t seed) const {
    for (std::size_t row = 0; row < part.rows.size(); ++row)
      if (!find(part, seed, row)) return false;
    return true;
  }

  void add(const Part& part, std::size_t seed, std::size_t row) const {
    if (path_.empty()) return;
    Object line{{"run", fingerprint(document_of(part, seed, {row}))},
                {"method", part.rows[row].method},
                {"seed", seed + 1}};
    for (std::size_t q = 0; q < std::size(kQuantities); ++q)
      if (!std::isnan(part.rows[row].published[q]))
        line.emplace_back(kQuantities[q].metric, part.rows[row].values[q][seed]);
    std::ofstream file(path_, std::ios::binary | std::ios::app);
    file << write_json(line) + "\n" << std::flush;
    if (!file) throw std::runtime_error(path_ + ": cannot be written");
  }

 private:
  // Before any run, and leaving nothing behind.
  void try_to_write() const {
    std::error_code error;
    const bool there = std::filesystem::exists(path_, error);
    const bool right = std::ofstream(path_, std::ios::binary | std::ios::app).good();
    if (right && !there) std::filesystem::remove(std::filesystem::canonical(path_, error), error);
    if (!right) throw std::runtime_error(path_ + ": cannot be written");
  }

  std::string path_;
  std::map<std::string, Value> metrics_;  // by fingerprint
};

// How many seeds of all parts are there, from the first on.
std::size_t complete_seeds(const Reproduction& reproduction, const Record& record) {
  for (std::size_t seed = 0;; ++seed)
    for (const Part& part : reproduction.parts)
      if (!record.has(part, seed)) return seed;
}

// NaN for a learner that diverged.
void set_values(Row& row, std::size_t seed, const Value& metrics) {
  for (std::size_t q = 0; q < std::size(kQuantities); ++q) {
    const Value* metric = metrics.find(kQuantities[q].metric);
    const double* value = metric ? metric->as<double>() : nullptr;
    row.values[q][seed] = value ? *value : kNone;
  }
}

// Every learner of every part and seed that is not in the record, several at a time; those of one
// experiment share its data.
class Runs {
 public:
  Runs(Reproduction& reproduction, std::size_t seeds, const ImageSets& sets, const Record& record)
      : sets_(sets), record_(record) {
    for (Part& part : reproduction.parts) {
      for (Row& row : part.rows)
        for (auto& values : row.values) values.resize(seeds);
      for (std::size_t s = 0; s < seeds; ++s) add(part, s);
    }
  }

  void train(std::size_t jobs) {
    std::atomic<std::size_t> percents{0}, done{0};
    const Progress progress(learners_.size());
    Pool pool(jobs, learners_.size(), [&](std::size_t i) {
      train(*learners_[i].run, learners_[i].index, percents);
      ++done;
    });
    while (done < learners_.size() && !pool.failed()) {
      progress.show(done, percents);
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    pool.finish();
  }

 private:
  struct Run {
    Run(Part& of, std::size_t seed) : part(of), seed(seed) {}
    Part& part;
    std::size_t seed;               // from 0
    std::vector<std::size_t> rows;  // of its learners
    std::mutex mutex;
    std::unique_ptr<Experiment> experiment;  // while its learners train
    std::size_t steps = 0, left = 0;
  };
  struct Learner {
    Run* run;
    std::size_t index;
  };

  void add(Part& part, std::size_t seed) {
    auto run = std::make_unique<Run>(part, seed);
    for (std::size_t row = 0; row < part.rows.size(); ++row) {
      if (const Value* metrics = record_.find(part, seed, row)) {
        set_values(part.rows[row], seed, *metrics);
      } else {
        learners_.push_back({run.get(), run->rows.size()});
        run->rows.push_back(row);
      }
    }
    run->left = run->rows.size();
    if (run->left > 0) runs_.push_back(std::move(run));
  }

  void train(Run& run, std::size_t learner, std::atomic<std::size_t>& percents) {
    open(run);
    for (std::size_t percent = 1; percent <= 100; ++percent) {
      run.experiment->train_learner(learner, run.steps * percent / 100);
      ++percents;
    }
    const std::lock_guard lock(run.mutex);
    keep(run, learner);
    if (--run.left == 0) run.experiment.reset();
  }

  void open(Run& run) {
    const std::lock_guard lock(run.mutex);
    if (run.experiment) return;
    Faults faults;
    auto document = read_document(document_of(run.part, run.seed, run.rows), sets_, faults);
    if (!document) throw std::runtime_error(faults.front());
    run.steps = document->ends.back();
    run.experiment = std::make_unique<Experiment>(std::move(document));
  }

  void keep(Run& run, std::size_t learner) {
    const std::size_t row = run.rows[learner];
    set_values(run.part.rows[row], run.seed, run.experiment->metrics(learner));
    const std::lock_guard lock(mutex_);
    record_.add(run.part, run.seed, row);
  }

  const ImageSets& sets_;
  const Record& record_;
  std::mutex mutex_;  // of the record's file
  std::vector<std::unique_ptr<Run>> runs_;
  std::vector<Learner> learners_;
};

std::string decimal(double number) {
  char characters[32];
  std::snprintf(characters, sizeof characters, "%.3f", number);
  const std::string text = characters[0] == '-' ? "−" + std::string(characters + 1) : characters;
  return text == "−0.000" ? "0.000" : text;
}

std::string spread(const Comparison& ours) {
  if (ours.seeds == 0) return "not run";
  return decimal(ours.mean) + (std::isnan(ours.deviation) ? "" : " ± " + decimal(ours.deviation));
}

std::string verdict(double published, const Comparison& ours, const Row& row) {
  if (ours.seeds == 0) return "open";
  if (std::isnan(ours.mean)) return "no: a learner diverged";
  if (std::isnan(ours.deviation)) return "open";
  if (ours.agrees) return "yes";
  const double apart = ours.mean - published;
  const std::string far = decimal(std::abs(apart)) + (apart > 0 ? " higher" : " lower");
  const bool near = std::abs(apart) <= 2 * ours.deviation;  // but not near enough for this row
  return "no: " + (near ? "within 2 deviations, but " + far + "; for " + row.method + " at most " +
                              decimal(row.within)
                        : far);
}

// What is printed, and how the published figures fare.
class Table {
 public:
  // tasks: of the short form; 0: the whole.
  Table(const Reproduction& reproduction, std::size_t seeds, std::size_t tasks)
      : reproduction_(reproduction), whole_(tasks == 0), seeds_(seeds) {
    text_ = reproduction.title + ".\n" +
            (whole_ ? "Published: " + reproduction.source
                    : "A short form: the first " + std::to_string(tasks) + " tasks") +
            ".\nHere: " + of_seeds() + ".\n\n";
    text_ += whole_ ? "| method | | published | here | met |\n"
                      "|---|---|---|---|---|\n"
                    : "| method | | here |\n|---|---|---|\n";
    for (const Part& part : reproduction.parts)
      for (const Row& row : part.rows) add(row, part.tasks);
  }

  Reproduced finish() {
    if (!whole_) return {text_, true};
    text_ +=
        "\n" + (seeds_ == 1
                    ? std::string("One seed leaves open whether the published figures are met.\n")
                : seeds_ ? std::to_string(met_) + " of " + std::to_string(figures_) +
                               " published figures are met.\n"
                         : "");
    for (const std::string& reason : reasons_) text_ += "- " + reason + "\n";
    for (const std::string& note : reproduction_.notes) text_ += "- " + note + "\n";
    return {text_, as_expected_};
  }

 private:
  std::string of_seeds() const {
    if (seeds_ == 0)
      return "not run" +
             (reproduction_.takes.empty() ? "" : ", since it takes " + reproduction_.takes);
    return "mean ± standard deviation of " + std::to_string(seeds_) +
           (seeds_ == 1 ? " seed" : " seeds");
  }

  void add(const Row& row, std::size_t tasks) {
    std::string name = row.method;
    bool met = true;
    for (std::size_t q = 0; q < std::size(kQuantities); ++q) {
      const double published = row.published[q];
      if (std::isnan(published)) continue;
      const Quantity& quantity = kQuantities[q];
      std::vector<double> values = row.values[q];
      const double share = (static_cast<double>(tasks) - 1) / static_cast<double>(tasks);
      if (quantity.transfer)
        for (double& value : values) value *= share;
      const Comparison ours = compare(published, values, row.within);
      line(row, name, quantity.label + std::string(quantity.transfer ? " / T" : ""), published,
           ours);
      if (quantity.transfer)
        line(row, "", quantity.label + std::string(" / (T − 1)"), kNone,
             compare(kNone, row.values[q], row.within));
      name = "";
      met = met && ours.agrees;
      ++figures_;
      met_ += ours.agrees;
    }
    if (met || !whole_ || seeds_ < 2) return;
    if (row.reason.empty())
      as_expected_ = false;
    else
      reasons_.push_back(row.method + ": " + row.reason);
  }

  void line(const Row& row, const std::string& name, const std::string& label, double published,
            const Comparison& ours) {
    const bool open = std::isnan(published);
    text_ += "| " + name + " | " + label + " | ";
    if (whole_) text_ += (open ? "" : decimal(published)) + std::string(" | ");
    text_ += spread(ours) + " |";
    if (whole_) text_ += " " + (open ? "" : verdict(published, ours, row)) + " |";
    text_ += "\n";
  }

  const Reproduction& reproduction_;
  bool whole_;  // all tasks
  std::size_t seeds_;
  std::string text_;
  std::vector<std::string> reasons_;
  std::size_t figures_ = 0, met_ = 0;
  bool as_expected_ = true;
};

}  // namespace

Comparison compare(double published, const std::vector<double>& values, double within) {
  const auto count = static_cast<double>(values.size());
  double mean = 0, squares = 0;
  for (double value : values) mean += value / count;
  for (double value : values) squares += (value - mean) * (value - mean);
  const double deviation = values.size() > 1 ? std::sqrt(squares / (count - 1)) : kNone;
  const double apart = std::abs(published - mean);
  return {values.size(), mean, deviation, apart <= 2 * deviation && apart <= within};
}

std::string list_reproductions() {
  std::string list;
  for (const Embedded& source : kSources) {
    const Reproduction reproduction = read_reproduction(source.text);
    list += (list.empty() ? "" : "\n") + std::string(source.name) + ": " + reproduction.title +
            " (" + reproduction.source + ")" +
            (reproduction.takes.empty() ? "" : "; takes " + reproduction.takes);
  }
  return list;
}

std::vector<std::string> image_sets_of_reproduction(const std::string& name) {
  std::vector<std::string> names;
  for (const Part& part : find_reproduction(name).parts)
    for (const std::string& set : image_sets_of(part.experiment)) names.push_back(set);
  return names;
}

Reproduced reproduce(const ReproduceOptions& options, const ImageSets& sets) {
  Reproduction reproduction = find_reproduction(options.name);
  if (options.tasks)
    for (Part& part : reproduction.parts) shorten(part, options.tasks);
  const Record record(options.keep);
  const std::size_t asked = options.seeds.value_or(reproduction.seeds);
  const std::size_t seeds = asked ? asked : complete_seeds(reproduction, record);
  Runs(reproduction, seeds, sets, record).train(options.jobs);
  return Table(reproduction, seeds, options.tasks).finish();
}

}  // namespace palimpsest
