#include "auth/token_reply.h"

#include <algorithm>
#include <utility>

#include "auth/reply.h"
#include "base/text.h"

namespace dogpipe::auth {
namespace {

constexpr std::chrono::seconds kShortestLife{60};
constexpr std::chrono::seconds kLongestLife{30 * 24 * 3600};
constexpr std::size_t kLongestToken = 64 * 1024;
constexpr std::size_t kLongestScope = 16 * 1024;

// Goes into a header field, where a space would end it.
base::Result<base::Secret> read_access_token(const json::Value& value) {
  auto token = value.as_secret();
  if (token && !is_printable_word(token->reveal(), kLongestToken)) {
    return malformed("an access token that is empty, too long or not printable");
  }
  return token;
}

base::Result<base::Secret> read_refresh_token(const json::Value& value) {
  if (!value.exists() || value.type() == json::Type::null) return base::Secret();
  auto token = value.as_secret();
  if (token && !token->empty() && !is_printable(token->reveal(), kLongestToken)) {
    return malformed("a refresh token that is too long or not printable");
  }
  return token;
}

std::optional<std::string> read_scope(const json::Value& value) {
  const std::string_view scope = value.text_or({});
  if (!is_printable(scope, kLongestScope)) return std::nullopt;
  if (scope.find_first_of("\"\\") != std::string_view::npos) return std::nullopt;
  return std::string(scope);
}

base::Result<TokenReply> read_tokens(const json::Value& root) {
  auto access = read_access_token(root["access_token"]);
  if (!access) return std::move(access).error();
  if (!base::same_without_case(root["token_type"].text_or({}), "Bearer")) {
    return malformed("a token type other than Bearer");
  }
  auto refresh = read_refresh_token(root["refresh_token"]);
  if (!refresh) return std::move(refresh).error();
  return TokenReply{*std::move(access),
                    read_seconds(root["expires_in"], kShortestLife, kLongestLife),
                    *std::move(refresh), read_scope(root["scope"])};
}

constexpr std::pair<std::string_view, TokenRefusal> kCodes[] = {
    {"invalid_grant", TokenRefusal::invalid_grant},
    {"invalid_client", TokenRefusal::invalid_client},
    {"invalid_scope", TokenRefusal::invalid_scope},
    {"invalid_target", TokenRefusal::invalid_target},
    {"authorization_pending", TokenRefusal::authorization_pending},
    {"slow_down", TokenRefusal::slow_down},
    {"access_denied", TokenRefusal::access_denied},
    {"expired_token", TokenRefusal::expired_token},
};

TokenRefusal refusal_of(std::string_view code) {
  for (const auto& [name, refusal] : kCodes) {
    if (name == code) return refusal;
  }
  return TokenRefusal::other;
}

}  // namespace

base::Result<TokenReply> read_token_reply(std::string_view body) {
  const auto document = read_reply(body);
  if (!document) return base::Error(document.error()).during("token reply");
  auto reply = read_tokens(document->root());
  if (!reply) return std::move(reply).error().during("token reply");
  return reply;
}

TokenRefusal read_token_refusal(int status, std::string_view body) {
  if (status != 400 && status != 401 && status != 403) return TokenRefusal::unavailable;
  const auto document = read_reply(body);
  const json::Value root = document ? document->root() : json::Value();
  const std::string_view code = root["error"].text_or({});
  if (!code.empty()) return refusal_of(code);
  // Firewalls in between say 403; 400 and 401 are a server's own, even in words that are not
  // OAuth's.
  return status == 403 ? TokenRefusal::unavailable : TokenRefusal::other;
}

std::string_view describe(TokenRefusal refusal) {
  switch (refusal) {
    case TokenRefusal::invalid_grant:
      return "the sign-in is not valid any more";
    case TokenRefusal::invalid_client:
      return "the authorization server does not know dogpipe as a client";
    case TokenRefusal::invalid_scope:
      return "the authorization server does not grant the scope that was asked for";
    case TokenRefusal::invalid_target:
      return "the authorization server gives no tokens for this MCP server";
    case TokenRefusal::authorization_pending:
      return "the sign-in has not been confirmed yet";
    case TokenRefusal::slow_down:
      return "the authorization server asks to be asked less often";
    case TokenRefusal::access_denied:
      return "access was denied";
    case TokenRefusal::expired_token:
      return "the time to sign in is over";
    case TokenRefusal::other:
      return "the authorization server does not accept the request";
    case TokenRefusal::unavailable:
      return "the authorization server gave no usable answer";
  }
  return {};
}

}  // namespace dogpipe::auth
