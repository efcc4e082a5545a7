#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

typedef struct ssl_st SSL;

namespace bench {

// A blocking HTTP/1.1 client on one kept connection: what a call costs without any bridge.
// Trusts any certificate: it is there to be subtracted, not to be safe.
class Direct {
 public:
  // Connects to 127.0.0.1 at once; see good().
  Direct(std::uint16_t port, bool tls);
  ~Direct();
  Direct(const Direct&) = delete;
  Direct& operator=(const Direct&) = delete;

  bool good() const { return fd_ >= 0; }
  // The body of the answer, valid until the next exchange; empty on failure.
  std::string_view get(std::string_view path);
  std::string_view post(std::string_view body);
  // Initializes, so that post() may make calls.
  bool open_session();

 private:
  std::string_view exchange(std::string_view body);
  bool write_all(std::string_view bytes);
  bool read_some();

  int fd_ = -1;
  SSL* ssl_ = nullptr;
  std::string request_;
  std::string answer_;
  std::string session_;
};

}  // namespace bench
