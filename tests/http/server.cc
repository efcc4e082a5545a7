#include "server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <csignal>
#include <stdexcept>

namespace dogpipe::http {
namespace {

constexpr std::chrono::seconds kPatience(10);

int listen_on_loopback(int& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  if (fd < 0 || ::bind(fd, generic, size) != 0 || ::listen(fd, 16) != 0 ||
      ::getsockname(fd, generic, &size) != 0) {
    throw std::runtime_error("no socket on loopback");
  }
  port = ntohs(address.sin_port);
  return fd;
}

std::size_t body_size(std::string_view head) {
  constexpr std::string_view kName = "\r\nContent-Length: ";
  const std::size_t at = head.find(kName);
  std::size_t size = 0;
  if (at == std::string_view::npos) return size;
  const std::string_view digits = head.substr(at + kName.size());
  std::from_chars(digits.data(), digits.data() + digits.size(), size);
  return size;
}

}  // namespace

std::string Server::Connection::read_request() {
  for (;;) {
    const std::size_t end = buffer_.find("\r\n\r\n");
    if (end != std::string::npos) {
      const std::size_t whole = end + 4 + body_size(buffer_.substr(0, end));
      if (buffer_.size() >= whole) {
        std::string request = buffer_.substr(0, whole);
        buffer_.erase(0, whole);
        server_.note(request);
        return request;
      }
    }
    std::array<char, 65536> chunk;
    const long got = receive(chunk.data(), chunk.size());
    if (got <= 0) return {};
    buffer_.append(chunk.data(), static_cast<std::size_t>(got));
  }
}

void Server::Connection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const long sent = tls_ ? ::SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()))
                           : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void Server::Connection::respond(std::string_view body, std::string_view fields) {
  send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + std::string(fields) +
       "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
}

bool Server::Connection::wait_for_close() {
  std::array<char, 4096> chunk;
  for (;;) {
    const long got = receive(chunk.data(), chunk.size());
    if (got > 0) continue;
    return got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
  }
}

long Server::Connection::receive(char* place, std::size_t room) {
  return tls_ ? ::SSL_read(tls_.get(), place, static_cast<int>(room)) : ::recv(fd_, place, room, 0);
}

bool Server::Connection::start_tls(const Certificate& certificate) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_server_method()),
                                                                  &SSL_CTX_free);
  const auto in_memory = [](const std::string& pem) {
    return std::unique_ptr<BIO, decltype(&BIO_free)>(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  };
  const std::unique_ptr<X509, decltype(&X509_free)> read_certificate(
      PEM_read_bio_X509(in_memory(certificate.certificate).get(), nullptr, nullptr, nullptr),
      &X509_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(in_memory(certificate.key).get(), nullptr, nullptr, nullptr),
      &EVP_PKEY_free);
  SSL_CTX_use_certificate(context.get(), read_certificate.get());
  SSL_CTX_use_PrivateKey(context.get(), key.get());
  tls_.reset(SSL_new(context.get()));
  SSL_set_fd(tls_.get(), fd_);
  return SSL_accept(tls_.get()) == 1;
}

void Server::Connection::Free::operator()(ssl_st* tls) const noexcept { SSL_free(tls); }

Certificate Certificate::make(int days) {
  constexpr long kDay = 24L * 60 * 60;
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"),
                                                                &EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), &X509_free);
  X509_set_version(made.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), days < 0 ? days * kDay : -kDay);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), days < 0 ? -60 : days * kDay);
  X509_set_pubkey(made.get(), key.get());
  X509_NAME* name = X509_get_subject_name(made.get());
  X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("Kennel\x1b[2J"), -1, -1, 0);
  X509_set_issuer_name(made.get(), name);
  X509_EXTENSION* names =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:mcp.example,IP:127.0.0.1");
  X509_add_ext(made.get(), names, -1);
  X509_EXTENSION_free(names);
  X509_sign(made.get(), key.get(), EVP_sha256());
  const auto text_of = [](auto&& write) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
    write(out.get());
    char* data = nullptr;
    const long size = BIO_get_mem_data(out.get(), &data);
    return std::string(data, static_cast<std::size_t>(size));
  };
  return {text_of([&](BIO* out) { PEM_write_bio_X509(out, made.get()); }), text_of([&](BIO* out) {
            PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

void Server::Connection::reset() {
  const linger now = {1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

Server::Server(Handler handler) : handler_(std::move(handler)) {
  ::signal(SIGPIPE, SIG_IGN);  // TLS writes to connections that the client has closed
  listener_ = listen_on_loopback(port_);
  thread_ = std::thread([this] { serve(); });
}

Server::~Server() {
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

void Server::serve() {
  for (;;) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const timeval limit = {kPatience.count(), 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    int number = 0;
    {
      const std::lock_guard lock(mutex_);
      number = ++opened_;
    }
    Connection connection(*this, fd);
    handler_(connection, number);
    ::close(fd);
    const std::lock_guard lock(mutex_);
    ++closed_;
    changed_.notify_all();
  }
}

void Server::note(std::string request) {
  const std::lock_guard lock(mutex_);
  requests_.push_back(std::move(request));
}

std::vector<std::string> Server::requests() {
  const std::lock_guard lock(mutex_);
  return requests_;
}

int Server::connections() {
  const std::lock_guard lock(mutex_);
  return opened_;
}

bool Server::wait_until_closed(int count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, [&] { return closed_ >= count; });
}

int unused_port() {
  int port = 0;
  ::close(listen_on_loopback(port));
  return port;
}

}  // namespace dogpipe::http
