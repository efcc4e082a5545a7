#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

typedef struct ssl_st SSL;
typedef struct ssl_ctx_st SSL_CTX;

namespace bench {

struct SslDeleter {
  void operator()(SSL* ssl) const noexcept;
};
struct SslContextDeleter {
  void operator()(SSL_CTX* context) const noexcept;
};
using SslPointer = std::unique_ptr<SSL, SslDeleter>;
using SslContext = std::unique_ptr<SSL_CTX, SslContextDeleter>;

// Offers h2 and http/1.1 by ALPN. Null, with a line on stderr, when a file cannot be used.
SslContext make_server_context(const char* certificate_file, const char* key_file);

// One accepted, non-blocking socket, plain or under TLS. Owns both.
class Wire {
 public:
  enum class Outcome { moved, blocked, closed };
  struct Step {
    Outcome outcome;
    std::size_t bytes;
  };

  Wire(int fd, SSL_CTX* context);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  int fd() const { return fd_; }
  // Runs the TLS handshake as a side effect.
  Step read(char* into, std::size_t room);
  // `more` says that further bytes follow at once (MSG_MORE), so small heads share a packet.
  Step write(std::string_view bytes, bool more);
  // Meaningful once read() has moved bytes.
  bool speaks_h2() const;
  // TLS may hold bytes that epoll cannot see.
  bool holds_bytes() const;

 private:
  Step judge_ssl(int result) const;

  int fd_;
  SslPointer ssl_;
};

}  // namespace bench
