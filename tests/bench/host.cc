#include "host.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace bench {
namespace {

constexpr std::size_t kReadBytes = std::size_t{1} << 20;
constexpr std::size_t kLeastRoom = 64 << 10;
// Ids stand near one end of a line; the payload between is not searched for them.
constexpr std::size_t kEnvelopeBytes = 256;

int milliseconds_until(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 600'000));
}

}  // namespace

bool Host::send(std::string_view bytes, Clock::time_point deadline) {
  while (!bytes.empty()) {
    const auto put = ::write(child_.in(), bytes.data(), bytes.size());
    if (put >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(put));
      continue;
    }
    if (errno != EAGAIN) return false;
    pollfd ready[2] = {{child_.in(), POLLOUT, 0}, {child_.out(), POLLIN, 0}};
    if (::poll(ready, 2, milliseconds_until(deadline)) <= 0) return false;
    if (ready[1].revents != 0 && read_some() == Got::end) return false;
  }
  return true;
}

bool Host::fill(Clock::time_point deadline) {
  if (begin_ == end_) begin_ = scanned_ = end_ = 0;
  switch (read_some()) {
    case Got::bytes:
      return true;
    case Got::end:
      return false;
    case Got::nothing:
      break;
  }
  pollfd ready{child_.out(), POLLIN, 0};
  if (::poll(&ready, 1, milliseconds_until(deadline)) <= 0) return false;
  return read_some() == Got::bytes;
}

// Up to 1 MiB at once, so that reading is cheap beside what is measured.
Host::Got Host::read_some() {
  make_room(kLeastRoom);
  const auto room = std::min(buffer_.size() - end_, kReadBytes);
  const auto got = ::read(child_.out(), buffer_.data() + end_, room);
  if (got > 0) {
    end_ += static_cast<std::size_t>(got);
    return Got::bytes;
  }
  return got < 0 && errno == EAGAIN ? Got::nothing : Got::end;
}

void Host::make_room(std::size_t bytes) {
  if (buffer_.size() - end_ >= bytes) return;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    scanned_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() - end_ < bytes) buffer_.resize(std::max(buffer_.size() * 2, end_ + bytes));
}

std::optional<std::string_view> Host::take_line() {
  const std::string_view fresh{buffer_.data() + scanned_, end_ - scanned_};
  const auto newline = fresh.find('\n');
  if (newline == std::string_view::npos) {
    scanned_ = end_;
    return std::nullopt;
  }
  const std::string_view line{buffer_.data() + begin_, scanned_ + newline - begin_};
  begin_ = scanned_ = scanned_ + newline + 1;
  return line;
}

std::string_view Host::last_line() const {
  std::string_view text{buffer_.data() + begin_, end_ - begin_};
  const auto newline = text.rfind('\n');
  if (newline == std::string_view::npos) return {};
  text = text.substr(0, newline);
  const auto before = text.rfind('\n');
  return before == std::string_view::npos ? text : text.substr(before + 1);
}

std::optional<std::uint64_t> message_id(std::string_view line) {
  constexpr std::string_view kName = R"("id":)";
  auto at = line.substr(0, kEnvelopeBytes).rfind(kName);
  if (at == std::string_view::npos && line.size() > kEnvelopeBytes) {
    const auto tail_at = line.size() - kEnvelopeBytes;
    at = line.substr(tail_at).rfind(kName);
    if (at != std::string_view::npos) at += tail_at;
  }
  if (at == std::string_view::npos) return std::nullopt;
  std::uint64_t id = 0;
  const auto from = line.data() + at + kName.size();
  const auto end = std::from_chars(from, line.data() + line.size(), id).ptr;
  if (end == from) return std::nullopt;
  return id;
}

bool is_result(std::string_view line) {
  return line.substr(0, kEnvelopeBytes).find(R"("result":)") != std::string_view::npos;
}

std::string_view result_text(std::string_view line) {
  constexpr std::string_view kOpen = R"("text":")";
  const auto at = line.substr(0, kEnvelopeBytes).find(kOpen);
  if (at == std::string_view::npos) return {};
  const auto from = at + kOpen.size();
  // The text ends where the last member after it begins: searched from the end, since it is long.
  const auto tail_at = line.size() - std::min(line.size() - from, kEnvelopeBytes);
  const auto close = line.substr(tail_at).rfind(R"("}])");
  if (close == std::string_view::npos) return {};
  return line.substr(from, tail_at + close - from);
}

}  // namespace bench
