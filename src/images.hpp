// Images of ten classes, as MNIST has them, and their reading from bytes. Where the bytes come from
// is the host's affair.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "settings.hpp"

namespace palimpsest {

constexpr std::size_t kImageSide = 28;
constexpr std::size_t kPixels = kImageSide * kImageSide;
constexpr std::uint32_t kImageClasses = 10;

struct Images {
  std::vector<std::uint8_t> pixels;  // count × kPixels, row by row, 0 to 255
  std::vector<std::uint8_t> labels;  // below kImageClasses

  std::uint32_t count() const { return static_cast<std::uint32_t>(labels.size()); }
  std::span<const std::uint8_t> image(std::size_t index) const {
    return std::span(pixels).subspan(index * kPixels, kPixels);
  }
};

struct ImageSet {
  Images train, test;
};

// The sets that were given, by the name that tasks.data has for them.
class ImageSets {
 public:
  // nullptr where there is none of that name.
  const ImageSet* find(std::string_view name) const {
    for (const auto& [known, set] : sets_)
      if (known == name) return &set;
    return nullptr;
  }
  // In place of one of that name, or as a new one.
  void give(const std::string& name, ImageSet set) {
    for (auto& [known, old] : sets_)
      if (known == name) {
        old = std::move(set);
        return;
      }
    sets_.emplace_back(name, std::move(set));
  }

 private:
  std::vector<std::pair<std::string, ImageSet>> sets_;
};

// A file's name, for errors, and what is in it.
struct Bytes {
  std::string name;
  std::span<const std::uint8_t> data;
};

// MNIST's format (http://yann.lecun.com/exdb/mnist, "IDX"): two zeros, the type (8: unsigned byte),
// the number of dimensions, each dimension's size in four bytes, the most significant first; then
// the numbers. A fault where a file is anything else than 28 × 28 images, or labels of as many, and
// where it is not exactly as long as its header says.
Images read_idx(const Bytes& images, const Bytes& labels, Faults& faults);

// The page's pack, as tools/pack writes it: pixels of four bits (17·n stands for n), coded bit by
// bit by an arithmetic coder whose probabilities adapt to the pixels around. A fault where a byte
// of it is missing or wrong.
ImageSet read_pack(const Bytes& pack, Faults& faults);

}  // namespace palimpsest
