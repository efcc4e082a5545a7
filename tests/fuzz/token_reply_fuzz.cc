// What the readers of an authorization server's replies let through keeps what their headers
// promise; what they refuse is malformed, in words of our own.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "auth/device_reply.h"
#include "auth/registration.h"
#include "auth/token_reply.h"
#include "json/writer.h"
#include "words.h"

namespace dogpipe::auth {
namespace {

using std::chrono::seconds;

constexpr std::string_view kWords[] = {
    "{\"",
    "\"}",
    "\":\"",
    "\",\"",
    "\":",
    ",\"",
    "}",
    "\"access_token\":\"A\"",
    "\"token_type\":\"Bearer\"",
    "access_token",
    "token_type",
    "refresh_token",
    "expires_in",
    "scope",
    "error",
    "invalid_grant",
    "invalid_client",
    "client_id",
    "client_secret",
    "client_secret_expires_at",
    "token_endpoint_auth_method",
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
    "none",
    "device_code",
    "user_code",
    "verification_uri",
    "verification_uri_complete",
    "interval",
    "\"expires_in\":600",
    "\"device_code\":\"D\",\"user_code\":\"U\",\"verification_uri\":\"v\"",
    "\"client_id\":\"i\",\"client_secret\":\"s\"",
    "null",
    "1e18",
    "-1",
    "3600",
    "[",
    "]",
    "\\u0000",
    "\xC3\xBC",
    "\x80",
    "\xE2\x80\xAE",
};

void require(bool condition) {
  if (!condition) std::abort();
}

bool plain(std::string_view text, std::size_t most, char first = ' ') {
  return text.size() <= most &&
         std::all_of(text.begin(), text.end(), [&](char c) { return c >= first && c <= '~'; });
}

void check_error(const base::Error& error) {
  require(error.kind == base::Kind::malformed);
  require(!error.what.empty() && plain(error.what, 200));
}

void check_tokens(std::string_view body) {
  const auto reply = read_token_reply(body);
  if (!reply) return check_error(reply.error());
  require(!reply->access_token.empty() && plain(reply->access_token.reveal(), 64 * 1024, '!'));
  require(plain(reply->refresh_token.reveal(), 64 * 1024));
  if (reply->lifetime) {
    require(*reply->lifetime >= seconds(60) && *reply->lifetime <= seconds(30 * 24 * 3600));
  }
  if (reply->scope) require(!reply->scope->empty() && plain(*reply->scope, 16 * 1024));
}

void check_refusal(std::string_view body) {
  const TokenRefusal refusal = read_token_refusal(400, body);
  require(read_token_refusal(401, body) == refusal);
  // 403 without a word of OAuth is a firewall's.
  const TokenRefusal forbidden = read_token_refusal(403, body);
  require(forbidden == refusal ||
          (forbidden == TokenRefusal::unavailable && refusal == TokenRefusal::other));
  for (const int status : {200, 302, 404, 429, 500}) {
    require(read_token_refusal(status, body) == TokenRefusal::unavailable);
  }
  // A reply that ends a sign-in has to say so in so many words, escapes aside.
  if (refusal == TokenRefusal::invalid_grant && body.find('\\') == std::string_view::npos) {
    require(body.find("\"error\"") != std::string_view::npos);
    require(body.find("\"invalid_grant\"") != std::string_view::npos);
  }
  require(!describe(refusal).empty());
}

void check_registration(std::string_view body) {
  for (const ClientAuth asked : {ClientAuth::none, ClientAuth::basic, ClientAuth::post}) {
    const auto client = read_registration(body, "R", asked);
    if (!client) {
      check_error(client.error());
      continue;
    }
    require(!client->id.empty() && plain(client->id, 2048) && client->redirect_uri == "R");
    require(client->auth != ClientAuth::private_key);
    require(client->secret.empty() == (client->auth == ClientAuth::none));
    require(plain(client->secret.reveal(), 4096));
    if (client->secret_expires_at) require(*client->secret_expires_at > 0);
  }
  for (const int status : {400, 403, 500}) {
    const std::string text = describe_registration_refusal(status, body);
    require(!text.empty() && plain(text, 400));
  }
}

void check_device(std::string_view body) {
  const auto reply = read_device_reply(body);
  if (!reply) return check_error(reply.error());
  require(!reply->device_code.empty() && plain(reply->device_code.reveal(), 4096));
  require(!reply->user_code.empty() && plain(reply->user_code, 64));
  require(!reply->verification_uri.empty() && plain(reply->verification_uri, 4096, '!'));
  require(plain(reply->verification_uri_complete, 4096, '!'));
  require(reply->lifetime >= seconds(60) && reply->lifetime <= seconds(1800));
  require(reply->interval >= seconds(1) && reply->interval <= seconds(60));
}

constexpr std::pair<std::string_view, std::string_view> kMembers[] = {
    {"access_token", "\"A\""},
    {"token_type", "\"Bearer\""},
    {"expires_in", "600"},
    {"refresh_token", "\"R\""},
    {"scope", "\"s\""},
    {"client_id", "\"i\""},
    {"client_secret", "\"s\""},
    {"client_secret_expires_at", "1"},
    {"token_endpoint_auth_method", "\"client_secret_post\""},
    {"device_code", "\"D\""},
    {"user_code", "\"U\""},
    {"verification_uri", "\"v\""},
    {"verification_uri_complete", "\"v\""},
    {"interval", "5"},
    {"error", "\"invalid_grant\""},
};

// A reply of all kinds at once, with `value` for one of its members; empty: without it.
std::string reply_with(std::string_view name, std::string_view value) {
  std::string out;
  for (const auto& [own, usual] : kMembers) {
    if (own == name && value.empty()) continue;
    out += out.empty() ? "{\"" : ",\"";
    out.append(own).append("\":").append(own == name ? value : usual);
  }
  return out + '}';
}

void check(std::string_view body) {
  check_tokens(body);
  check_refusal(body);
  check_registration(body);
  check_device(body);
}

// The first byte says which member the others are.
void check_in_place(std::string_view text) {
  if (text.empty()) return;
  const auto first = static_cast<unsigned char>(text.front());
  const std::string_view name = kMembers[first % std::size(kMembers)].first;
  text.remove_prefix(1);
  check(reply_with(name, text));
  check(reply_with(name, json::quoted(text)));
}

}  // namespace
}  // namespace dogpipe::auth

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  dogpipe::auth::check(text);
  dogpipe::auth::check(dogpipe::fuzz::with_words(text, dogpipe::auth::kWords));
  dogpipe::auth::check_in_place(text);
  return 0;
}
