#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host.h"

namespace bench {

// What went wrong, in words; nothing when all went well.
using Trouble = std::optional<std::string>;

// A bridge under test and the host that talks to it.
class Bridge {
 public:
  // Started, but not yet answering. The clock of a cold start begins right before the spawn.
  static std::optional<Bridge> spawn(const std::vector<std::string>& words,
                                     const std::vector<std::string>& settings, Channel channel,
                                     bool keep_stderr);

  // The three steps of a start, apart, so that twenty bridges can take each one together.
  Trouble send_initialize();
  Trouble await_initialize();    // the answer to it
  Trouble confirm_initialize();  // notifications/initialized, and one call to see it work

  Host& host() { return host_; }
  pid_t pid() const { return host_.pid(); }
  Clock::time_point spawned_at() const { return spawned_at_; }
  double cpu_seconds() const { return process::cpu_seconds(pid()); }

  // Ids count up and are never used twice: an answer to an old call is seen as what it is.
  std::uint64_t take_id() { return next_id_++; }
  // Sends a tools/call and awaits the line that answers it; others are passed over.
  Trouble call(std::string_view arguments, std::string_view& line);

 private:
  Bridge(Child child, Clock::time_point at) : host_{std::move(child)}, spawned_at_{at} {}

  Host host_;
  Clock::time_point spawned_at_;
  std::uint64_t next_id_ = 1;
};

// How long a bridge may take before it counts as hanging. No figure depends on it.
Clock::time_point patience();

// {"jsonrpc":"2.0","id":ID,"method":"tools/call",...} and a newline, appended.
void append_call(std::string& out, std::uint64_t id, std::string_view arguments);
// The same with the text of a small call, and whether this is the right answer to it.
void append_echo(std::string& out, std::uint64_t id, bool as_events);
bool answers_echo(std::string_view line, std::uint64_t id);

}  // namespace bench
