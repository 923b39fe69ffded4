// Images from bytes: MNIST's format and the page's pack.
#include "images.hpp"

#include <cmath>

#include "digest.hpp"
#include "support.hpp"

using namespace support;

namespace {

using File = std::vector<std::uint8_t>;

File operator+(File file, const File& more) {
  file.insert(file.end(), more.begin(), more.end());
  return file;
}

File word(std::uint32_t n) {
  return {static_cast<std::uint8_t>(n >> 24), static_cast<std::uint8_t>(n >> 16),
          static_cast<std::uint8_t>(n >> 8), static_cast<std::uint8_t>(n)};
}

File image_header(std::uint32_t count) { return word(0x803) + word(count) + word(28) + word(28); }

// Three images: every pixel its own number, somewhere.
File some_pixels() {
  File pixels(3 * 784);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i % 251);
  return pixels;
}

Images read(const File& images, const File& labels, Faults& faults) {
  return read_idx({"i", images}, {"l", labels}, faults);
}

Faults faults_of(const File& images, const File& labels) {
  Faults faults;
  const Images read_images = read(images, labels, faults);
  CHECK(read_images.count() == 0);
  CHECK(read_images.pixels.empty());
  return faults;
}

}  // namespace

TEST_CASE("images: an IDX file is read as it is written") {
  Faults faults;
  const Images images =
      read(image_header(3) + some_pixels(), word(0x801) + word(3) + File{7, 0, 9}, faults);
  REQUIRE(faults == Faults{});
  CHECK(images.count() == 3);
  CHECK(images.labels == File{7, 0, 9});
  CHECK(images.pixels == some_pixels());
  CHECK(images.image(2)[5] == (2 * 784 + 5) % 251);
}

TEST_CASE("images: what is wrong with an IDX file is said, with what would be right") {
  const File images = image_header(3) + some_pixels();
  const File labels = word(0x801) + word(3) + File{7, 0, 9};
  const auto without_last = [](File file) {
    file.pop_back();
    return file;
  };
  CHECK(faults_of({}, labels) == Faults{"i: has 0 bytes; an IDX file of images begins with 16"});
  CHECK(faults_of(without_last(images), labels) ==
        Faults{"i: has 2367 bytes; with 3 images it must have 2368"});
  CHECK(faults_of(images + File{0}, labels) ==
        Faults{"i: has 2369 bytes; with 3 images it must have 2368"});
  CHECK(faults_of(images, without_last(labels)) ==
        Faults{"l: has 10 bytes; with 3 labels it must have 11"});
  CHECK(faults_of(labels + File(20), labels) ==
        Faults{"i: begins with 0x00000801; an IDX file of images begins with 0x00000803"});
  CHECK(faults_of(images, images) ==
        Faults{"l: begins with 0x00000803; an IDX file of labels begins with 0x00000801"});
  CHECK(faults_of(word(0xd03) + images, labels) ==  // type 13: float
        Faults{"i: begins with 0x00000d03; an IDX file of images begins with 0x00000803"});
  CHECK(faults_of(File{0x1f, 0x8b} + images, labels) ==
        Faults{"i: is compressed by gzip; it must be unpacked"});
  CHECK(faults_of(word(0x803) + word(3) + word(32) + word(28) + File(3 * 32 * 28), labels) ==
        Faults{"i: has images of 32 × 28 pixels; they must be 28 × 28"});
  CHECK(faults_of(images, word(0x801) + word(2) + File{7, 0}) ==
        Faults{"l: has 2 labels; i has 3 images"});
  CHECK(faults_of(images, word(0x801) + word(3) + File{7, 10, 9}) ==
        Faults{"l: has the label 10; labels must be from 0 to 9"});
  CHECK(faults_of(image_header(0), word(0x801) + word(0)) ==
        Faults{"i: has no images", "l: has no labels"});
  // So many that their product overflows 32 bits: 0xffffffff images are 3,367,254,359,280 bytes.
  CHECK(faults_of(image_header(0xffffffff), labels) ==
        Faults{"i: has 16 bytes; with 4294967295 images it must have 3367254359296"});
}

TEST_CASE("images: a pack with a byte missing, wrong or too many is refused") {
  const auto faults_of_pack = [](const File& pack) {
    Faults faults;
    CHECK(read_pack({"p", pack}, faults).train.count() == 0);
    return faults;
  };
  const std::string magic = "palimpsest images 1\n";
  const File start(magic.begin(), magic.end());
  const auto sealed = [&](std::uint32_t train, std::uint32_t test, const File& code) {
    Digest digest;
    for (std::uint8_t byte : code) digest.add(static_cast<char>(byte));
    return start + word(train) + word(test) +
           word(static_cast<std::uint32_t>(digest.value() >> 32)) +
           word(static_cast<std::uint32_t>(digest.value())) + code;
  };
  const Faults none{"p: is no pack of images as tools/pack writes it"};
  CHECK(faults_of_pack({}) == none);
  CHECK(faults_of_pack(start) == none);
  CHECK(faults_of_pack(File(1000, 7)) == none);
  CHECK(faults_of_pack(sealed(0, 1, {1})) ==
        Faults{"p: has 0 training and 1 test images; there must be 1 to 100000 of each"});
  CHECK(faults_of_pack(sealed(1, 100001, {1})) ==
        Faults{"p: has 1 training and 100001 test images; there must be 1 to 100000 of each"});
  const File code(50, 0x5a);
  File pack = sealed(1, 1, code);
  Faults faults;
  const ImageSet set = read_pack({"p", pack}, faults);
  CHECK(set.train.count() + set.test.count() + faults.size() >
        0);  // some images, or a label above 9
  const Faults damaged{"p: is damaged: of its " + std::to_string(pack.size()) +
                       " bytes some are missing, wrong or too many; make it anew with tools/pack"};
  File changed = pack;
  changed.back() ^= 1;
  CHECK(faults_of_pack(changed) == damaged);
  pack.pop_back();
  CHECK(faults_of_pack(pack).size() == 1);
  pack.insert(pack.end(), {0x5a, 0x5a});
  CHECK(faults_of_pack(pack).size() == 1);
}

TEST_CASE("images: the page's pack is a balanced part of MNIST in 4 bits, spread evenly") {
  const auto bytes = [](const std::string& name) {
    const std::string text = read_file(DATA + name);
    return File(text.begin(), text.end());
  };
  const File coded = bytes("digits.pack");
  Faults faults;
  const ImageSet pack = read_pack({"digits.pack", coded}, faults);
  REQUIRE(faults == Faults{});
  for (bool train : {true, false}) {
    const std::string name = train ? "mnist/train" : "mnist/t10k";
    const File pictures = bytes(name + "-images-idx3-ubyte");
    const File answers = bytes(name + "-labels-idx1-ubyte");
    const Images originals = read(pictures, answers, faults);
    REQUIRE(faults == Faults{});
    const Images& chosen = train ? pack.train : pack.test;
    const std::size_t each = train ? 500 : 100;
    REQUIRE(chosen.count() == 10 * each);
    // In the order of the originals: which of its class every chosen one is.
    std::vector<std::vector<std::size_t>> ranks(10);
    std::vector<std::size_t> seen(10);
    std::uint32_t next = 0;
    for (std::uint32_t i = 0; i < originals.count(); ++i) {
      const std::uint8_t label = originals.labels[i];
      const auto like = [](std::uint8_t original, std::uint8_t packed) {
        return packed == 17 * std::lround(original / 17.0);
      };
      if (next < chosen.count() && chosen.labels[next] == label &&
          std::equal(originals.image(i).begin(), originals.image(i).end(),
                     chosen.image(next).begin(), like)) {
        ranks[label].push_back(seen[label]);
        ++next;
      }
      ++seen[label];
    }
    REQUIRE(next == chosen.count());
    for (std::size_t label = 0; label < 10; ++label) {
      REQUIRE(ranks[label].size() == each);
      const std::size_t step = seen[label] / each;
      CHECK(ranks[label].front() <= step);
      CHECK(seen[label] - ranks[label].back() <= step + 1);
      for (std::size_t k = 1; k < each; ++k) {
        const std::size_t gap = ranks[label][k] - ranks[label][k - 1];
        CHECK((gap == step || gap == step + 1));
      }
    }
  }
}
