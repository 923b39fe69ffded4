// The verdict on a published figure, which can fail on both sides, and what is kept of runs.
#ifndef __EMSCRIPTEN__
#include "reproduce.hpp"

#include <cmath>
#include <filesystem>
#include <sstream>

#include "random.hpp"
#include "support.hpp"

using namespace support;

TEST_CASE("reproduce: a published figure is met within two deviations on either side") {
  const std::vector<double> values = {0.80, 0.82, 0.84};  // mean 0.82, sample deviation 0.02
  constexpr double kAny = 1;
  const Comparison ours = compare(0.82, values, kAny);
  CHECK(ours.mean == Approx(0.82));
  CHECK(ours.deviation == Approx(0.02));
  CHECK(ours.agrees);
  CHECK(compare(0.781, values, kAny).agrees);
  CHECK(compare(0.859, values, kAny).agrees);
  CHECK_FALSE(compare(0.779, values, kAny).agrees);
  CHECK_FALSE(compare(0.861, values, kAny).agrees);
  CHECK(compare(0.834, values, 0.015).agrees);
  CHECK_FALSE(compare(0.836, values, 0.015).agrees);
  CHECK_FALSE(compare(0.804, values, 0.015).agrees);
}

TEST_CASE("reproduce: one seed, or one that diverged, shows nothing") {
  CHECK(std::isnan(compare(0.8, {0.8}, 1).deviation));
  CHECK_FALSE(compare(0.8, {0.8}, 1).agrees);
  CHECK_FALSE(compare(0.8, {0.8, 0.81, NAN}, 1).agrees);
}

TEST_CASE("reproduce: every table can be read, and is of MNIST") {
  std::istringstream list(list_reproductions());
  std::size_t count = 0;
  for (std::string line; std::getline(list, line); ++count)
    for (const std::string& set : image_sets_of_reproduction(line.substr(0, line.find(':'))))
      CHECK(set == "mnist");
  CHECK(count == 5);
}

namespace {

ImageSets noise() {
  Random random(1, "noise");
  const auto images = [&](std::uint32_t count) {
    Images made;
    for (std::size_t i = 0; i < count * kPixels; ++i)
      made.pixels.push_back(static_cast<std::uint8_t>(random.below(256)));
    for (std::uint32_t i = 0; i < count; ++i)
      made.labels.push_back(static_cast<std::uint8_t>(i % kImageClasses));
    return made;
  };
  ImageSets sets;
  sets.give("mnist", {images(1000), images(20)});
  return sets;
}

std::vector<std::string> lines_of(const std::string& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("reproduce: runs that are kept are not repeated, and the table is the same") {
  const ImageSets sets = noise(), none;
  const std::string path = std::filesystem::temp_directory_path() / "palimpsest_kept.jsonl";
  std::filesystem::remove(path);
  ReproduceOptions options{"gem-permutations", 1, 2, 1, path};
  const std::string table = reproduce(options, sets).table;
  const auto lines = lines_of(path);
  REQUIRE(lines.size() == 4);  // one for each method
  CHECK(reproduce(options, none).table == table);

  options.seeds = 0;  // what is kept
  CHECK(reproduce(options, none).table == table);
  std::ofstream(path) << lines[1] << '\n' << lines[2] << '\n' << lines[3] << '\n';
  CHECK(reproduce(options, none).table.find("Here: not run") != std::string::npos);

  options.seeds = 1;
  CHECK(reproduce(options, sets).table == table);
  CHECK(lines_of(path).back() == lines[0]);
  std::ofstream(path) << "{}\n";
  CHECK_THROWS_WITH(reproduce(options, sets), path + ", line 1: is not what reproduce keeps");
  std::filesystem::remove(path);
}

TEST_CASE("reproduce: a table that was not run has its published figures all the same") {
  const Reproduced reproduced = reproduce({"si-permutations", 0, 0, 1, ""}, {});
  CHECK(reproduced.as_expected);
  CHECK(reproduced.table.find("| SI, c = 0.1 | accuracy | 0.969 | not run | open |") !=
        std::string::npos);
  CHECK(reproduced.table.find("published figures are met") == std::string::npos);
}
#endif
