#pragma once

#include <string>
#include <vector>

#include "results.h"

namespace bench {

// What a reader must know of a run to read its figures.
struct RunFacts {
  std::vector<std::string> subjects;  // the first is the floor, the second is judged against it
  int rounds = 0;
  bool quick = false;
  std::string channel;
};

// Medians, the ratio of the second subject to the first, and what was aimed at, on stdout. A missed
// aim is shown and nothing else: a figure never fails a run.
void print_table(const Results& results, const RunFacts& facts);
// The same with every single value, for later comparison. False when the file cannot be written.
bool write_json(const Results& results, const RunFacts& facts, const std::string& file);

}  // namespace bench
