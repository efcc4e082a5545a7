#include "sandbox/oauth_token_endpoint.h"

#include <algorithm>
#include <utility>

#include "crypto/base64.h"
#include "json/writer.h"
#include "sandbox/gate.h"
#include "sandbox/oauth_metadata.h"
#include "sandbox/oauth_reply.h"

namespace dogpipe::sandbox {
namespace {

constexpr std::string_view kDeviceGrant = "urn:ietf:params:oauth:grant-type:device_code";

Denial invalid_request(std::string description) {
  return {400, "invalid_request", std::move(description)};
}

Denial invalid_client(std::string description) {
  return {401, "invalid_client", std::move(description)};
}

bool is_form(const event::HttpRequest& request) {
  const std::string type(request.fields.find("Content-Type").value_or(""));
  return event::same_field(std::string_view(type).substr(0, type.find_first_of("; ")),
                           "application/x-www-form-urlencoded");
}

// Id and secret of basic authentication, each of them form-encoded (RFC 6749 section 2.3.1).
std::optional<std::pair<std::string, std::string>> read_basic(std::string_view field) {
  if (!event::same_field(field.substr(0, 6), "Basic ")) return std::nullopt;
  std::string text(field.substr(std::min<std::size_t>(field.size(), 6)));
  while (!text.empty() && text.back() == '=') text.pop_back();
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  const auto pair = crypto::read_base64url(text);
  if (!pair) return std::nullopt;
  const std::size_t colon = pair->find(':');
  if (colon == std::string::npos) return std::nullopt;
  return std::pair(percent_decoded(std::string_view(*pair).substr(0, colon)),
                   percent_decoded(std::string_view(*pair).substr(colon + 1)));
}

event::HttpReply html_failure() { return page(502, "Bad gateway", "<p>Please try again.</p>\n"); }

event::HttpReply failure(int status) {
  event::HttpReply reply = plain_error(status, "The request could not be processed");
  if (status == 429 || status == 503) reply.fields.add("Retry-After", "1");
  return reply;
}

}  // namespace

TokenEndpoint::Outcome TokenEndpoint::token(const event::HttpRequest& request) {
  if (request.method != "POST") return {wrong_method("POST"), {}};
  Form form;
  Outcome outcome;
  if (const auto denial = read(request, form)) {
    outcome.reply = denial_reply(*denial);
    if (denial->status == 401) outcome.reply.fields.add("WWW-Authenticate", "Basic");
  } else if (form.value("grant_type") == "refresh_token") {
    outcome = refresh(form);
  } else {
    outcome.reply = reply_to(redeem(form), false);
  }
  outcome.delay += context_.quirks.oauth.slow_token;
  return outcome;
}

std::optional<Denial> TokenEndpoint::read(const event::HttpRequest& request, Form& form) const {
  if (!is_form(request)) return invalid_request("Send application/x-www-form-urlencoded.");
  form = Form(request.body);
  if (form.repeated()) return invalid_request("Duplicate parameters.");
  if (auto denial = authenticate(request, form)) return denial;
  if (clients_.known(form.value("client_id"))) return std::nullopt;
  return invalid_client("Invalid client_id parameter value.");
}

std::optional<Denial> TokenEndpoint::authenticate(const event::HttpRequest& request,
                                                  Form& form) const {
  const auto field = request.fields.find("Authorization");
  if (!field) {
    if (form.has("client_secret")) return invalid_client("No client_secret is accepted here.");
    const bool secret = clients_.secret_of(form.value("client_id")) != nullptr;
    return secret ? std::optional(invalid_client("Client authentication is required."))
                  : std::nullopt;
  }
  const auto basic = read_basic(*field);
  const std::string* secret = basic ? clients_.secret_of(basic->first) : nullptr;
  if (secret == nullptr || *secret != basic->second) {
    return invalid_client("Client authentication failed.");
  }
  if (form.has("client_id")) {
    return form.value("client_id") == basic->first
               ? std::nullopt
               : std::optional(invalid_request("Two clients in one request."));
  }
  form.add("client_id", basic->first);
  return std::nullopt;
}

std::optional<Denial> TokenEndpoint::check_resource(const Form& form,
                                                    const std::string& grant) const {
  if (!context_.quirks.oauth.require_resource) return std::nullopt;
  const std::string* recorded = tokens_.resource_of(grant);
  if (recorded == nullptr || *recorded == form.value("resource")) return std::nullopt;
  return Denial{400, "invalid_target", "The resource is not that of the authorization."};
}

TokenTable::Redeemed TokenEndpoint::redeem(const Form& form) {
  const std::string type = form.value("grant_type");
  if (type == "authorization_code") return redeem_code(form);
  if (type == kDeviceGrant && context_.quirks.oauth.device) {
    ++context_.ledger.oauth.device_polls;
    return devices_.poll(form);
  }
  if (type.empty()) return invalid_request("Missing grant_type.");
  return Denial{400, "unsupported_grant_type", ""};
}

TokenTable::Redeemed TokenEndpoint::redeem_code(const Form& form) {
  TokenTable::CodeUse use{form.value("code"), form.value("client_id"), form.value("redirect_uri"),
                          std::nullopt};
  if (form.has("code_verifier")) use.verifier = form.value("code_verifier");
  if (auto denial = check_resource(form, use.code)) return *std::move(denial);
  auto redeemed = tokens_.redeem_code(use, context_.loop.now());
  if (std::holds_alternative<Tokens>(redeemed)) {
    ++context_.ledger.oauth.codes_exchanged;
    if (context_.quirks.oauth.forget_clients) clients_.forget();
  }
  return redeemed;
}

TokenTable::Redeemed TokenEndpoint::redeem_refresh(const Form& form) {
  TokenTable::RefreshUse use{form.value("refresh_token"), form.value("client_id"), std::nullopt};
  if (form.has("scope")) use.scope = form.value("scope");
  if (auto denial = check_resource(form, use.token)) return *std::move(denial);
  auto redeemed = tokens_.redeem_refresh(use, context_.loop.now());
  context_.ledger.oauth.refresh_reuse = tokens_.reuses();
  if (std::holds_alternative<Tokens>(redeemed)) ++context_.ledger.oauth.refreshes_granted;
  return redeemed;
}

TokenEndpoint::Outcome TokenEndpoint::refresh(const Form& form) {
  const OAuthQuirks& quirks = context_.quirks.oauth;
  ++context_.ledger.oauth.refreshes;
  if (quirks.no_refresh_grant) return {denial_reply({400, "unsupported_grant_type", ""}), {}};
  RefreshError error = quirks.refresh_error;
  if (quirks.refresh_errors > 0 && refreshes_spoiled_ >= quirks.refresh_errors) {
    error = RefreshError::none;
  }
  if (error != RefreshError::none) ++refreshes_spoiled_;
  switch (error) {
    case RefreshError::status:
      return {failure(quirks.refresh_status), {}};
    case RefreshError::html:
      return {html_failure(), {}};
    case RefreshError::grant:
      return {denial_reply({400, "invalid_grant", "The grant has been revoked."}), {}};
    case RefreshError::none:
    case RefreshError::lost:
    case RefreshError::slow:
      break;
  }
  Outcome outcome{reply_to(redeem_refresh(form), true), {}};
  outcome.lost = error == RefreshError::lost;
  if (error == RefreshError::slow) outcome.delay = quirks.refresh_delay;
  return outcome;
}

event::HttpReply TokenEndpoint::reply_to(const TokenTable::Redeemed& redeemed,
                                         bool refreshed) const {
  if (const auto* denial = std::get_if<Denial>(&redeemed)) return denial_reply(*denial);
  const auto& tokens = std::get<Tokens>(redeemed);
  const OAuthQuirks& quirks = context_.quirks.oauth;
  json::Writer out;
  out.begin_object().member("access_token", tokens.access).member("token_type", "Bearer");
  if (!quirks.no_expires_in) out.member("expires_in", tokens.lifetime.count());
  const bool omitted = refreshed && quirks.omit_refresh_token;
  if (!tokens.refresh.empty() && !omitted) out.member("refresh_token", tokens.refresh);
  return json_reply(200, out.member("scope", tokens.scope).end_object().take());
}

event::HttpReply TokenEndpoint::revoke(const event::HttpRequest& request) {
  if (request.method != "POST") return wrong_method("POST");
  ++context_.ledger.oauth.revocations;
  Form form;
  if (const auto denial = read(request, form)) return denial_reply(*denial);
  if (!form.has("token")) return denial_reply(invalid_request("Missing token."));
  tokens_.revoke(form.value("token"));
  return json_reply(200, "{}");
}

event::HttpReply TokenEndpoint::device(const event::HttpRequest& request) {
  if (request.method != "POST") return wrong_method("POST");
  Form form;
  if (const auto denial = read(request, form)) return denial_reply(*denial);
  return devices_.begin(form);
}

}  // namespace dogpipe::sandbox
