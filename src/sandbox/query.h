// Searches as Datadog writes them: words, key:value, -key:value, wildcards, and spans of time.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/reader.h"
#include "sandbox/world.h"

namespace dogpipe::sandbox {

class Query {
 public:
  // What a thing has under a key; the empty key asks for its text. Nothing known: empty.
  using Field = std::function<std::string(std::string_view key)>;

  // AND is implied, OR and brackets are not understood.
  explicit Query(std::string_view text);

  bool matches(const Field& field) const;

 private:
  struct Term {
    bool excluded;
    std::string key;
    std::string pattern;
  };
  std::vector<Term> terms_;
};

// Without regard to case; '*' stands for any characters.
bool matches_pattern(std::string_view pattern, std::string_view text);

struct Range {
  Instant from;
  Instant to;
  bool holds(Instant time) const { return from <= time && time <= to; }
};

// The arguments from and to: "now", "now-15m", ISO 8601 in UTC, seconds or milliseconds.
// Errors: Kind::usage. Without them the range ends now and is `fallback` long.
base::Result<Range> read_range(json::Value arguments, Instant fallback);

}  // namespace dogpipe::sandbox
