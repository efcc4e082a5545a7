// Reading the envelope of a JSON-RPC 2.0 message: one strict pass over its bytes, no copy, no tree.
#pragma once

#include <string>
#include <string_view>

#include "rpc/draft.h"
#include "rpc/grammar.h"
#include "rpc/message.h"

namespace dogpipe::rpc {

// Takes one message as its bytes arrive. The text must be JSON as RFC 8259 has it, in valid UTF-8
// without a BOM, and nested at most 512 deep; "\ud800" and 1e400 are JSON. It must then be a
// message of JSON-RPC 2.0, sections 4 to 6: members beyond those of the envelope are fine, an
// envelope member that is there twice is not, however it is spelled.
class Scanner {
 public:
  // Any split will do, also inside a UTF-8 sequence, a number or an escape.
  void feed(std::string_view more) { grammar_.feed(more, draft_); }
  // The message is complete. After it the scanner is as new.
  Scanned finish();
  void reset();

  // The raw id seen so far, or empty: absent, there twice, no proper id, or longer than 1 KiB.
  std::string_view id() const { return draft_.id(); }

 private:
  Grammar grammar_;
  Draft draft_;
};

// A whole message in one call.
Scanned scan(std::string_view text);

}  // namespace dogpipe::rpc
