#include "sandbox/oauth_clients.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "json/writer.h"
#include "sandbox/chance.h"
#include "sandbox/gate.h"
#include "sandbox/oauth_reply.h"

namespace dogpipe::sandbox {
namespace {

constexpr std::string_view kGrants = R"(["authorization_code","refresh_token"])";

event::HttpReply bad_metadata(std::string description) {
  return denial_reply({400, "invalid_client_metadata", std::move(description)});
}

bool has_controls(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

bool is_json(const event::HttpRequest& request) {
  const std::string type(request.fields.find("Content-Type").value_or(""));
  return event::same_field(std::string_view(type).substr(0, type.find_first_of("; ")),
                           "application/json");
}

bool are_texts(const json::Value& list) {
  if (!list.is_array()) return false;
  for (const json::Value one : list) {
    if (!one.is_string()) return false;
  }
  return true;
}

// Empty: nothing is wrong.
std::string fault_in(const json::Value& wish) {
  if (!wish.is_object()) return "Not an object.";
  const std::string_view name = wish["client_name"].text_or("");
  if (name.empty()) return "client_name is required.";
  if (has_controls(name)) return "client_name contains control characters.";
  const json::Value types = wish["response_types"];
  if (!types.exists()) return "";
  const bool code_alone = types.is_array() && types.size() == 1 && types[0].text_or("") == "code";
  return code_alone ? "" : "response_types can only be code.";
}

std::string uuid(std::string_view digits) {
  return fmt::format("{}-{}-4{}-a{}-{}", digits.substr(0, 8), digits.substr(8, 4),
                     digits.substr(13, 3), digits.substr(17, 3), digits.substr(20, 12));
}

event::HttpReply refusal(int status) {
  if (status == 400) return bad_metadata("Registration was refused.");
  event::HttpReply reply = plain_error(status, status == 403 ? "Forbidden" : "Too many requests");
  if (status == 429) reply.fields.add("Retry-After", "60");
  return reply;
}

}  // namespace

event::HttpReply Clients::register_client(const event::HttpRequest& request) {
  if (request.method != "POST") return wrong_method("POST");
  if (quirks_.refuse_registration != 0) return refusal(quirks_.refuse_registration);
  if (!is_json(request)) return plain_error(415, "Unsupported Media Type");
  const auto document = json::read(request.body);
  if (!document) return bad_metadata("Not JSON.");
  const json::Value wish = document->root();
  if (std::string fault = fault_in(wish); !fault.empty()) return bad_metadata(std::move(fault));
  const json::Value uris = wish["redirect_uris"];
  if (!are_texts(uris) || uris.size() == 0) {
    return denial_reply({400, "invalid_redirect_uri", "redirect_uris is required."});
  }
  return welcome(wish);
}

event::HttpReply Clients::welcome(const json::Value& wish) {
  std::string id = shared_id();
  std::string secret;
  if (quirks_.place == OAuthPlace::legacy) {
    auto digits = crypto::random_hex(random_, 16);
    auto made = crypto::random_hex(random_, 24);
    if (!digits || !made) return denial_reply({500, "server_error", ""});
    id = uuid(*digits);
    if (wish["token_endpoint_auth_method"].text_or("") != "none") secret = *std::move(made);
    secrets_[id] = secret;
  }
  json::Writer out;
  out.begin_object().member("client_id", id).name("client_name").value(wish["client_name"]);
  out.name("redirect_uris").value(wish["redirect_uris"]).name("grant_types");
  if (are_texts(wish["grant_types"])) {
    out.value(wish["grant_types"]);
  } else {
    out.raw(kGrants);
  }
  out.raw_member("response_types", R"(["code"])");
  out.member("token_endpoint_auth_method", secret.empty() ? "none" : "client_secret_basic");
  if (!secret.empty()) out.member("client_secret", secret).member("client_secret_expires_at", 0);
  return json_reply(201, out.end_object().take());
}

bool Clients::known(std::string_view client_id) const {
  if (quirks_.place == OAuthPlace::legacy) return secrets_.count(client_id) != 0;
  return client_id == shared_id();
}

const std::string* Clients::secret_of(std::string_view client_id) const {
  const auto found = secrets_.find(client_id);
  return found == secrets_.end() || found->second.empty() ? nullptr : &found->second;
}

void Clients::forget() {
  ++forgotten_;
  secrets_.clear();
}

// Another one after each forgetting.
std::string Clients::shared_id() const {
  if (forgotten_ == 0) return quirks_.client_id;
  return uuid(Chance(mix(quirks_.client_id, static_cast<std::uint64_t>(forgotten_))).hex(32));
}

}  // namespace dogpipe::sandbox
