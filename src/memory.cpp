#include "memory.hpp"

#include <algorithm>

namespace palimpsest {

Parameter memory_per_task_parameter() {
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

Parameter selection_parameter() {
  return {.key = "selection",
          .label = "kept examples",
          .help = "Which examples of a finished task are kept.",
          .type = Type::choice,
          .fallback = "random",
          .choices = {{"random", "random", "A uniform subset of the task's training set."},
                      {"last", "last seen", "The last examples of the task seen in training."}}};
}

Parameter replay_batch_parameter(std::string_view key, std::string_view label,
                                 std::string_view help) {
  return {.key = key,
          .label = label,
          .help = help,
          .type = Type::integer,
          .fallback = 0,
          .minimum = 0,
          .maximum = 100000,
          .scale = Scale::log};
}

EpisodicMemory::EpisodicMemory(const Settings& settings)
    : per_task_(static_cast<std::size_t>(settings.integer("memory_per_task"))),
      last_(settings.choice("selection") == "last") {}

void EpisodicMemory::observe(std::span<const std::uint32_t> batch, std::uint32_t count) {
  if (!last_) return;
  if (last_seen_.size() < count) last_seen_.resize(count);
  for (std::uint32_t row : batch) last_seen_[row] = ++clock_;
}

void EpisodicMemory::end_task(Range task, Random& random) {
  std::vector<std::uint32_t> candidates(task.size());
  for (std::uint32_t i = 0; i < task.size(); ++i) candidates[i] = task.begin + i;
  if (candidates.size() > per_task_) {
    if (last_) {
      last_seen_.resize(std::max<std::size_t>(last_seen_.size(), task.end));
      std::stable_sort(
          candidates.begin(), candidates.end(),
          [&](std::uint32_t a, std::uint32_t b) { return last_seen_[a] > last_seen_[b]; });
    } else {
      random.shuffle(candidates);
    }
    candidates.resize(per_task_);
  }
  rows_.insert(rows_.end(), candidates.begin(), candidates.end());
  ends_.push_back(rows_.size());
  places_.resize(rows_.size());
  for (std::size_t i = 0; i < places_.size(); ++i) places_[i] = static_cast<std::uint32_t>(i);
  drawn_.resize(rows_.size());
}

EpisodicMemory::Draw EpisodicMemory::draw(std::size_t count, Random& random) {
  const std::size_t all = rows_.size();
  if (count == 0 || count > all) count = all;
  for (std::size_t i = 0; count < all && i < count; ++i)  // the first steps of Fisher and Yates
    std::swap(places_[i], places_[i + random.below(static_cast<std::uint32_t>(all - i))]);
  for (std::size_t i = 0; i < count; ++i) drawn_[i] = rows_[places_[i]];
  return {std::span(places_).first(count), std::span(drawn_).first(count)};
}

std::span<const std::uint32_t> EpisodicMemory::rows(std::size_t k) const {
  const std::size_t begin = k ? ends_[k - 1] : 0;
  return std::span(rows_).subspan(begin, ends_[k] - begin);
}

}  // namespace palimpsest
