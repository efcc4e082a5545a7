// Newline-delimited JSON (the stdio transport of MCP): bytes in, scanned lines out.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "rpc/envelope.h"

namespace dogpipe::rpc {

struct Line {
  base::Bytes text;       // without line end and leading whitespace; empty if the line was too long
  Scanned envelope;       // also of a line that was too long: its spans then point to nothing
  bool too_long = false;  // longer than the cap
  std::size_t size = 0;   // bytes the line had, also when too long
  std::string lost_id;    // the raw id, if the line was too long and has a proper one

  // The raw id of this line, whatever became of it; empty if it has none.
  std::string_view id() const;
};

// Cuts a byte stream into lines and scans each as its bytes arrive. A line ends with LF; a CR
// before that is dropped; lines of nothing but whitespace are skipped. A line beyond the cap is not
// stored any more, but scanned and counted to its end, so that it can be answered. No line affects
// the next.
class Lines {
 public:
  // May move the text out of the line; must neither destroy nor feed this object.
  using OnLine = std::function<void(Line&&)>;

  explicit Lines(std::size_t longest_bytes) : longest_bytes_(longest_bytes) {}

  void feed(std::string_view more, const OnLine& on_line);
  // End of input. A rest without line end is a line if it is complete JSON; otherwise it is
  // dropped. Returns whether something was dropped. After it this object is as new.
  bool finish(const OnLine& on_line);

 private:
  void take(std::string_view piece);
  void add(std::string_view piece);
  void end_line(const OnLine& on_line);
  Line cut();

  std::size_t longest_bytes_;
  Scanner scanner_;
  base::Bytes stored_;
  std::size_t size_ = 0;          // bytes of the present line, from its first that is no whitespace
  bool carriage_return_ = false;  // the last byte was a CR: part of the line only if no LF follows
};

}  // namespace dogpipe::rpc
