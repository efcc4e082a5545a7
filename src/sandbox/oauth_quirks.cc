#include "sandbox/oauth_quirks.h"

#include <string_view>

#include "json/reader.h"
#include "sandbox/switch.h"

namespace dogpipe::sandbox {
namespace {

using Q = OAuthQuirks;

template <OAuthPlace Place>
bool place(Quirks& quirks, std::string_view) {
  quirks.oauth.place = Place;
  return true;
}

// "name=JSON" or "name=".
template <auto Fields>
bool field(Quirks& quirks, std::string_view operand) {
  const std::size_t mark = operand.find('=');
  if (mark == 0 || mark == std::string_view::npos) return false;
  const std::string_view json = operand.substr(mark + 1);
  if (!json.empty() && !json::read(json)) return false;
  at(quirks, Fields).emplace_back(operand.substr(0, mark), json);
  return true;
}

bool refresh_error(Quirks& quirks, std::string_view what) {
  OAuthQuirks& oauth = quirks.oauth;
  const auto choose = [&oauth](RefreshError error) {
    oauth.refresh_error = error;
    return true;
  };
  if (what == "html") return choose(RefreshError::html);
  if (what == "invalid_grant") return choose(RefreshError::grant);
  if (what == "lost") return choose(RefreshError::lost);
  const bool slow = what.substr(0, 5) == "slow:";
  const auto value = read_number(slow ? what.substr(5) : what);
  if (!value || *value > 1'000'000'000) return false;
  if (slow) {
    oauth.refresh_delay = Milliseconds(*value);
    return choose(RefreshError::slow);
  }
  oauth.refresh_status = static_cast<int>(*value);
  return *value >= 400 && *value < 600 && choose(RefreshError::status);
}

constexpr Switch kSwitches[] = {
    {"--app-port", "N", "the sign-in is on 127.0.0.1 port N; 0 takes any free one (default)",
     number<&Q::app_port>},
    {"--same-origin", "", "the sign-in is on the MCP server's own host, under the same paths",
     place<OAuthPlace::same_origin>},
    {"--legacy-oauth", "",
     "the era before: on the MCP server's host at /api/unstable/mcp-server/, with client secrets",
     place<OAuthPlace::legacy>},
    {"--root-oauth", "",
     "at /authorize, /token and /register of the MCP server's host, where revision 2025-03-26 "
     "guesses",
     place<OAuthPlace::root>},
    {"--no-prm", "", "404 for protected-resource metadata", set<&Q::no_prm>},
    {"--prm-resource", "TEXT", "its resource (default: the bare origin)", word<&Q::prm_resource>},
    {"--prm-scopes", "TEXT", "its scopes_supported, separated by spaces (default: none)",
     word<&Q::prm_scopes>},
    {"--prm-field", "NAME=JSON", "another member of it; without JSON it is left out; repeatable",
     field<&Q::prm_fields>},
    {"--as-metadata", "root|path|both|none",
     "where authorization-server metadata is: at the root, with the issuer's path inserted "
     "(default both)",
     word<&Q::as_metadata>},
    {"--issuer", "TEXT", "its issuer (default: the MCP endpoint's URL, which the resource names)",
     word<&Q::issuer>},
    {"--as-field", "NAME=JSON", "another member of it; without JSON it is left out; repeatable",
     field<&Q::as_fields>},
    {"--challenge-scope", "TEXT", "with --challenge: the scope it names",
     word<&Q::challenge_scope>},
    {"--challenge-metadata", "URL", "with --challenge: its resource_metadata",
     word<&Q::challenge_metadata>},
    {"--call-scope", "SCOPE",
     "tools/call needs this scope: else 403 with insufficient_scope (mcp_all includes all)",
     word<&Q::call_scope>},
    {"--client-id", "UUID", "the client id that everybody gets", word<&Q::client_id>},
    {"--dcr-refuse", "400|403|429", "registration is refused", number<&Q::refuse_registration>},
    {"--forget-clients", "", "a client is forgotten once it has redeemed a code",
     set<&Q::forget_clients>},
    {"--default-scope", "TEXT", "what is granted when no scope is asked for (default mcp_all)",
     word<&Q::default_scope>},
    {"--refuse-mcp-all", "", "asking for mcp_all ends in invalid_scope", set<&Q::refuse_mcp_all>},
    {"--auto-consent", "", "no consent page: the user has agreed before", set<&Q::auto_consent>},
    {"--deny", "", "the user says no", set<&Q::deny>},
    {"--require-resource", "",
     "authorize, token and refresh need the resource of the metadata, else invalid_target",
     set<&Q::require_resource>},
    {"--site", "NAME", "the site that the callback and whoami name (default datadoghq.com)",
     word<&Q::site>},
    {"--wrong-site", "", "the user changes to another site on the consent page",
     set<&Q::wrong_site>},
    {"--iss", "", "iss in the callback, and its announcement (RFC 9207)", set<&Q::iss>},
    {"--wrong-iss", "", "the iss of somebody else, announced, too", set<&Q::wrong_iss>},
    {"--token-life", "SECONDS", "how long an access token is good (default 3600)",
     number<&Q::token_life>},
    {"--refresh-life", "SECONDS", "how long a refresh token is good (default: until revoked)",
     number<&Q::refresh_life>},
    {"--no-expires-in", "", "token replies do not say how long", set<&Q::no_expires_in>},
    {"--rotate", "",
     "a refresh token is good for one use; a second use revokes all that came of the sign-in",
     set<&Q::rotate>},
    {"--omit-refresh-token", "", "the reply to a refresh has no refresh token; the old one goes on",
     set<&Q::omit_refresh_token>},
    {"--no-refresh-grant", "", "no refresh tokens at all", set<&Q::no_refresh_grant>},
    {"--refresh-error", "STATUS|html|invalid_grant|lost|slow:MS",
     "how a refresh fails; lost and slow have been carried out", refresh_error},
    {"--refresh-errors", "N", "and only so many (default: all)", number<&Q::refresh_errors>},
    {"--slow-token", "MS", "the token endpoint answers so late, when all is done",
     number<&Q::slow_token>},
    {"--revocation", "", "an endpoint to revoke tokens (RFC 7009)", set<&Q::revocation>},
    {"--device", "", "sign-in with a code on another device (RFC 8628)", set<&Q::device>},
    {"--device-interval", "SECONDS", "how often a device may ask (default 5)",
     number<&Q::device_interval>},
};

}  // namespace

std::span<const Switch> oauth_switches() { return kSwitches; }

}  // namespace dogpipe::sandbox
