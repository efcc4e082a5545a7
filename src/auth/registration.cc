#include "auth/registration.h"

#include <algorithm>

#include "auth/reply.h"
#include "json/writer.h"

namespace dogpipe::auth {
namespace {

constexpr std::size_t kLongestId = 2048;
constexpr std::size_t kLongestSecret = 4096;

bool says_nothing(const ServerMetadata& server) {
  return !server.token_auth_methods || server.token_auth_methods->empty();
}

bool offers(const ServerMetadata& server, ClientAuth auth) {
  if (!server.token_auth_methods) return false;
  const auto& methods = *server.token_auth_methods;
  return std::find(methods.begin(), methods.end(), name_of(auth)) != methods.end();
}

// What the server has registered us with, as far as that can be done with what it has given us.
ClientAuth agreed(std::string_view name, ClientAuth asked, bool with_secret) {
  if (!with_secret) return ClientAuth::none;
  const ClientAuth auth = read_client_auth(name).value_or(asked);
  return auth == ClientAuth::private_key ? asked : auth;
}

base::Result<base::Secret> read_secret(const json::Value& value) {
  if (!value.exists() || value.type() == json::Type::null) return base::Secret();
  auto secret = value.as_secret();
  if (secret && !secret->empty() && !is_printable(secret->reveal(), kLongestSecret)) {
    return malformed("a client secret that is too long or not printable");
  }
  return secret;
}

std::optional<std::int64_t> read_secret_expiry(const json::Value& value) {
  const std::int64_t when = value.integer_or(0);
  return when > 0 ? std::optional(when) : std::nullopt;
}

std::string_view refusal_by_code(std::string_view code) {
  if (code == "invalid_redirect_uri") {
    return "the authorization server does not accept the redirect URI; at Datadog an administrator "
           "can add it under Organization Settings -> Preferences -> MCP OAuth Redirect URLs";
  }
  if (code == "invalid_client_metadata") {
    return "the authorization server does not accept what dogpipe says of itself as a client; "
           "register a client there by hand and give its id";
  }
  if (code == "invalid_software_statement" || code == "unapproved_software_statement") {
    return "the authorization server registers approved software only; register a client there by "
           "hand and give its id";
  }
  return {};
}

std::string_view refusal_by_status(int status) {
  if (status == 403) {
    return "the authorization server forbids the registration; if it is for the redirect URI, at "
           "Datadog an administrator can add it under Organization Settings -> Preferences -> MCP "
           "OAuth Redirect URLs";
  }
  if (status == 401) {
    return "the authorization server registers known clients only; register a client there by hand "
           "and give its id";
  }
  if (status == 404 || status == 405 || status == 410) {
    return "the authorization server registers no clients where it says it does; register a client "
           "there by hand and give its id";
  }
  if (status == 429) return "the authorization server has had too many registrations; try later";
  if (status == 408 || status >= 500) {
    return "the authorization server cannot register clients at the moment; try later";
  }
  return "the authorization server has refused to register dogpipe as a client";
}

}  // namespace

ClientWay choose_way(const ClientSettings& settings, const ServerMetadata& server) {
  if (!settings.id.empty()) return ClientWay::given;
  if (!settings.metadata_url.empty() && server.client_id_metadata_documents) {
    return ClientWay::document;
  }
  return server.registration_endpoint.empty() ? ClientWay::none : ClientWay::registration;
}

ClientIdentity given_client(const ClientSettings& settings, const ServerMetadata& server) {
  ClientIdentity client;
  client.source = ClientIdentity::Source::given;
  client.id = settings.id;
  if (!settings.secret.empty()) {
    client.secret = settings.secret;
    const bool basic = says_nothing(server) || offers(server, ClientAuth::basic);
    client.auth = basic ? ClientAuth::basic : ClientAuth::post;
  } else if (!settings.key.empty()) {
    client.auth = ClientAuth::private_key;
  }
  return client;
}

ClientIdentity document_client(const ClientSettings& settings) {
  ClientIdentity client;
  client.source = ClientIdentity::Source::document;
  client.id = settings.metadata_url;
  if (!settings.key.empty()) client.auth = ClientAuth::private_key;
  return client;
}

ClientAuth registered_auth(const ServerMetadata& server) {
  if (says_nothing(server)) return ClientAuth::none;
  for (const ClientAuth auth : {ClientAuth::none, ClientAuth::basic, ClientAuth::post}) {
    if (offers(server, auth)) return auth;
  }
  return ClientAuth::none;
}

std::string registration_body(std::string_view redirect_uri, ClientAuth auth,
                              std::string_view scope, bool device) {
  json::Writer out;
  out.begin_object().member("client_name", "dogpipe").member("application_type", "native");
  out.name("redirect_uris").begin_array().value(redirect_uri).end_array();
  out.name("grant_types").begin_array().value("authorization_code").value("refresh_token");
  if (device) out.value("urn:ietf:params:oauth:grant-type:device_code");
  out.end_array().name("response_types").begin_array().value("code").end_array();
  out.member("token_endpoint_auth_method", name_of(auth));
  if (!scope.empty()) out.member("scope", scope);
  out.member("software_id", "dogpipe").member("software_version", DOGPIPE_VERSION);
  return out.end_object().take();
}

base::Result<ClientIdentity> read_registration(std::string_view body, std::string_view redirect_uri,
                                               ClientAuth asked) {
  const auto reply = read_reply(body);
  if (!reply) return base::Error(reply.error()).during("registration reply");
  const json::Value root = reply->root();
  const std::string_view id = root["client_id"].text_or({});
  if (!is_printable(id, kLongestId)) {
    return malformed("registration reply: no client id, or one that is too long or not printable");
  }
  auto secret = read_secret(root["client_secret"]);
  if (!secret) return std::move(secret).error().during("registration reply");
  ClientIdentity client;
  client.source = ClientIdentity::Source::registered;
  client.id = id;
  client.redirect_uri = redirect_uri;
  client.auth = agreed(root["token_endpoint_auth_method"].text_or({}), asked, !secret->empty());
  if (client.auth != ClientAuth::none) {
    client.secret = *std::move(secret);
    client.secret_expires_at = read_secret_expiry(root["client_secret_expires_at"]);
  }
  return client;
}

std::string describe_registration_refusal(int status, std::string_view body) {
  const auto reply = read_reply(body);
  if (reply && (status == 400 || status == 401 || status == 403)) {
    const std::string_view text = refusal_by_code(reply->root()["error"].text_or({}));
    if (!text.empty()) return std::string(text);
  }
  return std::string(refusal_by_status(status));
}

}  // namespace dogpipe::auth
