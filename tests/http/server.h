// A server on loopback, in a thread of its own, that does to each connection what a test wants.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

struct ssl_st;

namespace dogpipe::http {

// A certificate that signs itself, for mcp.example and 127.0.0.1, with its key; both in PEM.
struct Certificate {
  // Valid from now for so many days; from so many days ago if negative.
  static Certificate make(int days);

  std::string certificate;
  std::string key;
};

class Server {
 public:
  // One connection; closed when the handler returns. All waits are bounded.
  class Connection {
   public:
    // A whole request: header and body as told by Content-Length. Empty when the client has gone.
    std::string read_request();
    void send(std::string_view bytes);
    // A complete response.
    void respond(std::string_view body, std::string_view fields = "");
    // Waits until the client has closed; false if it has not.
    bool wait_for_close();
    // Closes with a reset instead of an end.
    void reset();
    // Goes on in TLS, with that certificate and key. False if the client does not.
    bool start_tls(const Certificate& certificate);

   private:
    friend class Server;
    Connection(Server& server, int fd) : server_(server), fd_(fd) {}

    struct Free {
      void operator()(ssl_st* tls) const noexcept;
    };

    long receive(char* place, std::size_t room);

    Server& server_;
    int fd_;
    std::string buffer_;
    std::unique_ptr<ssl_st, Free> tls_;
  };
  // `number` counts the connections from 1. Runs in the server's thread, one at a time.
  using Handler = std::function<void(Connection&, int number)>;

  explicit Server(Handler handler);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  int port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/mcp"; }
  std::vector<std::string> requests();
  int connections();
  // Waits until that many connections have been closed by the handler; false if they are not.
  bool wait_until_closed(int count);

 private:
  void serve();
  void note(std::string request);

  Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> requests_;
  int opened_ = 0;
  int closed_ = 0;
  std::thread thread_;
};

// A port of loopback on which nobody listens.
int unused_port();

}  // namespace dogpipe::http
