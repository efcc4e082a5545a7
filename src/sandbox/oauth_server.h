// The authorization server beside the MCP server: which request goes where. Metadata is on the MCP
// host; the rest is on the app host, which is another origin, unless a switch says otherwise.
#pragma once

#include <cstdint>
#include <string_view>

#include "event/http_server.h"
#include "sandbox/context.h"
#include "sandbox/oauth_authorize.h"
#include "sandbox/oauth_clients.h"
#include "sandbox/oauth_devices.h"
#include "sandbox/oauth_token_endpoint.h"
#include "sandbox/oauth_tokens.h"

namespace dogpipe::sandbox {

class OAuthServer {
 public:
  enum class Host : std::uint8_t { mcp, app };

  explicit OAuthServer(Context& context);
  OAuthServer(const OAuthServer&) = delete;
  OAuthServer& operator=(const OAuthServer&) = delete;

  const TokenTable& tokens() const { return tokens_; }
  // Whether the request was one to the authorization server; if not, `answer` is left alone.
  bool serve(Host host, const event::HttpRequest& request, event::HttpAnswer& answer);
  // The same for what tests ask for.
  bool serve_tests(const event::HttpRequest& request, event::HttpAnswer& answer);

 private:
  void serve_metadata(const event::HttpRequest& request, event::HttpAnswer& answer);
  void serve_token(const event::HttpRequest& request, event::HttpAnswer& answer);
  bool serve_visit(const event::HttpRequest& request, event::HttpAnswer& answer);
  bool serve_client(const event::HttpRequest& request, event::HttpAnswer& answer);
  event::HttpReply settle_device(const event::HttpRequest& request, bool approved);

  Context& context_;
  OAuthPaths paths_;
  Clients clients_;
  TokenTable tokens_;
  Authorize authorize_;
  Devices devices_;
  TokenEndpoint token_endpoint_;
};

}  // namespace dogpipe::sandbox
