#include "rpc/lines.h"

#include <algorithm>
#include <utility>

namespace dogpipe::rpc {

std::string_view Line::id() const {
  if (!envelope) return envelope.refusal().id;
  return too_long ? std::string_view(lost_id) : envelope->id.in(text.view());
}

void Lines::feed(std::string_view more, const OnLine& on_line) {
  while (!more.empty()) {
    const std::size_t end = more.find('\n');
    if (end == std::string_view::npos) return take(more);
    take(more.substr(0, end));
    end_line(on_line);
    more.remove_prefix(end + 1);
  }
}

// A piece of the present line. A CR at its end is held back until it is known what follows.
void Lines::take(std::string_view piece) {
  if (piece.empty()) return;
  if (std::exchange(carriage_return_, false)) add("\r");
  if (piece.back() == '\r') {
    carriage_return_ = true;
    piece.remove_suffix(1);
  }
  add(piece);
}

void Lines::add(std::string_view piece) {
  if (size_ == 0) {
    piece.remove_prefix(std::min(piece.find_first_not_of(" \t\r"), piece.size()));
  }
  size_ += piece.size();
  scanner_.feed(piece);
  if (size_ <= longest_bytes_) {
    stored_.append(piece);
  } else {
    stored_ = {};
  }
}

void Lines::end_line(const OnLine& on_line) {
  carriage_return_ = false;
  if (size_ != 0) on_line(cut());
}

bool Lines::finish(const OnLine& on_line) {
  carriage_return_ = false;
  if (size_ == 0) return false;
  Line rest = cut();
  if (!rest.envelope && rest.envelope.refusal().why == Refusal::Why::parse) return true;
  on_line(std::move(rest));
  return false;
}

Line Lines::cut() {
  const bool too_long = size_ > longest_bytes_;
  std::string lost_id(too_long ? scanner_.id() : std::string_view());
  return {std::exchange(stored_, {}), scanner_.finish(), too_long, std::exchange(size_, 0),
          std::move(lost_id)};
}

}  // namespace dogpipe::rpc
