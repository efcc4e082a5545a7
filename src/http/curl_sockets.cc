#include "http/curl_sockets.h"

#include <utility>

#include "event/uv_loop.h"

namespace dogpipe::http {

void CurlSockets::want(curl_socket_t number, int what) {
  if (what == CURL_POLL_REMOVE) {
    // Stays registered: see Socket. What it says while it idles is libcurl's to find out.
    if (const auto at = sockets_.find(number); at != sockets_.end()) at->second.in_use = false;
    return;
  }
  Socket& socket = sockets_[number];
  socket.in_use = true;
  if (!socket.poll) {
    auto made = event::Poll::make(loop_, number, [this, number](unsigned ready, bool failed) {
      on_event(number, ready, failed);
    });
    if (!made) return;  // libcurl's own time-outs end the transfer
    socket.poll = std::move(*made);
  }
  socket.wanted = 0;
  if (what & CURL_POLL_IN) socket.wanted |= event::kReadable;
  if (what & CURL_POLL_OUT) socket.wanted |= event::kWritable;
  watch(socket);
}

void CurlSockets::hold(bool on) {
  held_ = on;
  for (auto& [number, socket] : sockets_) watch(socket);
}

void CurlSockets::watch(Socket& socket) {
  if (socket.poll) socket.poll->watch(held_ ? socket.wanted & ~event::kReadable : socket.wanted);
}

void CurlSockets::on_event(curl_socket_t number, unsigned ready, bool failed) {
  const auto at = sockets_.find(number);
  if (at == sockets_.end()) return;
  if (!at->second.in_use) {
    at->second.wanted = 0;
    return watch(at->second);
  }
  int events = 0;
  if (ready & event::kReadable) events |= CURL_CSELECT_IN;
  if (ready & event::kWritable) events |= CURL_CSELECT_OUT;
  if (failed) events |= CURL_CSELECT_ERR;
  on_ready_(number, events);
}

}  // namespace dogpipe::http
