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

// The nonzero numbers of a table's inputs, row by row, in ascending columns.
struct Nonzeros {
  std::vector<std::uint32_t> begin;  // by row, and one past the last
  std::vector<std::uint32_t> column;
  std::vector<float> value;
  std::size_t widest = 0;  // no row has more
};

// A table of examples, row by row. `targets` for mse, `labels` for cross_entropy; the other is
// empty. Inputs of which enough are zero are held in `nonzeros` alone, others in `inputs` alone.
struct Examples {
  std::size_t width = 0;         // numbers in one input
  std::size_t target_width = 0;  // numbers in one target
  std::size_t fan_in = 0;        // numbers of one input that may differ from zero; 0: all
  std::vector<float> inputs;     // count × width
  Nonzeros nonzeros;
  std::vector<float> targets;           // count × target_width
  std::vector<std::uint32_t> labels;    // which output is right
  std::vector<Head> heads;              // by task, where each has its own; else empty
  std::vector<std::uint16_t> task;      // by row, where there are heads
  std::vector<std::uint32_t> all_rows;  // 0, 1, …, count − 1, by finish()

  // The outputs that count for a row, of `outputs` in all.
  Head head(std::uint32_t row, std::size_t outputs) const {
    return heads.empty() ? Head{0, static_cast<std::uint32_t>(outputs)} : heads[task[row]];
  }

  // After the last example was added.
  void finish();

  bool sparse() const { return !nonzeros.begin.empty(); }
  std::uint32_t count() const {
    const std::size_t rows = sparse() ? nonzeros.begin.size() - 1
                             : width  ? inputs.size() / width
                                      : 0;
    return static_cast<std::uint32_t>(rows);
  }
  // The numbers of the rows in a range, for functions that take any selection of rows.
  std::span<const std::uint32_t> rows(Range range) const {
    return std::span(all_rows).subspan(range.begin, range.size());
  }
  // Only where the table is not sparse.
  std::span<const float> input(std::uint32_t row) const {
    return {inputs.data() + row * width, width};
  }
  // These rows as a table of their own, in this order.
  Examples selection(std::span<const std::uint32_t> which) const;
  // Rows with their zeros, one after another.
  void copy_inputs(std::span<const std::uint32_t> which, std::vector<float>& to) const;
  void copy_input(std::uint32_t row, std::span<float> to) const;
  // Appends a row's inputs, given with their zeros and standing from column `first` on.
  void add_nonzeros(std::span<const float> input, std::size_t first);
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
  std::size_t image_side = 0;  // of the square images that the inputs are; 0: they are none
  Examples train, test;
  std::vector<Task> tasks;
};

}  // namespace palimpsest
