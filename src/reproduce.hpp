// Published tables, run again: documents with the figures that their papers give, and what becomes
// of them here. Native only.
#pragma once

#include <string>
#include <vector>

#include "images.hpp"

namespace palimpsest {

// A published figure beside the values of several seeds.
struct Comparison {
  double mean, deviation;  // of the sample (n − 1); NaN of one seed
  // Whether the published figure lies within two deviations of the mean, and within `within` of it.
  bool agrees;
};
Comparison compare(double published, const std::vector<double>& values, double within);

struct ReproduceOptions {
  std::string name;
  std::size_t seeds = 0;  // 1, 2, …; 0: as many as the reproduction has by itself
  std::size_t tasks = 0;  // fewer than published, for a short form; 0: all
  std::size_t jobs = 1;
};

// A line for each reproduction: its name, and what it is.
std::string list_reproductions();

// The image sets that a reproduction needs.
std::vector<std::string> image_sets_of_reproduction(const std::string& name);

struct Reproduced {
  std::string table;  // Markdown
  bool as_expected;   // every published figure is met, or its row says why it is not
};

// Runs it. Throws std::runtime_error with one line where something is wrong.
Reproduced reproduce(const ReproduceOptions& options, const ImageSets& sets);

}  // namespace palimpsest
