#include "images.hpp"

#include <algorithm>
#include <cstring>

#include "digest.hpp"

namespace palimpsest {
namespace {

// The number in four bytes, the most significant first.
std::uint32_t big_endian(std::span<const std::uint8_t> bytes) {
  std::uint32_t number = 0;
  for (int i = 0; i < 4; ++i) number = number << 8 | bytes[i];
  return number;
}

std::string hexadecimal(std::uint32_t number) {
  std::string text = "0x00000000";
  for (int i = 0; i < 8; ++i) text[9 - i] = "0123456789abcdef"[number >> (4 * i) & 15];
  return text;
}

constexpr std::uint32_t kImagesMagic = 0x00000803, kLabelsMagic = 0x00000801;

// What an IDX file of unsigned bytes holds after its header, or the fault that makes it none.
std::string idx_content(std::span<const std::uint8_t> data, std::uint32_t magic,
                        const std::string& kind, std::vector<std::uint8_t>& content) {
  const std::size_t dimensions = magic & 0xff, header = 4 + 4 * dimensions;
  if (data.size() < header)
    return "has " + std::to_string(data.size()) + " bytes; an IDX file of " + kind +
           " begins with " + std::to_string(header);
  const std::uint32_t found = big_endian(data);
  if (found >> 16 == 0x1f8b) return "is compressed by gzip; it must be unpacked";
  if (found != magic)
    return "begins with " + hexadecimal(found) + "; an IDX file of " + kind + " begins with " +
           hexadecimal(magic);
  const std::uint32_t count = big_endian(data.subspan(4));
  if (dimensions == 3) {
    const std::uint32_t rows = big_endian(data.subspan(8)), columns = big_endian(data.subspan(12));
    if (rows != kImageSide || columns != kImageSide)
      return "has images of " + std::to_string(rows) + " × " + std::to_string(columns) +
             " pixels; they must be 28 × 28";
  }
  const std::uint64_t all = header + std::uint64_t{count} * (dimensions == 3 ? kPixels : 1);
  if (data.size() != all)
    return "has " + std::to_string(data.size()) + " bytes; with " + std::to_string(count) + " " +
           kind + " it must have " + std::to_string(all);
  if (count == 0) return "has no " + kind;
  content.assign(data.begin() + static_cast<std::ptrdiff_t>(header), data.end());
  return "";
}

// Decodes bits of which each has a probability. The interval [low, high] of 32-bit numbers is cut
// in proportion; leading bytes that both ends share are settled (the carryless form of Martin
// 1979's range encoding).
class BitDecoder {
 public:
  explicit BitDecoder(std::span<const std::uint8_t> bytes) : bytes_(bytes) {
    for (int i = 0; i < 4; ++i) code_ = code_ << 8 | next();
  }

  // What is known of a bit: 1's share of those seen, times 2¹⁶, and how many those were.
  struct Chance {
    std::int32_t one = 1 << 15, seen = 0;
  };

  std::uint32_t bit(Chance& chance) {
    constexpr std::int32_t kMostSeen = 255, kLeast = 16;
    const auto one = static_cast<std::uint32_t>(std::clamp(chance.one, kLeast, 65536 - kLeast));
    const std::uint32_t middle =
        low_ + static_cast<std::uint32_t>(std::uint64_t{high_ - low_} * one >> 16);
    const bool bit = code_ <= middle;
    (bit ? high_ : low_) = bit ? middle : middle + 1;
    for (; (low_ ^ high_) >> 24 == 0; code_ = code_ << 8 | next()) {
      low_ <<= 8;
      high_ = high_ << 8 | 255;
    }
    chance.one += ((bit ? 65536 : 0) - chance.one) * 2 / (2 * chance.seen + 3);
    if (chance.seen < kMostSeen) ++chance.seen;
    return bit;
  }

  // Four bits, the most significant first; `chances` are 16, by the bits before with a 1 in front.
  std::uint8_t nibble(Chance* chances) {
    std::uint32_t known = 1;
    while (known < 16) known = 2 * known + bit(chances[known]);
    return static_cast<std::uint8_t>(known - 16);
  }

 private:
  std::uint8_t next() { return at_ < bytes_.size() ? bytes_[at_++] : 0; }

  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
  std::uint32_t low_ = 0, high_ = 0xffffffff, code_ = 0;
};

// Five steps of darkness.
std::size_t darkness(std::uint8_t nibble) {
  return nibble == 0 ? 0 : nibble < 5 ? 1 : nibble < 11 ? 2 : nibble < 15 ? 3 : 4;
}

class PackDecoder {
 public:
  explicit PackDecoder(std::span<const std::uint8_t> bytes) : decoder_(bytes) {}

  Images images(std::uint32_t count) {
    Images images;
    images.pixels.reserve(count * kPixels);
    for (std::uint32_t i = 0; i < count; ++i) {
      images.labels.push_back(decoder_.nibble(labels_.data()));
      decode_image();
      for (std::uint8_t nibble : image_)
        images.pixels.push_back(static_cast<std::uint8_t>(17 * nibble));
    }
    return images;
  }

 private:
  // The context of a pixel: how dark its neighbours to the left and above are.
  void decode_image() {
    const auto side = static_cast<int>(kImageSide);
    const auto at = [&](int y, int x) {
      return y < 0 || x < 0 || x >= side ? 0
                                         : darkness(image_[static_cast<std::size_t>(y * side + x)]);
    };
    for (int y = 0; y < side; ++y)
      for (int x = 0; x < side; ++x) {
        const std::size_t context =
            ((at(y, x - 1) * 5 + at(y - 1, x)) * 5 + at(y - 1, x - 1)) * 5 + at(y - 1, x + 1);
        image_[static_cast<std::size_t>(y * side + x)] = decoder_.nibble(&pixels_[16 * context]);
      }
  }

  BitDecoder decoder_;
  std::vector<BitDecoder::Chance> labels_ = std::vector<BitDecoder::Chance>(16);
  std::vector<BitDecoder::Chance> pixels_ = std::vector<BitDecoder::Chance>(5 * 5 * 5 * 5 * 16);
  std::vector<std::uint8_t> image_ = std::vector<std::uint8_t>(kPixels);
};

constexpr char kPackMagic[] = "palimpsest images 1\n";

bool are_labels(const std::vector<std::uint8_t>& labels) {
  return std::all_of(labels.begin(), labels.end(),
                     [](auto label) { return label < kImageClasses; });
}

}  // namespace

Images read_idx(const Bytes& images, const Bytes& labels, Faults& faults) {
  const std::size_t before = faults.size();
  Images read;
  const auto fill = [&](const Bytes& file, std::uint32_t magic, const char* kind, auto& content) {
    const std::string fault = idx_content(file.data, magic, kind, content);
    if (!fault.empty()) faults.push_back(file.name + ": " + fault);
  };
  fill(images, kImagesMagic, "images", read.pixels);
  fill(labels, kLabelsMagic, "labels", read.labels);
  if (faults.size() != before) return {};
  const std::size_t count = read.pixels.size() / kPixels;
  if (read.labels.size() != count)
    faults.push_back(labels.name + ": has " + std::to_string(read.labels.size()) + " labels; " +
                     images.name + " has " + std::to_string(count) + " images");
  else if (!are_labels(read.labels))
    faults.push_back(labels.name + ": has the label " +
                     std::to_string(*std::max_element(read.labels.begin(), read.labels.end())) +
                     "; labels must be from 0 to 9");
  if (faults.size() != before) return {};
  return read;
}

ImageSet read_pack(const Bytes& pack, Faults& faults) {
  constexpr std::size_t kMagic = sizeof kPackMagic - 1, kHeader = kMagic + 4 + 4 + 8;
  constexpr std::uint32_t kMost = 100'000;
  const auto fault = [&](const std::string& text) {
    faults.push_back(pack.name + ": " + text);
    return ImageSet{};
  };
  if (pack.data.size() < kHeader || std::memcmp(pack.data.data(), kPackMagic, kMagic) != 0)
    return fault("is no pack of images as tools/pack writes it");
  const std::uint32_t train = big_endian(pack.data.subspan(kMagic));
  const std::uint32_t test = big_endian(pack.data.subspan(kMagic + 4));
  if (train == 0 || test == 0 || train > kMost || test > kMost)
    return fault("has " + std::to_string(train) + " training and " + std::to_string(test) +
                 " test images; there must be 1 to 100000 of each");
  const std::uint64_t expected = std::uint64_t{big_endian(pack.data.subspan(kMagic + 8))} << 32 |
                                 big_endian(pack.data.subspan(kMagic + 12));
  Digest digest;
  digest.add(std::span(reinterpret_cast<const char*>(pack.data.data()) + kHeader,
                       pack.data.size() - kHeader));
  if (digest.value() != expected)
    return fault("is damaged: of its " + std::to_string(pack.data.size()) +
                 " bytes some are missing, wrong or too many; make it anew with tools/pack");
  PackDecoder decoder(pack.data.subspan(kHeader));
  ImageSet set;
  set.train = decoder.images(train);
  set.test = decoder.images(test);
  if (!are_labels(set.train.labels) || !are_labels(set.test.labels))
    return fault("has a label above 9");
  return set;
}

}  // namespace palimpsest
