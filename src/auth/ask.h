// Requests to an authorization server: made alike, without redirects, and only to where the user's
// trust reaches.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "auth/grant.h"
#include "auth/url_policy.h"
#include "base/result.h"
#include "http/client.h"
#include "http/fetch.h"

namespace dogpipe::auth {

// Each may take 30 s.
http::Request metadata_request(const http::Url& url, const Trusted& trusted);
// A message to the MCP server itself, without any credential.
http::Request mcp_post(const http::Url& endpoint, std::string_view message);
http::Request json_post(const http::Url& url, std::string_view body, const Trusted& trusted);
http::Request form_post(const http::Url& url, const FormRequest& form, const Trusted& trusted);

// One request to a token endpoint. Owning the Fetch is waiting.
using TokenAnswer = std::variant<TokenReply, TokenRefusal>;
// `body_left`: the server may have seen the request, and a code or refresh token in it may be
// spent.
using OnToken = std::function<void(base::Result<TokenAnswer> answer, bool body_left)>;
std::unique_ptr<http::Fetch> ask_token(http::Client& client, http::Request request, OnToken done);

}  // namespace dogpipe::auth
