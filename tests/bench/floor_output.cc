#include "floor_output.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

namespace bench {
namespace {

constexpr std::size_t kBufferBytes = 256 << 10;
constexpr int kPipeBytes = 1 << 20;
constexpr std::string_view kPrefix = "data: ";

// Blocks while the host is slow: nothing is read from upstream meanwhile, which bounds memory.
void write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto put = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (put > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(put));
    } else if (errno == EAGAIN) {
      pollfd ready{STDOUT_FILENO, POLLOUT, 0};
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      std::_Exit(1);  // the host has gone
    }
  }
}

}  // namespace

Output::Output() {
  // Of use on a pipe only; a socketpair refuses it and needs it not.
  ::fcntl(STDOUT_FILENO, F_SETPIPE_SZ, kPipeBytes);
}

void Output::add(LineSource& from, std::string_view part, bool ends_line) {
  if (line_owner_ != nullptr && line_owner_ != &from) {
    from.held.append(part);
    if (ends_line) from.held += '\n';
    if (!from.waits) waiting_.push_back(&from);
    from.waits = true;
    return;
  }
  put(part);
  line_owner_ = &from;
  if (!ends_line) return;
  put("\n");
  release();
}

void Output::release() {
  line_owner_ = nullptr;
  std::size_t done = 0;
  while (done < waiting_.size() && line_owner_ == nullptr) {
    auto& source = *waiting_[done++];
    source.waits = false;
    put(source.held);
    if (!source.held.ends_with('\n')) line_owner_ = &source;
    source.held = {};
  }
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(done));
}

void Output::put(std::string_view part) {
  if (buffer_.size() + part.size() > kBufferBytes) flush();
  if (part.size() >= kBufferBytes) {
    write_all(part);
  } else {
    buffer_.append(part);
  }
}

void Output::flush() {
  if (buffer_.empty()) return;
  write_all(buffer_);
  buffer_.clear();
}

void EventReader::feed(std::string_view bytes, LineSource& source, Output& output) {
  while (!bytes.empty()) {
    if (state_ == State::prefix) {
      const auto rest = kPrefix.substr(matched_);
      const auto length = std::min(rest.size(), bytes.size());
      if (bytes.substr(0, length) != rest.substr(0, length)) {
        state_ = State::other;
        continue;
      }
      bytes.remove_prefix(length);
      matched_ += length;
      if (matched_ == kPrefix.size()) state_ = State::data;
      continue;
    }
    const auto end = bytes.find('\n');
    const bool ends = end != std::string_view::npos;
    if (state_ == State::data) output.add(source, bytes.substr(0, end), ends);
    if (!ends) return;
    bytes.remove_prefix(end + 1);
    state_ = State::prefix;
    matched_ = 0;
  }
}

}  // namespace bench
