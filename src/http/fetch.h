// One small request and its whole response, for documents that are read at a piece.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "http/client.h"

namespace dogpipe::http {

struct Response {
  int status = 0;
  std::string media_type;
  std::string location;   // of a redirect; empty if none
  std::string challenge;  // all of WWW-Authenticate
  std::string body;       // decoded
};

// Owning is waiting. `done` is called once, on a turn of its own, last; it may destroy the Fetch.
class Fetch final : private Receiver {
 public:
  // `body_left`: the server may have seen the request.
  using Done = std::function<void(base::Result<Response> response, bool body_left)>;

  // A response beyond `longest_body` bytes is an error: Kind::too_large.
  Fetch(Client& client, Request request, std::size_t longest_body, Done done);
  Fetch(const Fetch&) = delete;
  Fetch& operator=(const Fetch&) = delete;
  ~Fetch() = default;

 private:
  void on_head(const ResponseHead& head) override;
  Flow on_data(std::string_view piece) override;
  void on_end(const End& end) override;

  std::size_t longest_body_;
  Done done_;
  Response response_;
  bool too_large_ = false;
  std::unique_ptr<Transfer> transfer_;  // last: it ends first
};

}  // namespace dogpipe::http
