#include "cli/interpret_sign_in.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/log.h"
#include "base/number.h"
#include "base/text.h"
#include "cli/site.h"
#include "cli/usage.h"

namespace dogpipe::cli {
namespace {

using base::Result;

Result<void> read_method(const Settings& settings, auth::SignInMethod& method) {
  const std::string& grant = settings.grant.value;
  if (grant == "client_credentials") {
    method = auth::SignInMethod::client_credentials;
  } else if (grant == "device_code") {
    method = auth::SignInMethod::device;
  } else if (!grant.empty() && grant != "authorization_code") {
    return usage("--grant is one of authorization_code, device_code, client_credentials");
  }
  return {};
}

Result<void> read_issuers(const Settings& settings, std::vector<std::string>& origins) {
  std::string_view rest = settings.allow_issuer.value;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    auto url = http::read_url(base::trimmed(rest.substr(0, comma)));
    if (!url) return std::move(url).error().during("--allow-issuer");
    origins.push_back(url->origin());
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return {};
}

Result<void> read_client(const Settings& settings, auth::ClientSettings& client) {
  client.id = settings.client_id.value;
  client.metadata_url = settings.client_metadata_url.value;
  client.secret = base::Secret(settings.client_secret.value);
  const struct {
    const Setting& setting;
    base::Secret& place;
  } files[] = {{settings.client_secret_file, client.secret},
               {settings.client_assertion_key, client.key}};
  for (const auto& one : files) {
    if (one.setting.value.empty()) continue;
    auto text = base::read_file(one.setting.value, 64 * 1024);
    if (!text) return std::move(text).error().during(one.setting.name());
    one.place = base::Secret(std::string(base::trimmed(*text)));
    if (one.place.empty()) return usage("the " + one.setting.name() + " is empty");
  }
  return {};
}

std::string shell_word(const std::string& text) {
  const bool plain = text.find_first_not_of(
                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                         "-._~:/@%+,=") == std::string::npos;
  if (plain) return text;
  std::string quoted = "'";
  for (const char c : base::printable(text)) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

}  // namespace

Result<auth::SignInRequest> interpret_sign_in(const Settings& settings, const http::Url& url,
                                              const std::string& site) {
  auth::SignInRequest request;
  request.profile = settings.profile.value.empty() ? "default" : settings.profile.value;
  request.trusted.endpoint = url;
  request.trusted.domains = all_sites();
  request.scope = settings.scope.value;
  request.organization = settings.organization.value;
  request.site = site;
  request.redirect_uri = settings.redirect_uri.value;
  request.open_browser = !settings.no_browser.on;
  auto patience = read_seconds(settings.auth_timeout, std::chrono::seconds(600));
  if (!patience) return std::move(patience).error();
  if (patience->count() < 1000) return usage("--auth-timeout wants a second at least");
  request.patience = *patience;
  if (auto method = read_method(settings, request.method); !method) {
    return std::move(method).error();
  }
  if (auto issuers = read_issuers(settings, request.trusted.origins); !issuers) {
    return std::move(issuers).error();
  }
  if (auto client = read_client(settings, request.client); !client) {
    return std::move(client).error();
  }
  return request;
}

std::string login_command(const Settings& settings) {
  std::string command = "dogpipe login";
  for (const Setting* setting :
       {&settings.profile, &settings.url, &settings.site, &settings.domain, &settings.path,
        &settings.organization, &settings.grant, &settings.scope, &settings.client_id,
        &settings.client_metadata_url, &settings.redirect_uri, &settings.allow_issuer,
        &settings.ca_cert}) {
    if (setting->value.empty()) continue;
    command += ' ' + setting->name() + ' ' + shell_word(setting->value);
  }
  if (settings.allow_http.on) command += " --allow-http";
  return command;
}

Result<std::chrono::milliseconds> read_seconds(const Setting& setting,
                                               std::chrono::seconds fallback) {
  if (setting.value.empty()) return std::chrono::milliseconds(fallback);
  const auto seconds = base::read_number(setting.value);
  if (!seconds || *seconds < 0 || *seconds > 1e7) {
    return usage(setting.name() + " wants a number of seconds");
  }
  return std::chrono::milliseconds(static_cast<std::int64_t>(*seconds * 1000));
}

}  // namespace dogpipe::cli
