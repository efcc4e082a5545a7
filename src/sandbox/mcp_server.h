// The MCP endpoint, and what tests ask of the sandbox itself. The wire that a request speaks is
// found here; the rest is the wire's. Start reading here.
#pragma once

#include "event/http_server.h"
#include "sandbox/context.h"
#include "sandbox/legacy_wire.h"
#include "sandbox/modern_wire.h"
#include "sandbox/oauth_server.h"
#include "sandbox/reception.h"
#include "sandbox/sse_wire.h"

namespace dogpipe::sandbox {

class McpServer {
 public:
  explicit McpServer(Context& context)
      : context_(context),
        oauth_(context),
        reception_(context),
        legacy_(context, reception_),
        modern_(context, reception_),
        sse_(context, reception_) {}

  // Any request to any path of the MCP host.
  void serve(event::HttpRequest request, event::HttpAnswer answer);
  // Of the app host.
  void serve_app(const event::HttpRequest& request, event::HttpAnswer answer);

 private:
  void serve_tests(const event::HttpRequest& request, event::HttpAnswer answer);
  bool change_for_tests(const event::HttpRequest& request);
  void serve_endpoint(event::HttpRequest request, const Caller& caller, event::HttpAnswer answer);
  void serve_post(event::HttpRequest request, const Caller& caller, event::HttpAnswer answer);
  bool is_modern(const event::HttpRequest& request, const Letter& letter) const;

  Context& context_;
  OAuthServer oauth_;
  Reception reception_;
  LegacyWire legacy_;
  ModernWire modern_;
  SseWire sse_;
};

}  // namespace dogpipe::sandbox
