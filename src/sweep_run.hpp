// Runs a sweep on threads, and writes its rows to a file that a later call goes on with. Native
// only.
#pragma once

#include <string>

#include "images.hpp"
#include "sweep.hpp"

namespace palimpsest {

struct SweepOptions {
  std::string output;  // empty: standard output
  std::string format;  // csv or jsonl; empty: csv where the output's name ends in .csv, else jsonl
  std::string shard;  // i/n: of the runs 1, 2, … those that leave the remainder i when divided by n
  std::size_t jobs = 1;
  const ImageSets* sets = nullptr;  // those that the document names; none: there are none
};

// Rows are written in the order of the combinations, each as soon as all before it are there. Runs
// whose rows a regular output file already has are not repeated. Throws std::runtime_error with
// one line where something is wrong; up to the first row, nothing has been written then.
void run_sweep(const Value& document, const SweepOptions& options);

}  // namespace palimpsest
