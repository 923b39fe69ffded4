#include "examples.hpp"

#include <algorithm>

namespace palimpsest {
namespace {

// Skipping zeros pays for wide inputs of which at most half differ from zero, as in digit images.
constexpr std::size_t kNarrowest = 32;

}  // namespace

void Examples::finish() {
  all_rows.resize(count());
  for (std::uint32_t row = 0; row < count(); ++row) all_rows[row] = row;
  const auto zeros = static_cast<std::size_t>(std::count(inputs.begin(), inputs.end(), 0.0f));
  if (width < kNarrowest || 2 * zeros < inputs.size()) return;
  nonzeros.column.reserve(inputs.size() - zeros);
  nonzeros.value.reserve(inputs.size() - zeros);
  for (std::uint32_t row = 0; row < count(); ++row) {
    nonzeros.begin.push_back(static_cast<std::uint32_t>(nonzeros.value.size()));
    for (std::uint32_t i = 0; i < width; ++i)
      if (const float x = inputs[row * width + i]; x != 0) {
        nonzeros.column.push_back(i);
        nonzeros.value.push_back(x);
      }
  }
  nonzeros.begin.push_back(static_cast<std::uint32_t>(nonzeros.value.size()));
}

}  // namespace palimpsest
