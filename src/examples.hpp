// Training and test data: tables of examples, and the sequence of tasks that owns them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace palimpsest {

enum class Loss { mse, cross_entropy };

// The rows [begin, end) of a table.
struct Range {
  std::uint32_t begin = 0, end = 0;
  std::uint32_t size() const { return end - begin; }
};

// The outputs that one task's loss and predictions are taken over.
struct Head {
  std::uint32_t first = 0, count = 0;
};

// The nonzero numbers of a table's inputs, row by row, in ascending columns. Empty where too few
// inputs are zero for skipping them to pay.
struct Nonzeros {
  std::vector<std::uint32_t> begin;  // by row, and one past the last
  std::vector<std::uint32_t> column;
  std::vector<float> value;
};

// A table of examples, row by row. `targets` for mse, `labels` for cross_entropy; the other is empty.
struct Examples {
  std::size_t width = 0;         // numbers in one input
  std::size_t target_width = 0;  // numbers in one target
  std::vector<float> inputs;     // count × width
  std::vector<float> targets;    // count × target_width
  std::vector<std::uint32_t> labels;     // which output is right
  std::vector<Head> heads;               // by task, where each has its own; else empty
  std::vector<std::uint16_t> task;       // by row, where there are heads
  // What finish() derives.
  std::vector<std::uint32_t> all_rows;  // 0, 1, …, count − 1
  Nonzeros nonzeros;

  // The outputs that count for a row, of `outputs` in all.
  Head head(std::uint32_t row, std::size_t outputs) const {
    return heads.empty() ? Head{0, static_cast<std::uint32_t>(outputs)} : heads[task[row]];
  }

  // After the last example was added.
  void finish();

  std::uint32_t count() const {
    return width ? static_cast<std::uint32_t>(inputs.size() / width) : 0;
  }
  // The numbers of the rows in a range, for functions that take any selection of rows.
  std::span<const std::uint32_t> rows(Range range) const {
    return std::span(all_rows).subspan(range.begin, range.size());
  }
  std::span<const float> input(std::uint32_t row) const {
    return {inputs.data() + row * width, width};
  }
  std::span<const float> target(std::uint32_t row) const {
    return {targets.data() + row * target_width, target_width};
  }
};

// The curve from which a generated task's targets were drawn, sampled for plotting.
struct Truth {
  std::vector<double> x, y;
};

struct Task {
  std::string name;
  Range train, test;  // rows of TaskSequence::train and ::test
  Truth truth;        // empty where it is unknown
};

// The tasks in the order of training. All tasks' examples lie in one table, in task order, so that
// "the current task", "the tasks seen so far" and "all tasks" are ranges of it.
struct TaskSequence {
  Loss loss = Loss::mse;
  std::size_t inputs = 0, outputs = 0;  // the network's widths
  Examples train, test;
  std::vector<Task> tasks;
};

}  // namespace palimpsest
