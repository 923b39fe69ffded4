#include "examples.hpp"

#include <algorithm>
#include <utility>

namespace palimpsest {
namespace {

// Skipping zeros pays for wide inputs of which at most half differ from zero, as in digit images.
constexpr std::size_t kNarrowest = 32;

}  // namespace

void Examples::finish() {
  all_rows.resize(count());
  for (std::uint32_t row = 0; row < count(); ++row) all_rows[row] = row;
  if (sparse() || width < kNarrowest) return;
  const auto zeros = static_cast<std::size_t>(std::count(inputs.begin(), inputs.end(), 0.0f));
  if (2 * zeros < inputs.size()) return;
  const std::vector<float> dense = std::exchange(inputs, {});
  nonzeros.column.reserve(dense.size() - zeros);
  nonzeros.value.reserve(dense.size() - zeros);
  for (std::size_t i = 0; i < dense.size(); i += width)
    add_nonzeros(std::span(dense).subspan(i, width), 0);
}

Examples Examples::selection(std::span<const std::uint32_t> which) const {
  const auto append = [](auto& to, const auto& from, std::size_t begin, std::size_t size) {
    const auto first = from.begin() + static_cast<std::ptrdiff_t>(begin);
    if (!from.empty()) to.insert(to.end(), first, first + static_cast<std::ptrdiff_t>(size));
  };
  Examples chosen;
  chosen.width = width;
  chosen.target_width = target_width;
  chosen.fan_in = fan_in;
  chosen.heads = heads;
  if (sparse()) chosen.nonzeros.begin.push_back(0);
  chosen.nonzeros.widest = nonzeros.widest;
  for (std::uint32_t row : which) {
    append(chosen.inputs, inputs, row * width, width);
    append(chosen.targets, targets, row * target_width, target_width);
    append(chosen.labels, labels, row, 1);
    append(chosen.task, task, row, 1);
    if (!sparse()) continue;
    const std::size_t begin = nonzeros.begin[row], size = nonzeros.begin[row + 1] - begin;
    append(chosen.nonzeros.column, nonzeros.column, begin, size);
    append(chosen.nonzeros.value, nonzeros.value, begin, size);
    chosen.nonzeros.begin.push_back(static_cast<std::uint32_t>(chosen.nonzeros.value.size()));
  }
  for (std::uint32_t row = 0; row < which.size(); ++row) chosen.all_rows.push_back(row);
  return chosen;
}

void Examples::copy_inputs(std::span<const std::uint32_t> which, std::vector<float>& to) const {
  to.resize(which.size() * width);
  for (std::size_t r = 0; r < which.size(); ++r)
    copy_input(which[r], std::span(to).subspan(r * width, width));
}

void Examples::copy_input(std::uint32_t row, std::span<float> to) const {
  if (!sparse()) {
    std::copy_n(inputs.begin() + static_cast<std::ptrdiff_t>(row * width), width, to.begin());
    return;
  }
  std::fill(to.begin(), to.end(), 0.0f);
  for (std::uint32_t i = nonzeros.begin[row]; i < nonzeros.begin[row + 1]; ++i)
    to[nonzeros.column[i]] = nonzeros.value[i];
}

void Examples::add_nonzeros(std::span<const float> input, std::size_t first) {
  if (!sparse()) nonzeros.begin.push_back(0);
  for (std::size_t i = 0; i < input.size(); ++i)
    if (input[i] != 0) {
      nonzeros.column.push_back(static_cast<std::uint32_t>(first + i));
      nonzeros.value.push_back(input[i]);
    }
  const std::size_t begin = nonzeros.begin.back(), end = nonzeros.value.size();
  nonzeros.widest = std::max(nonzeros.widest, end - begin);
  nonzeros.begin.push_back(static_cast<std::uint32_t>(end));
}

}  // namespace palimpsest
