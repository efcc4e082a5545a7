#include "server_wire.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace bench {
namespace {

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_length,
                    const unsigned char* offered, unsigned int offered_length, void*) noexcept {
  static constexpr unsigned char kOurs[] = "\x02h2\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_length, kOurs, sizeof kOurs - 1, offered,
                            offered_length) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

void SslDeleter::operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
void SslContextDeleter::operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }

SslContext make_server_context(const char* certificate_file, const char* key_file) {
  SslContext context{SSL_CTX_new(TLS_server_method())};
  if (!context || SSL_CTX_use_certificate_chain_file(context.get(), certificate_file) != 1 ||
      SSL_CTX_use_PrivateKey_file(context.get(), key_file, SSL_FILETYPE_PEM) != 1) {
    std::fprintf(stderr, "bench-server: cannot use %s with %s\n", certificate_file, key_file);
    return nullptr;
  }
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  // Read-ahead takes many records in one read(2).
  SSL_CTX_set_read_ahead(context.get(), 1);
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  return context;
}

Wire::Wire(int fd, SSL_CTX* context) : fd_{fd} {
  if (context == nullptr) return;
  ssl_.reset(SSL_new(context));
  SSL_set_fd(ssl_.get(), fd);
  SSL_set_accept_state(ssl_.get());
}

Wire::~Wire() {
  ssl_.reset();
  ::close(fd_);
}

Wire::Step Wire::read(char* into, std::size_t room) {
  if (ssl_) {
    ERR_clear_error();
    std::size_t got = 0;
    const int result = SSL_read_ex(ssl_.get(), into, room, &got);
    return result == 1 ? Step{Outcome::moved, got} : judge_ssl(result);
  }
  const auto got = ::recv(fd_, into, room, 0);
  if (got > 0) return {Outcome::moved, static_cast<std::size_t>(got)};
  return {got < 0 && errno == EAGAIN ? Outcome::blocked : Outcome::closed, 0};
}

Wire::Step Wire::write(std::string_view bytes, bool more) {
  if (ssl_) {
    ERR_clear_error();
    std::size_t put = 0;
    const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &put);
    return result == 1 ? Step{Outcome::moved, put} : judge_ssl(result);
  }
  const auto put =
      ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | (more ? int{MSG_MORE} : 0));
  if (put >= 0) return {Outcome::moved, static_cast<std::size_t>(put)};
  return {errno == EAGAIN ? Outcome::blocked : Outcome::closed, 0};
}

bool Wire::speaks_h2() const {
  if (!ssl_) return false;
  const unsigned char* name = nullptr;
  unsigned int length = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &length);
  return length == 2;  // "h2" is the only one of ours that short
}

bool Wire::holds_bytes() const { return ssl_ && SSL_has_pending(ssl_.get()) == 1; }

Wire::Step Wire::judge_ssl(int result) const {
  const int error = SSL_get_error(ssl_.get(), result);
  const bool wait = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
  return {wait ? Outcome::blocked : Outcome::closed, 0};
}

}  // namespace bench
