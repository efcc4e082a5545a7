// The MCP endpoint: makes the requests that go there.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/authorizer.h"
#include "base/clock.h"
#include "bridge/exchange.h"
#include "bridge/session.h"
#include "event/loop.h"
#include "http/client.h"
#include "mcp/request_fields.h"

namespace dogpipe::bridge {

struct Endpoint {
  std::string url;
  std::vector<http::Header> fields;  // the user's own, and those that choose toolsets
  http::Patience patience;
  std::size_t longest_message = 0;  // bytes, from the server
};

class Upstream {
 public:
  // All must outlive it.
  Upstream(event::Loop& loop, http::Client& client, auth::Authorizer& authorizer,
           const Session& session, Endpoint endpoint);

  struct Post {
    bool may_resend = false;   // http::Request::may_resend
    bool may_wait = false;     // http::Request::may_wait
    bool with_session = true;  // false for initialize
    // Fields of this message alone; then it goes without a session (servers from 2026-07-28 on).
    const mcp::Fields* own_fields = nullptr;
    bool endless = false;  // its event stream stays open without a limit, however silent
  };
  std::unique_ptr<Exchange> post(SharedBytes body, Post how, Exchange::Listener& listener);
  // The server's own stream; or, with an event id, the rest of a stream that broke off.
  std::unique_ptr<Exchange> listen(const std::string& last_event_id, Exchange::Listener& listener);
  std::unique_ptr<Exchange> end_session(Exchange::Listener& listener);

  // HTTP+SSE, the transport of 2024-11-05: a stream that names an address for messages, without
  // limits on silence.
  std::unique_ptr<Exchange> open_stream(Exchange::Listener& listener);
  // It has been named: from now on messages go there, without a session's fields, and requests are
  // answered on the stream. On this server that never ends; the stream may.
  void use_address(std::string url);
  void lose_address() { ++link_; }
  bool answers_elsewhere() const { return !message_url_.empty(); }
  // Another one with each such stream, and with its loss.
  std::uint64_t link() const { return link_; }
  // A request whose answer is here already; its response may end in peace, so that the connection
  // stays of use.
  void let_end(std::unique_ptr<Exchange> exchange);

  // The server has asked for a pause: nobody sends before it is over.
  void hold_back(std::chrono::milliseconds pause);
  base::Duration pause_left() const;

  auth::Authorizer& authorizer() const { return authorizer_; }
  const std::string& url() const { return endpoint_.url; }
  const http::Patience& patience() const { return endpoint_.patience; }

 private:
  std::unique_ptr<Exchange> start(http::Request request, Exchange::Listener& listener);
  std::vector<http::Header> common_fields(bool with_session) const;
  http::Headers headers_for_post(bool with_session, const mcp::Fields& own_fields) const;
  const std::shared_ptr<const http::Headers>& post_headers(bool with_session);

  event::Loop& loop_;
  http::Client& client_;
  auth::Authorizer& authorizer_;
  const Session& session_;
  Endpoint endpoint_;
  std::string message_url_;
  std::uint64_t link_ = 0;
  std::vector<std::unique_ptr<Exchange>> ending_;
  std::shared_ptr<const http::Headers> post_headers_;   // with the session of that generation
  std::shared_ptr<const http::Headers> first_headers_;  // without a session
  std::uint64_t session_generation_ = 0;
  std::uint64_t credential_generation_ = 0;
  std::optional<base::Time> held_until_;
};

}  // namespace dogpipe::bridge
