#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host.h"
#include "payload.h"

namespace bench {

// What went wrong, in words; nothing when all went well.
using Trouble = std::optional<std::string>;

// A bridge under test and the host that talks to it, in one era.
class Bridge {
 public:
  // Started, but not yet answering. The clock of a cold start begins right before the spawn.
  static std::optional<Bridge> spawn(const std::vector<std::string>& words,
                                     const std::vector<std::string>& settings, Channel channel,
                                     bool keep_stderr, Era era);

  // The three steps of a start, apart, so that twenty bridges can take each one together.
  Trouble send_opening();     // initialize; tools/list on the modern wire, which has no such thing
  Trouble await_opening();    // the answer to it
  Trouble confirm_opening();  // notifications/initialized, and one call to see it work

  Era era() const { return era_; }
  Host& host() { return host_; }
  pid_t pid() const { return host_.pid(); }
  Clock::time_point spawned_at() const { return spawned_at_; }
  double cpu_seconds() const { return process::cpu_seconds(pid()); }

  // Ids count up and are never used twice: an answer to an old call is seen as what it is.
  std::uint64_t take_id() { return next_id_++; }
  // Sends a tools/call and awaits the line that answers it; others are passed over.
  Trouble call(std::string_view arguments, std::string_view& line);

 private:
  Bridge(Child child, Clock::time_point at, Era era)
      : host_{std::move(child)}, spawned_at_{at}, era_{era} {}

  Host host_;
  Clock::time_point spawned_at_;
  Era era_;
  std::uint64_t next_id_ = 1;
};

// How long a bridge may take before it counts as hanging. No figure depends on it.
Clock::time_point patience();

// {"jsonrpc":"2.0","id":ID,"method":"tools/call",...} and a newline, appended. `arguments` are
// members of the params, on the modern wire without a `_meta` of their own.
void append_call(std::string& out, std::uint64_t id, std::string_view arguments, Era era);
// The same with the text of a small call, and whether this is the right answer to it.
void append_echo(std::string& out, std::uint64_t id, bool as_events, Era era);
bool answers_echo(std::string_view line, std::uint64_t id);

}  // namespace bench
