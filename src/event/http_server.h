// A small HTTP/1.1 server on the loop: requests in as values, answers out at any later time.
//
// libmicrohttpd does the protocol, driven by our Poll and Timer; there is no thread. It serves a
// loopback listener that a browser visits once, and the sandbox, so it is strict: exactly one Host
// field, no two lengths, a deadline for reading a request, a bound on connections.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "event/http_message.h"
#include "event/listen_socket.h"

namespace dogpipe::event {

class UvLoop;

// The right and the duty to answer one request. Owning is answering: dropped before respond() or
// end(), the connection is cut where it stands. May outlive its connection and its server; every
// call then does nothing.
class HttpAnswer {
 public:
  struct Hold;

  HttpAnswer();
  HttpAnswer(HttpAnswer&& other) noexcept;
  HttpAnswer& operator=(HttpAnswer&& other) noexcept;
  ~HttpAnswer();

  // Whether the client is there and still owed something.
  bool open() const;

  // `sent` is called once, on a turn of its own, when the system has taken all of the reply, so
  // that the server may go without cutting it; never if the client or the server goes before. May
  // destroy the server.
  void respond(HttpReply reply, std::function<void()> sent = {});

  // A body that comes in pieces: chunked, or until close for HTTP/1.0. write() never blocks.
  void start_stream(int status, HttpFields fields);
  void write(std::string_view bytes);
  void end();
  // Bytes written that libmicrohttpd has not taken yet.
  std::size_t queued_bytes() const;

  // Cuts the connection: before an answer without a byte, in a stream after the bytes written.
  void abort();
  // Cuts it at once with a TCP reset; bytes on their way are lost.
  void reset();

  // Called once, on a turn of its own, when the client has gone (closed its side, even if only to
  // write) while owed something. May destroy the answer and the server. Not called when the server
  // goes.
  void on_gone(std::function<void()> told);

 private:
  friend class HttpServer;

  explicit HttpAnswer(std::unique_ptr<Hold> hold);

  std::unique_ptr<Hold> hold_;
};

struct HttpLimits {
  std::size_t connections = 16;        // one more, and the oldest that is owed nothing is shut down
  std::size_t head_bytes = 16u << 10;  // request line and fields; also the size of buffers
  std::size_t body_bytes = 8u << 10;
  base::Duration request_time = std::chrono::seconds(5);  // connected, or line seen, to body read
  base::Duration idle_time = std::chrono::seconds(5);     // a kept connection without a request
};

class HttpServer {
 public:
  // Called on a turn of its own for each whole request. May destroy the server.
  using Handler = std::function<void(HttpRequest request, HttpAnswer answer)>;

  // Serves from the next turn on. Errors: Kind::file.
  static base::Result<std::unique_ptr<HttpServer>> make(UvLoop& loop, ListenSocket socket,
                                                        const HttpLimits& limits, Handler handler);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer();  // cuts every connection

  std::uint16_t port() const;
  std::size_t connections() const;

  struct State;

 private:
  explicit HttpServer(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace dogpipe::event
