// Published tables, run again: documents with the figures that their papers give, and what becomes
// of them here. Native only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "images.hpp"

namespace palimpsest {

// A published figure beside the values of several seeds.
struct Comparison {
  std::size_t seeds;
  double mean, deviation;  // of the sample (n − 1); NaN of one seed
  // Whether the published figure lies within two deviations of the mean, and within `within` of it.
  bool agrees;
};
Comparison compare(double published, const std::vector<double>& values, double within);

struct ReproduceOptions {
  std::string name;
  // 1, 2, …; none: as many as the reproduction has by itself; 0: as many as are kept, and nothing
  // is run.
  std::optional<std::size_t> seeds;
  std::size_t tasks = 0;  // fewer than published, for a short form; 0: all
  std::size_t jobs = 1;
  std::string keep;  // a file with what came of every run, one JSON line each; empty: none
};

// A line for each reproduction: its name, and what it is.
std::string list_reproductions();

// The image sets that a reproduction needs.
std::vector<std::string> image_sets_of_reproduction(const std::string& name);

struct Reproduced {
  std::string table;  // Markdown
  bool as_expected;   // every published figure is met, or its row says why it is not
};

// Runs it, but for the runs that the file to keep has: a run that was broken off goes on there.
// Throws std::runtime_error with one line where something is wrong.
Reproduced reproduce(const ReproduceOptions& options, const ImageSets& sets);

}  // namespace palimpsest
