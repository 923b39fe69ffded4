// Episodic memories: a few examples of every finished task.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "method.hpp"

namespace palimpsest {

// What the methods that hold a memory have in common.
constexpr Parameter memory_per_task_parameter() {
  return {.key = "memory_per_task",
          .label = "memory a task",
          .symbol = "m",
          .help = "How many examples of every finished task are kept.",
          .type = Type::integer,
          .fallback = 25,
          .minimum = 1,
          .maximum = 100000,
          .scale = Scale::log};
}

inline constexpr Choice kSelections[] = {
    {"random", "random", "A uniform subset of the task’s training set."},
    {"last", "last seen", "The last examples of the task seen in training."}};
constexpr Parameter selection_parameter() {
  return {.key = "selection",
          .label = "kept examples",
          .help = "Which examples of a finished task are kept.",
          .type = Type::choice,
          .fallback = "random",
          .choices = kSelections};
}

constexpr Parameter replay_batch_parameter(std::string_view key, std::string_view label,
                                           std::string_view help) {
  return {.key = key,
          .label = label,
          .help = help,
          .type = Type::integer,
          .fallback = 0,
          .minimum = 0,
          .maximum = 100000,
          .scale = Scale::log,
          .zero = "all"};
}

class EpisodicMemory {
 public:
  explicit EpisodicMemory(const Settings& settings);

  // Every batch trained on, so that the last examples seen are known; `count` rows has the table.
  void observe(std::span<const std::uint32_t> batch, std::uint32_t count);

  // Fills the finished task's memory from its rows of the training table: with `last` its last
  // distinct examples seen, with `random` a uniform subset; all of them where they are few enough.
  void end_task(Range task, Random& random);

  // A uniform subset of all memories' rows, without repetition; `count` 0, or one larger than the
  // memories, means all of them. Valid until the next draw.
  struct Draw {
    std::span<const std::uint32_t> places, rows;  // rows[i] is rows()[places[i]]
  };
  Draw draw(std::size_t count, Random& random);

  // The most examples of a task that it will hold.
  std::size_t most(const Extent& extent) const { return std::min(per_task_, extent.examples); }
  // What a pass over a draw of `count` of all memories' examples needs.
  Room room(const Extent& extent, std::size_t count) const;

  std::size_t tasks() const { return ends_.size(); }
  // All memories' rows of the training table, task after task.
  std::span<const std::uint32_t> rows() const { return rows_; }
  // Past task k's.
  std::span<const std::uint32_t> rows(std::size_t k) const;

 private:
  std::size_t per_task_;
  bool last_;
  std::vector<std::uint32_t> rows_;
  std::vector<std::size_t> ends_;         // of every task's rows within rows_
  std::vector<std::uint32_t> places_;     // 0 … rows_.size() − 1, shuffled by the draws
  std::vector<std::uint32_t> drawn_;      // the rows at the first places
  std::vector<std::uint64_t> last_seen_;  // by row of the table: when it was last in a batch
  std::uint64_t clock_ = 0;               // examples observed
};

}  // namespace palimpsest
