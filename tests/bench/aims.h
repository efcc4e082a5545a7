#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "results.h"

namespace bench {

// What a figure should be. Ratios to the floor are taken within one run, because absolute times say
// more of the machine and of its neighbours than of the bridge.
struct Aim {
  enum class Kind {
    none,
    ratio_at_most,  // against the floor
    ratio_at_least,
    value_at_most,
    value_is,     // counts: one request, all events
    own_at_most,  // against another metric of the same subject
  };
  Kind kind = Kind::none;
  double limit = 0;
  const char* own = "";
};

// One line of the report. The order of rows() is the order of printing.
struct Row {
  const char* metric;  // without the world's prefix
  const char* label;
  const char* unit;
  int decimals;
  Aim aim;
};

// none: without an aim, or not measured.
enum class Verdict { none, met, missed };

const std::vector<Row>& rows();
std::string aim_text(const Aim& aim);
// `prefix` is "http." or "tls.".
Verdict judge(const Row& row, const std::string& prefix, const Results& results,
              const std::string& floor, const std::string& judged);

}  // namespace bench
