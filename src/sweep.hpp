// A sweep: one document that stands for many experiments, every combination of the values that its
// numbers may take. Nothing here runs them; sweep_run.hpp does.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "settings.hpp"

namespace palimpsest {

constexpr std::size_t kMostRuns = 1'000'000;

// One swept place of the document.
struct Axis {
  std::string path;                // methods[1].lambda
  std::vector<std::size_t> place;  // the same as positions in nested objects and lists
  std::vector<Value> values;
  bool counted = false;  // seeds from a count: one after another
};

class Sweep {
 public:
  Sweep(Value base, std::vector<Axis> axes, std::string fingerprint);

  // The number of combinations.
  std::size_t runs() const { return runs_; }
  // In the order written, the seed last unless it is itself a list: the first changes slowest.
  const std::vector<Axis>& axes() const { return axes_; }
  // 16 hexadecimal digits, different for different documents.
  const std::string& fingerprint() const { return fingerprint_; }

  // By axis: which of its values run `run` (from 0) has.
  std::vector<std::size_t> combination(std::size_t run) const;
  // The experiment document of that run.
  Value document(std::size_t run) const;

 private:
  Value base_;
  std::vector<Axis> axes_;
  std::string fingerprint_;
  std::size_t runs_ = 1;
};

// 16 hexadecimal digits that documents share only where they say the same.
std::string fingerprint(const Value& value);

// A document in which a list of scalars, or a range {"from": 1, "to": 1000, "steps": 13, "scale":
// "log"}, may stand for any scalar but a kind, a list of lists for a list of integers
// (network.hidden), and "seeds": n for the seeds from `seed` (or 1) on. Data and network.parameters
// are never swept. nullopt where there are faults, of the sweep itself; the experiments' own are
// not looked for.
std::optional<Sweep> read_sweep(const Value& value, Faults& faults);

// The values of a range, its ends exact and the others rounded to 12 significant digits.
Numbers range_values(double from, double to, std::size_t steps, Scale scale);

// What a sweep's rows hold: where they come from, what was swept, and of every learner its end.
class SweepTable {
 public:
  // resolved: a run's document with every default. tasks: the most that any run has.
  SweepTable(const Sweep& sweep, const Value& resolved, bool accuracy, std::size_t tasks);

  // sweep, run (from 1), the axes' paths, and by learner 1.ewc.status, 1.ewc.loss[0] and so on.
  const std::vector<std::string>& columns() const { return columns_; }
  // The row of a run, by column, from the experiment's result. null: there is nothing to say.
  std::vector<Value> row(std::size_t run, const Value& result) const;

 private:
  const Sweep& sweep_;
  std::vector<std::string> metrics_;
  std::vector<std::string> quantities_;  // loss, and accuracy for classification
  std::size_t tasks_;
  std::vector<std::string> columns_;
};

}  // namespace palimpsest
