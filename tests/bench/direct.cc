#include "direct.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <charconv>

namespace bench {
namespace {

constexpr int kPatienceSeconds = 30;
constexpr std::string_view kPost =
    "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    "Accept: application/json, text/event-stream\r\n";

std::string_view header(std::string_view head, std::string_view name) {
  const auto at = head.find(name);
  if (at == std::string_view::npos) return {};
  head.remove_prefix(at + name.size());
  return head.substr(0, head.find("\r\n"));
}

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd >= 0 && ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd);
    return -1;
  }
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const timeval patience{kPatienceSeconds, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return fd;
}

}  // namespace

Direct::Direct(std::uint16_t port, bool tls) : fd_{connect_to(port)} {
  if (fd_ < 0 || !tls) return;
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  ssl_ = SSL_new(context);
  SSL_CTX_free(context);  // the connection keeps its own reference
  SSL_set_fd(ssl_, fd_);
  if (SSL_connect(ssl_) == 1) return;
  ::close(fd_);
  fd_ = -1;
}

Direct::~Direct() {
  SSL_free(ssl_);
  if (fd_ >= 0) ::close(fd_);
}

std::string_view Direct::get(std::string_view path) {
  request_.assign("GET ").append(path).append(" HTTP/1.1\r\nHost: localhost\r\n\r\n");
  return exchange({});
}

std::string_view Direct::post(std::string_view body) {
  request_.assign(kPost);
  if (!session_.empty()) request_.append("Mcp-Session-Id: ").append(session_).append("\r\n");
  request_.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n");
  return exchange(body);
}

bool Direct::open_session() {
  if (!good() || post(R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{}})").empty()) {
    return false;
  }
  session_ = header(answer_, "Mcp-Session-Id: ");
  return !session_.empty();
}

std::string_view Direct::exchange(std::string_view body) {
  request_.append(body);
  answer_.clear();
  if (!write_all(request_)) return {};
  auto head_end = std::string::npos;
  while (head_end == std::string::npos) {
    if (!read_some()) return {};
    head_end = answer_.find("\r\n\r\n");
  }
  const auto length = header(std::string_view{answer_}.substr(0, head_end + 2), "Content-Length: ");
  std::size_t bytes = 0;
  std::from_chars(length.data(), length.data() + length.size(), bytes);
  while (answer_.size() < head_end + 4 + bytes) {
    if (!read_some()) return {};
  }
  return std::string_view{answer_}.substr(head_end + 4);
}

bool Direct::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto put = ssl_ != nullptr ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                                     : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

bool Direct::read_some() {
  std::array<char, 16 << 10> room;
  const auto got = ssl_ != nullptr ? SSL_read(ssl_, room.data(), static_cast<int>(room.size()))
                                   : ::recv(fd_, room.data(), room.size(), 0);
  if (got <= 0) return false;
  answer_.append(room.data(), static_cast<std::size_t>(got));
  return true;
}

}  // namespace bench
