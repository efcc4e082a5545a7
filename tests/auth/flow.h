// What the tests of the sign-in's steps have in common.
#pragma once

#include <string>
#include <string_view>

#include "auth/token_store.h"
#include "auth/url_policy.h"
#include "base/log.h"
#include "http/url.h"

namespace dogpipe::auth {

inline constexpr const char* kEndpoint = "https://mcp.datadoghq.com/v1/mcp";
inline constexpr const char* kIssuer = "https://app.datadoghq.com";

inline Trusted trust_in(std::string_view endpoint = kEndpoint) {
  Trusted trusted;
  trusted.endpoint = *http::read_url(endpoint);
  trusted.domains = {"datadoghq.com", "us3.datadoghq.com", "datadoghq.eu"};
  return trusted;
}

inline ServerMetadata server_at(const std::string& issuer = kIssuer) {
  ServerMetadata server;
  server.issuer = issuer;
  server.authorization_endpoint = issuer + "/authorize";
  server.token_endpoint = issuer + "/token";
  server.registration_endpoint = issuer + "/register";
  server.device_authorization_endpoint = issuer + "/device";
  server.challenge_methods = {"S256"};
  return server;
}

// "A" and the number is its access token, "R" and the number its refresh token.
inline Grant grant_number(int number) {
  Grant grant;
  grant.profile = "default";
  grant.endpoint = kEndpoint;
  grant.server = server_at();
  grant.client.source = ClientIdentity::Source::registered;
  grant.client.id = "client";
  grant.resource = kEndpoint;
  grant.access_token = base::Secret("A" + std::to_string(number));
  grant.refresh_token = base::Secret("R" + std::to_string(number));
  grant.issued_at = grant.signed_in_at = 1000;
  grant.generation = static_cast<std::uint64_t>(number);
  return grant;
}

// The tokens of the default profile: "A1 R1"; empty if nothing is stored for it.
inline std::string tokens_in(const Stored& stored) {
  const Grant* grant = stored.find("default", kEndpoint);
  if (grant == nullptr) return {};
  return std::string(grant->access_token.reveal()) + ' ' +
         std::string(grant->refresh_token.reveal());
}

inline std::string token_json(int number) {
  const std::string text = std::to_string(number);
  return R"({"access_token":"A)" + text + R"(","token_type":"Bearer","expires_in":3600,)" +
         R"("refresh_token":"R)" + text + R"("})";
}

struct QuietLog {
  QuietLog() { base::log_detail::threshold = base::LogLevel::off; }
};

}  // namespace dogpipe::auth
