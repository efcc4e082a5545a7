// HTTP requests and responses as values (RFC 9110).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace dogpipe::http {

enum class Method : std::uint8_t { get, post, del };

struct Header {
  std::string name;
  std::string value;
};

// The header fields of a request. Many requests share one list, so that a client can prepare it
// once.
class Headers {
 public:
  explicit Headers(std::vector<Header> fields) : fields_(std::move(fields)) {}

  const std::vector<Header>& fields() const { return fields_; }

  // For the Client: its own form of this list, made at the first use.
  std::shared_ptr<void>& prepared() const { return prepared_; }

 private:
  std::vector<Header> fields_;
  mutable std::shared_ptr<void> prepared_;
};

// Whether a field may be sent as it is: a token (RFC 9110 5.1) and a value without controls (5.5).
bool valid_field(std::string_view name, std::string_view value);

// Limits on time. Zero: none.
struct Patience {
  std::chrono::milliseconds first_byte{0};   // from sending to the response header
  std::chrono::milliseconds idle{0};         // between two pieces of a response body
  std::chrono::milliseconds total{0};        // until the response has ended
  std::chrono::milliseconds stream_idle{0};  // instead of idle and total for an event stream
};

struct Request {
  Method method = Method::get;
  std::string url;
  std::shared_ptr<const Headers> headers;
  std::shared_ptr<const base::Bytes> body;  // for POST
  // Whether libcurl may send the body once more by itself when a reused connection turns out dead
  // after part of it has left. Only for what a server may be asked twice.
  bool may_resend = false;
  // With HTTP/1.1, where each request takes a connection, wait while many others are under way. Not
  // for what ends the wait of others: an answer to a question that the server asked within a call.
  bool may_wait = false;
  // Ask for a compressed response. Not where nothing but an event stream can come: what compresses
  // may also hold back.
  bool compressed = false;
  // Connect to a public address only, whatever the name resolves to: for URLs that a server has
  // named. Through a proxy it is the proxy that resolves.
  bool public_only = false;
  Patience patience;
};

// The status line and header fields of a response, as received.
class ResponseHead {
 public:
  // Takes one header line of the wire, line end and all. A status line starts the head anew, since
  // interim responses (1xx) come before the final one.
  void add_line(std::string_view line);

  int status() const { return status_; }
  // The value of the first field of that name, trimmed; names compare without case.
  std::optional<std::string_view> field(std::string_view name) const;
  // The values of all fields of that name, joined with ", " (RFC 9110 section 5.3).
  std::string fields(std::string_view name) const;
  // The media type without parameters, in lower case: "text/event-stream".
  std::string media_type() const;
  std::size_t size() const { return text_.size(); }

 private:
  template <class GoOn>
  void for_each(std::string_view name, GoOn go_on) const;

  std::string text_;
  int status_ = 0;
  bool ended_ = false;  // the last line was blank
};

}  // namespace dogpipe::http
