// libcurl's sockets, watched for it; used by CurlClient alone.
#pragma once

#include <curl/curl.h>

#include <functional>
#include <memory>
#include <unordered_map>

#include "event/poll.h"

namespace dogpipe::event {
class UvLoop;
}

namespace dogpipe::http {

class CurlSockets {
 public:
  // `events` are libcurl's CURL_CSELECT_ bits.
  using OnReady = std::function<void(curl_socket_t socket, int events)>;

  CurlSockets(event::UvLoop& loop, OnReady on_ready)
      : loop_(loop), on_ready_(std::move(on_ready)) {}

  // What libcurl's CURLMOPT_SOCKETFUNCTION and CURLOPT_CLOSESOCKETFUNCTION say.
  void want(curl_socket_t number, int what);
  void closed(curl_socket_t number) { sockets_.erase(number); }

  // While held, sockets are not watched for reading.
  void hold(bool on);

 private:
  // Its poll is kept while the connection idles: registering it anew with the kernel for each
  // request would cost two system calls a request.
  struct Socket {
    std::unique_ptr<event::Poll> poll;
    unsigned wanted = 0;
    bool in_use = false;
  };

  void watch(Socket& socket);
  void on_event(curl_socket_t number, unsigned ready, bool failed);

  event::UvLoop& loop_;
  OnReady on_ready_;
  bool held_ = false;
  std::unordered_map<curl_socket_t, Socket> sockets_;
};

}  // namespace dogpipe::http
