#include "server_loop.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace bench {
namespace {

// Tags of what is no connection; connections count on from kFirstConnection.
constexpr std::uint64_t kStdin = 0;
constexpr std::uint64_t kPlainListener = 1;
constexpr std::uint64_t kTlsListener = 2;
constexpr std::uint64_t kFirstConnection = 16;

constexpr std::size_t kReadBytes = 256 << 10;

}  // namespace

ServerLoop::ServerLoop(McpServer& mcp, SSL_CTX* context)
    : mcp_{mcp},
      context_{context},
      epoll_{::epoll_create1(EPOLL_CLOEXEC)},
      next_tag_{kFirstConnection},
      room_(kReadBytes) {}

ServerLoop::~ServerLoop() {
  connections_.clear();
  for (const int fd : {plain_listener_, tls_listener_, epoll_}) {
    if (fd >= 0) ::close(fd);
  }
}

std::uint16_t ServerLoop::listen(bool tls) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  const auto generic = reinterpret_cast<sockaddr*>(&address);
  if (fd < 0 || ::bind(fd, generic, length) != 0 || ::listen(fd, 1024) != 0 ||
      ::getsockname(fd, generic, &length) != 0) {
    if (fd >= 0) ::close(fd);
    return 0;
  }
  (tls ? tls_listener_ : plain_listener_) = fd;
  watch(fd, tls ? kTlsListener : kPlainListener);
  return ntohs(address.sin_port);
}

void ServerLoop::watch(int fd, std::uint64_t tag) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLRDHUP;
  event.data.u64 = tag;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
}

void ServerLoop::run() {
  watch(STDIN_FILENO, kStdin);
  std::array<epoll_event, 256> events;
  for (;;) {  // ends with standard input
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                                   milliseconds_to_wait());
    if (count < 0 && errno != EINTR) return;
    for (int i = 0; i < count; ++i) {
      const auto tag = events[static_cast<std::size_t>(i)].data.u64;
      if (tag == kStdin) {
        if (::read(STDIN_FILENO, room_.data(), room_.size()) <= 0) return;
      } else if (tag == kPlainListener || tag == kTlsListener) {
        accept_all(tag == kTlsListener ? tls_listener_ : plain_listener_, tag == kTlsListener);
      } else {
        serve(tag);
      }
    }
    run_due();
  }
}

void ServerLoop::accept_all(int listener, bool tls) {
  constexpr int kMostAtOnce = 1024;
  for (int i = 0; i < kMostAtOnce; ++i) {
    const int fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const auto tag = next_tag_++;
    connections_[tag].wire = std::make_unique<Wire>(fd, tls ? context_ : nullptr);
    watch(fd, tag);
  }
}

void ServerLoop::serve(std::uint64_t tag) {
  const auto found = connections_.find(tag);
  if (found == connections_.end()) return;  // gone earlier in this turn
  if (!read_and_write(tag, found->second)) connections_.erase(found);
}

bool ServerLoop::read_and_write(std::uint64_t tag, Connection& connection) {
  // Many, since bytes that TLS holds back wake no epoll: all of them must be taken now.
  constexpr int kMostReads = 100'000;
  for (int i = 0; i < kMostReads; ++i) {
    const auto step = connection.wire->read(room_.data(), room_.size());
    if (step.outcome == Wire::Outcome::closed) return false;
    if (step.outcome == Wire::Outcome::blocked) break;
    if (!connection.protocol) {
      auto later = [this, tag](std::uint32_t stream, std::chrono::milliseconds delay) {
        due_.push({Clock::now() + delay, tag, stream});
      };
      connection.protocol =
          connection.wire->speaks_h2() ? make_http2(mcp_, later) : make_http1(mcp_, later);
    }
    if (!connection.protocol || !connection.protocol->take({room_.data(), step.bytes})) {
      return false;
    }
    // A short read has emptied the socket: a second one would only say so.
    if (step.bytes < room_.size() && !connection.wire->holds_bytes()) break;
  }
  return flush(tag, connection);
}

bool ServerLoop::flush(std::uint64_t tag, Connection& connection) {
  if (!connection.protocol) return true;  // still in the TLS handshake
  const auto outcome = connection.protocol->flush(*connection.wire);
  if (outcome == Protocol::Flush::broken) return false;
  const bool blocked = outcome == Protocol::Flush::blocked;
  if (std::exchange(connection.watches_output, blocked) != blocked) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLRDHUP | (blocked ? EPOLLOUT : 0U);
    event.data.u64 = tag;
    ::epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.wire->fd(), &event);
  }
  return true;
}

void ServerLoop::run_due() {
  // One reading of the clock, so that answers asked for meanwhile wait for the next turn.
  if (due_.empty()) return;
  const auto now = Clock::now();
  while (!due_.empty() && due_.top().at <= now) {
    const auto due = due_.top();
    due_.pop();
    const auto found = connections_.find(due.connection);
    if (found == connections_.end()) continue;
    found->second.protocol->due(due.stream);
    if (!flush(due.connection, found->second)) connections_.erase(found);
  }
}

int ServerLoop::milliseconds_to_wait() const {
  if (due_.empty()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(due_.top().at - Clock::now());
  return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

}  // namespace bench
