#include "sandbox/oauth_devices.h"

#include <fmt/format.h>

#include <utility>

#include "json/writer.h"
#include "sandbox/gate.h"
#include "sandbox/oauth_authorize.h"
#include "sandbox/oauth_metadata.h"
#include "sandbox/oauth_reply.h"

namespace dogpipe::sandbox {
namespace {

using namespace std::chrono_literals;

constexpr auto kLife = 600s;

// Eight consonants, so that it spells no word (RFC 8628 section 6.1).
std::string user_code_from(std::string_view hex) {
  constexpr std::string_view kLetters = "BCDFGHJKLMNPQRST";
  std::string code;
  for (const char c : hex.substr(0, 8)) {
    if (code.size() == 4) code += '-';
    code += kLetters[static_cast<std::size_t>(c <= '9' ? c - '0' : c - 'a' + 10)];
  }
  return code;
}

}  // namespace

event::HttpReply Devices::begin(const Form& form) {
  const OAuthQuirks& quirks = context_.quirks.oauth;
  ScopeVerdict verdict = judge_scope(form, quirks);
  if (!verdict.complaint.empty()) return denial_reply({400, "invalid_scope", verdict.complaint});
  const auto code = crypto::random_hex(context_.random, 20);
  const auto letters = crypto::random_hex(context_.random, 4);
  if (!code || !letters) return denial_reply({500, "server_error", ""});
  const base::Time now = context_.loop.now();
  Device& device = devices_[*code];
  device.grant = {form.value("client_id"), nullptr, verdict.granted, form.value("resource")};
  device.user_code = user_code_from(*letters);
  device.end = now + kLife;
  device.interval = quirks.device_interval;
  device.next_poll = now;
  const std::string page =
      oauth_origin(quirks, context_.origins) + oauth_paths(quirks.place).verification;
  json::Writer out;
  out.begin_object().member("device_code", *code).member("user_code", device.user_code);
  out.member("verification_uri", page);
  out.member("verification_uri_complete",
             with_query(page, Form().add("user_code", device.user_code)));
  out.member("expires_in", kLife.count()).member("interval", quirks.device_interval.count());
  return json_reply(200, out.end_object().take());
}

TokenTable::Redeemed Devices::poll(const Form& form) {
  const auto found = devices_.find(form.value("device_code"));
  const bool known =
      found != devices_.end() && found->second.grant.client_id == form.value("client_id");
  if (!known) return Denial{400, "invalid_grant", "Unknown device code."};
  Device& device = found->second;
  const base::Time now = context_.loop.now();
  if (now >= device.end) return Denial{400, "expired_token", ""};
  if (now < device.next_poll) {
    device.interval += 5s;
    device.next_poll = now + device.interval;
    return Denial{400, "slow_down", ""};
  }
  device.next_poll = now + device.interval;
  if (!device.settled) return Denial{400, "authorization_pending", ""};
  const Grant grant = std::move(device.grant);
  devices_.erase(found);
  if (grant.organization == nullptr) return Denial{400, "access_denied", ""};
  return tokens_.open(grant, now);
}

event::HttpReply Devices::verification_page(const Form& form) const {
  const std::string code = form.value("user_code");
  std::string body = "<ul>\n";
  for (const Organization& organization : kOrganizations) {
    const Form query = Form().add("user_code", code).add("org", organization.uuid);
    body += fmt::format("<li><a class=\"consent\" href=\"{}\">Connect to {}</a></li>\n",
                        escaped(with_query("/sandbox/approve-device", query)),
                        escaped(organization.name));
  }
  const Form query = Form().add("user_code", code);
  body += fmt::format("<li><a class=\"consent\" href=\"{}\">Deny</a></li>\n</ul>\n",
                      escaped(with_query("/sandbox/deny-device", query)));
  return page(200, "Connect a device", body);
}

bool Devices::settle(std::string_view user_code, const Organization* organization) {
  for (auto& [code, device] : devices_) {
    if (device.user_code != user_code || device.settled) continue;
    device.settled = true;
    device.grant.organization = organization;
    return true;
  }
  return false;
}

}  // namespace dogpipe::sandbox
