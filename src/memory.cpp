#include "memory.hpp"

#include <algorithm>

namespace palimpsest {
namespace {

constexpr std::uint64_t kLongAgo = 0xffffffff;  // in examples seen since

}  // namespace

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
      std::vector<std::uint64_t> keys;  // how long ago, and by row where that is the same
      for (std::uint32_t row : candidates)
        keys.push_back(std::min(clock_ - last_seen_[row], kLongAgo) << 32 | row);
      std::sort(keys.begin(), keys.end());
      for (std::size_t i = 0; i < keys.size(); ++i)
        candidates[i] = static_cast<std::uint32_t>(keys[i]);
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

Room EpisodicMemory::room(const Extent& extent, std::size_t count) const {
  const std::size_t all = most(extent) * extent.tasks;
  return {"memory_per_task", static_cast<double>(count ? std::min(count, all) : all) * extent.pass};
}

std::span<const std::uint32_t> EpisodicMemory::rows(std::size_t k) const {
  const std::size_t begin = k ? ends_[k - 1] : 0;
  return std::span(rows_).subspan(begin, ends_[k] - begin);
}

}  // namespace palimpsest
