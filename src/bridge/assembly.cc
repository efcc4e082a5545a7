#include "bridge/assembly.h"

#include <algorithm>
#include <utility>

namespace dogpipe::bridge {

void Assembly::add(std::string_view piece) {
  const bool first = size_ == 0;
  size_ += piece.size();
  if (too_large()) {  // counted, not kept
    view_ = {};
    kept_ = base::Bytes();
    return;
  }
  scanner_.feed(piece);
  if (first) {
    view_ = piece;
    return;
  }
  keep();
  kept_.append(piece);
}

void Assembly::keep() { kept_.append(std::exchange(view_, {})); }

void Assembly::expect(std::size_t bytes) {
  // One more: a line end is added before it goes to the host.
  if (bytes <= longest_bytes_) kept_.reserve(bytes + 1);
}

base::Result<Message> Assembly::finish() {
  const bool fits = !too_large();
  size_ = 0;
  rpc::Scanned scanned = scanner_.finish();
  Message message;
  message.owned = std::exchange(kept_, base::Bytes());
  message.text = message.owned.empty() ? std::exchange(view_, {}) : message.owned.view();
  if (!fits) {
    return base::Error{base::Kind::too_large,
                       "the server's message is longer than the limit (--max-message)"};
  }
  if (!scanned) return std::move(scanned).error();
  message.envelope = *scanned;
  return message;
}

std::string Assembly::finish_text() {
  size_ = 0;
  static_cast<void>(scanner_.finish());
  const base::Bytes kept = std::exchange(kept_, base::Bytes());
  const std::string_view view = std::exchange(view_, {});
  return std::string(kept.empty() ? view : kept.view());
}

}  // namespace dogpipe::bridge
