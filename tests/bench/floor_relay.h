#pragma once

#include <curl/curl.h>
#include <uv.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "floor_output.h"

namespace bench {

// The command line of bench-floor.
struct FloorOptions {
  std::string url;
  std::string ca_cert;  // a file with the certificates to trust, or
  std::string ca_path;  // a hashed directory of them; libcurl's defaults when both are empty
  bool http1 = false;   // no h2 over TLS
};

// Lines from standard input to POST requests, answers to standard output, by libcurl's
// multi_socket interface on a libuv loop: what a bridge costs that looks at nothing.
//
// It is meant to be hard to beat. What makes it fast, each trick worth its place by measurement:
// the poll of an idle connection stays registered (Watch), a timer of 0 ms is served in the same
// turn (settle), one read of stdin starts many requests and one write carries all that a turn
// brought (Output), handles are pooled and receive into 256 KiB, and no cap on connections makes
// calls wait for each other in HTTP/1.1, while h2 carries them on one.
class Relay {
 public:
  explicit Relay(FloorOptions options);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  int run();

 private:
  // An easy handle and what belongs to its present request. Pooled, never freed before the end.
  struct Transfer {
    Relay* relay = nullptr;
    CURL* easy = nullptr;
    std::string request;
    LineSource source;
    EventReader events;
    enum class Kind { unseen, json, events } kind = Kind::unseen;
    bool knows_session = false;
  };
  // A socket of libcurl's in our loop. Lives until libcurl closes the socket, not until it loses
  // interest for a while; freed in the close callback of its poll.
  struct Watch {
    uv_poll_t poll;
    Relay* relay;
    curl_socket_t socket;
    int wanted;   // by libcurl; 0 while the connection is idle
    int watched;  // what epoll has been told
  };

  // Called by libuv and libcurl, both written in C: nothing may be thrown through them.
  static void on_stdin(uv_poll_t* handle, int status, int events) noexcept;
  static void on_ready(uv_poll_t* handle, int status, int events) noexcept;
  static void on_timer(uv_timer_t* handle) noexcept;
  static int want_socket(CURL*, curl_socket_t socket, int what, void* self, void*) noexcept;
  static int want_timer(CURLM*, long milliseconds, void* self) noexcept;
  static int close_socket(void* self, curl_socket_t socket) noexcept;
  static std::size_t take_body(char* data, std::size_t one, std::size_t size,
                               void* transfer) noexcept;

  void read_stdin();
  void send(std::string_view line);
  Transfer& make_transfer();
  void see_headers(Transfer& transfer);
  void act(curl_socket_t socket, int mask);
  void settle();
  void take_finished();
  void finish(Transfer& transfer, CURLcode code);
  void stop_if_done();

  FloorOptions options_;
  uv_loop_t loop_;
  uv_poll_t stdin_poll_;
  uv_timer_t timer_;
  uv_prepare_t before_poll_;
  CURLM* multi_;
  Output output_;
  std::vector<Watch*> watches_;  // by socket
  std::vector<std::unique_ptr<Transfer>> transfers_;
  std::vector<Transfer*> idle_;
  curl_slist* headers_ = nullptr;
  curl_slist* session_headers_ = nullptr;
  std::string unfinished_line_;
  std::vector<char> room_;
  bool timer_is_due_ = false;
  bool input_ended_ = false;
  int failures_ = 0;
};

}  // namespace bench
