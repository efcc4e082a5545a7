// One HTTP request to the MCP endpoint, and what comes back: JSON, an event stream, or neither.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "bridge/assembly.h"
#include "http/client.h"
#include "http/sse.h"

namespace dogpipe::bridge {

// How an exchange ended.
struct Outcome {
  int status = 0;  // 0: no response header came
  std::string media_type;
  std::optional<base::Error> error;  // the response is incomplete or unusable
  bool body_left = false;            // the server may have seen the request
  bool event_stream = false;
  std::size_t body_bytes = 0;
  std::size_t announced_bytes = 0;  // Content-Length; 0 if not given
  std::optional<Message> message;   // of a response with an error status and a JSON-RPC body
  std::string error_body;           // the start of such a response's body, for recognizing only
  std::string session_id;
  std::string challenge;                   // all of WWW-Authenticate, of a 401 or 403
  std::optional<std::string> retry_after;  // the field's raw value
  std::string last_event_id;               // of the event stream; empty if it gave none
  std::optional<std::chrono::milliseconds> retry;
};

class Exchange final : private http::Receiver, private http::SseReader::Events {
 public:
  class Listener {
   public:
    // A message of an event stream, or the one of a JSON response. The callee must not destroy the
    // Exchange here; close() it may.
    virtual void on_message(Exchange& exchange, Message& message) = 0;
    // An event of a type that is not MCP's "message". The same holds for the callee.
    virtual void on_other_event(Exchange&, std::string_view /*type*/, const std::string& /*data*/) {
    }
    // The response header has come. The callee may close() the Exchange, not destroy it.
    virtual void on_open(Exchange&) {}
    // No more will come. Here the callee may destroy the Exchange.
    virtual void on_end(Exchange& exchange, Outcome& outcome) = 0;

   protected:
    ~Listener() = default;
  };

  Exchange(std::size_t longest_message, Listener& listener);
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  void start(http::Client& client, http::Request request);
  // Nothing more is reported. The request itself ends when the Exchange is destroyed.
  void close() { closed_ = true; }

  // Whether a server can have seen the request.
  bool body_left() const { return transfer_ && transfer_->body_left(); }
  // Whether the response has ended, reported or not.
  bool ended() const { return ended_; }
  // What is known so far.
  const Outcome& outcome() const { return outcome_; }

 private:
  void on_head(const http::ResponseHead& head) override;
  Flow on_data(std::string_view piece) override;
  void on_end(const http::End& end) override;
  void on_event_data(std::string_view piece) override;
  void on_event(std::string_view type) override;

  Flow stop_if_too_large();
  void end_of_body();

  std::size_t longest_message_;
  Listener& listener_;
  Assembly assembly_;
  std::optional<http::SseReader> sse_;
  Outcome outcome_;
  bool json_ = false;
  bool closed_ = false;
  bool ended_ = false;
  std::unique_ptr<http::Transfer> transfer_;  // last: it ends first
};

}  // namespace dogpipe::bridge
