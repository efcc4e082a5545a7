// `dogpipe status`: what is stored, without a secret, and without asking anybody.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "auth/file_token_store.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/log.h"
#include "cli/exit_code.h"
#include "cli/state.h"
#include "cli/verbs.h"
#include "json/writer.h"

namespace dogpipe::cli {
namespace {

std::string time_text(std::int64_t seconds) {
  using namespace std::chrono;
  const sys_seconds time{std::chrono::seconds(seconds)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

// "in 42 min", "3 h ago", "just now".
std::string distance(std::int64_t seconds) {
  const bool past = seconds < 0;
  const std::int64_t far = past ? -seconds : seconds;
  if (far < 2) return "just now";
  const std::string size = far < 120         ? fmt::format("{} s", far)
                           : far < 2 * 3600  ? fmt::format("{} min", far / 60)
                           : far < 48 * 3600 ? fmt::format("{} h", far / 3600)
                                             : fmt::format("{} days", far / 86400);
  return past ? size + " ago" : "in " + size;
}

const char* state_of(const auth::Grant& grant) {
  if (grant.access_token.empty() && grant.refresh_token.empty()) return "sign_in_needed";
  const bool expired = grant.expires_at && *grant.expires_at <= base::unix_seconds();
  if (!expired && !grant.access_token.empty()) return "signed_in";
  return grant.refresh_token.empty() ? "sign_in_needed" : "refresh_due";
}

std::string scopes_of(const auth::Grant& grant) {
  return grant.granted_scope.empty() ? grant.requested_scope : grant.granted_scope;
}

void write(json::Writer& out, const auth::Grant& grant) {
  out.begin_object().member("profile", grant.profile).member("state", state_of(grant));
  out.member("endpoint", grant.endpoint).member("issuer", grant.server.issuer);
  out.member("user", grant.user).member("organization", grant.organization);
  out.member("organization_name", grant.organization_name).member("site", grant.site);
  out.member("scope", scopes_of(grant));
  out.name("expires_at");
  if (grant.expires_at) {
    out.value(time_text(*grant.expires_at));
  } else {
    out.null();
  }
  out.member("refresh_token", !grant.refresh_token.empty());
  out.member("signed_in_at", time_text(grant.signed_in_at));
  out.name("refreshed_at");
  if (grant.refreshed_at != 0) {
    out.value(time_text(grant.refreshed_at));
  } else {
    out.null();
  }
  out.end_object();
}

void line(const char* name, const std::string& value) {
  if (!value.empty()) fmt::print("  {:<14}{}\n", name, base::printable(value));
}

void print(const auth::Grant& grant) {
  const std::int64_t now = base::unix_seconds();
  fmt::print("{}\n", base::printable(grant.profile));
  line("server", grant.endpoint);
  line("user", grant.user);
  line("organization", grant.organization_name.empty()
                           ? grant.organization
                           : grant.organization_name + " (" + grant.organization + ")");
  line("site", grant.site);
  line("issuer", grant.server.issuer);
  line("scopes", scopes_of(grant));
  if (std::string(state_of(grant)) == "sign_in_needed") {
    line("token", "none that can be used: run dogpipe login");
  } else if (grant.expires_at) {
    line("token",
         (*grant.expires_at <= now ? "expired " : "expires ") + distance(*grant.expires_at - now) +
             (grant.refresh_token.empty() ? ", cannot be renewed" : ", renewed by itself"));
  } else {
    line("token", "used until it is refused");
  }
  line("signed in", grant.signed_in_at == 0 ? "" : distance(grant.signed_in_at - now));
  line("renewed", grant.refreshed_at == 0 ? "" : distance(grant.refreshed_at - now));
}

}  // namespace

int run_status(const Options& options) {
  base::PosixFiles files(home_folder());
  auth::FileTokenStore store(files, options.state_folder);
  const auto stored = store.read();
  if (!stored) return complain_of_store(stored.error(), options.json);
  const int status = stored->grants.empty() ? kSignInNeeded : kDone;
  if (options.json) {
    json::Writer out;
    out.begin_object().member("store", options.state_folder).name("profiles").begin_array();
    for (const auth::Grant& grant : stored->grants) write(out, grant);
    fmt::print("{}\n", out.end_array().end_object().take());
    return status;
  }
  if (stored->grants.empty()) {
    fmt::print("Nobody is signed in. To sign in: {}\n", options.login_command);
    return status;
  }
  for (const auth::Grant& grant : stored->grants) print(grant);
  fmt::print("\nKept in {}\n", base::printable(options.state_folder));
  return kDone;
}

}  // namespace dogpipe::cli
