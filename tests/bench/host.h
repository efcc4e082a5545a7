#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "child.h"

namespace bench {

// The host's side of a stdio conversation: whole lines out, whole lines in.
// Lines are views into one buffer that grows and is then kept, so that the driver's own page
// faults stay out of the figures.
class Host {
 public:
  explicit Host(Child child) : child_{std::move(child)} {}

  Child& child() { return child_; }
  pid_t pid() const { return child_.pid(); }

  // Both read while they wait, and give false when time is up or the child has gone.
  bool send(std::string_view bytes, Clock::time_point deadline);
  bool fill(Clock::time_point deadline);

  // A complete line without its newline, valid until the next fill() or send().
  std::optional<std::string_view> take_line();
  // Of the lines not yet taken, the last complete one; found without looking at the others.
  std::string_view last_line() const;

  // Grows the buffer beforehand, so that it need not be done on the clock.
  void make_room(std::size_t bytes);

 private:
  enum class Got { bytes, nothing, end };
  Got read_some();

  Child child_;
  std::vector<char> buffer_ = std::vector<char>(256 << 10);
  std::size_t begin_ = 0;    // of what was not yet taken
  std::size_t scanned_ = 0;  // no newline in [begin_, scanned_)
  std::size_t end_ = 0;
};

// The id of a message that has a number for one, before its payload.
std::optional<std::uint64_t> message_id(std::string_view line);
// Looks near the beginning only, where every peer puts it.
bool is_result(std::string_view line);
// The first text content of a tool result, still escaped.
std::string_view result_text(std::string_view line);

}  // namespace bench
