// `dogpipe logout`: the tokens are revoked where the server offers it (RFC 7009), and forgotten.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "auth/ask.h"
#include "auth/refresh.h"
#include "auth/sign_in.h"
#include "base/log.h"
#include "cli/exit_code.h"
#include "cli/state.h"
#include "cli/verbs.h"
#include "event/signals.h"
#include "json/writer.h"

namespace dogpipe::cli {
namespace {

using base::Result;

constexpr std::size_t kLongestReply = 64u << 10;

// One token that a server is asked to revoke.
struct Revocation {
  std::size_t grant;
  base::Secret token;
  const char* hint;
};

// read -> revoke one token after the other -> forget.
class LogoutVerb {
 public:
  LogoutVerb(const Options& options, std::vector<auth::Grant> grants)
      : options_(options),
        grants_(std::move(grants)),
        revoked_(grants_.size(), false),
        state_(options_) {
    for (std::size_t i = 0; i < grants_.size(); ++i) {
      if (grants_[i].server.revocation_endpoint.empty()) continue;
      add({i, grants_[i].refresh_token, "refresh_token"});
      add({i, grants_[i].access_token, "access_token"});
    }
  }

  int run() {
    wait_for_refreshes();
    event::Deferred start(state_.loop, [this] { next(); });
    start.schedule();
    state_.loop.run();
    auto forgotten = state_.store.change([&](auth::Stored& stored) { forget(stored); });
    if (!forgotten) return complain_of_store(forgotten.error(), options_.json);
    for (std::size_t i = 0; i < grants_.size(); ++i) tell(grants_[i], revoked_[i]);
    return kDone;
  }

 private:
  // A refresh under way would bring a token that nobody has revoked. Not for ever: whoever wants to
  // sign out must be able to.
  void wait_for_refreshes() {
    using namespace std::chrono_literals;
    for (const auth::Grant& grant : grants_) {
      for (int i = 0; i < 100; ++i) {
        auto lock =
            state_.store.try_lock(auth::lock_name("refresh", grant.profile, grant.endpoint));
        if (!lock || *lock) {
          if (lock) locks_.push_back(std::move(*lock));
          break;
        }
        state_.files.pause(50ms);
      }
    }
  }

  void add(Revocation one) {
    if (!one.token.empty()) waiting_.push_back(std::move(one));
  }

  void next() {
    fetch_.reset();
    if (waiting_.empty()) return state_.loop.stop();
    present_ = std::move(waiting_.front());
    waiting_.pop_front();
    if (auto asked = ask(grants_[present_.grant]); !asked) {
      base::log(base::LogLevel::warn, "not revoked: {}", asked.error().what);
      next();
    }
  }

  Result<void> ask(const auth::Grant& grant) {
    auto endpoint = http::read_url(grant.endpoint);
    if (!endpoint) return std::move(endpoint).error();
    auth::Trusted trusted = options_.sign_in.trusted;
    trusted.endpoint = std::move(*endpoint);
    auto url = auth::check_endpoint(grant.server.revocation_endpoint, grant.server.issuer, trusted);
    if (!url) return std::move(url).error();
    const auth::ClientIdentity who = grant.client.source == auth::ClientIdentity::Source::given &&
                                             grant.client.id == options_.sign_in.client.id
                                         ? auth::given_client(options_.sign_in.client, grant.server)
                                         : grant.client;
    auto assertion = auth::assertion_for(options_.sign_in.client, who, grant.server, state_.random);
    if (!assertion) return std::move(assertion).error();
    const auto form = auth::revocation_request(who, present_.token, present_.hint, *assertion);
    fetch_ = std::make_unique<http::Fetch>(
        state_.client, auth::form_post(*url, form, trusted), kLongestReply,
        [this](Result<http::Response> response, bool) { on_revoked(response); });
    return {};
  }

  void on_revoked(const Result<http::Response>& response) {
    if (response && response->status == 200) {
      revoked_[present_.grant] = true;
    } else if (response) {
      base::log(base::LogLevel::warn, "not revoked: HTTP {}", response->status);
    } else {
      base::log(base::LogLevel::warn, "not revoked: {}", response.error().what);
    }
    next();
  }

  // What is there now of those profiles; a sign-in that has come about meanwhile goes too.
  void forget(auth::Stored& stored) const {
    std::erase_if(stored.grants, [this](const auth::Grant& grant) {
      return options_.all || grant.profile == options_.sign_in.profile;
    });
  }

  void tell(const auth::Grant& grant, bool revoked) const {
    if (!options_.json) {
      fmt::print(stderr, "Signed out of {} (profile {}){}.\n", base::printable(grant.endpoint),
                 base::printable(grant.profile),
                 revoked ? "" : "; the server was not told, its token ends by itself");
      return;
    }
    json::Writer out;
    out.begin_object().member("signed_out", true).member("profile", grant.profile);
    out.member("endpoint", grant.endpoint).member("revoked", revoked);
    fmt::print("{}\n", out.end_object().take());
  }

  const Options& options_;
  const std::vector<auth::Grant> grants_;
  std::vector<bool> revoked_;
  std::deque<Revocation> waiting_;
  Revocation present_{};
  State state_;
  std::vector<std::unique_ptr<auth::StoreLock>> locks_;
  std::unique_ptr<http::Fetch> fetch_;
};

bool is_on_loopback(const auth::Grant& grant) {
  const auto url = http::read_url(grant.endpoint);
  return url && url->scheme == "http" && url->is_loopback();
}

}  // namespace

int run_logout(const Options& options) {
  event::ignore_broken_pipes();
  base::PosixFiles files(home_folder());
  auth::FileTokenStore store(files, options.state_folder);
  auto stored = store.read();
  if (!stored) return complain_of_store(stored.error(), options.json);
  std::vector<auth::Grant> grants;
  Options own = options;
  for (const auth::Grant& grant : stored->grants) {
    if (!options.all && grant.profile != options.sign_in.profile) continue;
    grants.push_back(grant);
    own.network.allow_http = own.network.allow_http || is_on_loopback(grant);
  }
  if (grants.empty()) {
    if (!options.json) fmt::print(stderr, "Nobody is signed in.\n");
    return kDone;
  }
  return LogoutVerb(own, std::move(grants)).run();
}

}  // namespace dogpipe::cli
