#include "auth/refresh.h"

#include <chrono>
#include <utility>

#include "auth/sign_in.h"
#include "base/log.h"
#include "crypto/digest.h"

namespace dogpipe::auth {
namespace {

using namespace std::chrono_literals;
using base::Error;
using base::Kind;
using base::Result;

constexpr base::Duration kLockPause = 25ms;
constexpr base::Duration kLockPatience = 30s;
constexpr int kMostAttempts = 3;
constexpr base::Duration kAttemptPause = 500ms;

}  // namespace

std::string lock_name(std::string_view what, std::string_view profile, std::string_view endpoint) {
  const std::string key = std::string(profile) + '\n' + std::string(endpoint);
  return std::string(what) + '-' + crypto::sha256_hex(key).substr(0, 16);
}

std::string fingerprint(const base::Secret& token) { return crypto::sha256_hex(token.reveal()); }

Refresh::Refresh(const RefreshContext& context, RefreshRequest request, OnFresh on_fresh, Done done)
    : context_(context),
      request_(std::move(request)),
      on_fresh_(std::move(on_fresh)),
      done_(std::move(done)),
      began_(context.loop.now()),
      again_(context.loop, [this] { next_(); }) {
  next_ = [this] { lock(); };
  again_.start(base::Duration::zero());
}

// Without a place for a lock there is no place for tokens either, and nobody to share them with.
void Refresh::lock() {
  auto lock = context_.store.try_lock(lock_name("refresh", request_.profile, request_.endpoint));
  if (!lock) {
    base::log(base::LogLevel::warn, "refreshing without a lock: {}", lock.error().what);
    return read();
  }
  if (*lock) {
    lock_ = std::move(*lock);
    return read();
  }
  if (context_.loop.now() - began_ > kLockPatience) {
    return finish(Error{Kind::timed_out, "another process has been refreshing the token for 30 s"});
  }
  again_.start(kLockPause);
}

Result<std::optional<Grant>> Refresh::present_grant() {
  const auto stored = context_.store.read();
  if (!stored && !request_.own) return stored.error();
  const Grant* grant = stored ? stored->find(request_.profile, request_.endpoint) : nullptr;
  was_stored_ = grant != nullptr && !(request_.own && is_later(*request_.own, *grant));
  return was_stored_ ? std::optional(*grant) : request_.own;
}

bool Refresh::is_stale(const Grant& grant) const {
  return grant.access_token.empty() || fingerprint(grant.access_token) == request_.stale;
}

void Refresh::read() {
  auto present = present_grant();
  if (!present) return finish(std::move(present).error());
  if (!*present) return finish(Refreshed{});
  grant_ = std::move(**present);
  if (!is_stale(grant_)) {
    on_fresh_(grant_);
    return finish(Refreshed{grant_});
  }
  if (grant_.refresh_token.empty() || grant_.server.token_endpoint.empty()) {
    return finish(Refreshed{});
  }
  // A full disk or a read-only home shows now, and not when the token is spent.
  auto draft = context_.store.draft();
  if (draft) draft_ = std::move(*draft);
  if (auto asked = redeem(); !asked) finish(std::move(asked).error());
}

// A secret that the user has set is not stored.
ClientIdentity Refresh::client() const {
  if (grant_.client.source != ClientIdentity::Source::given ||
      grant_.client.id != request_.client.id) {
    return grant_.client;
  }
  return given_client(request_.client, grant_.server);
}

Result<void> Refresh::redeem() {
  ++attempts_;
  auto url = check_endpoint(grant_.server.token_endpoint, grant_.server.issuer, request_.trusted);
  if (!url) return std::move(url).error().during("the token endpoint");
  const ClientIdentity who = client();
  auto assertion = assertion_for(request_.client, who, grant_.server, context_.random);
  if (!assertion) return std::move(assertion).error();
  const FormRequest form = refresh_request(who, grant_.refresh_token, grant_.resource, *assertion);
  fetch_ = ask_token(context_.client, form_post(*url, form, request_.trusted),
                     [this](Result<TokenAnswer> answer, bool body_left) {
                       on_token(std::move(answer), body_left);
                     });
  return {};
}

void Refresh::on_token(Result<TokenAnswer> answer, bool body_left) {
  const auto ended = std::move(fetch_);
  if (!answer) return on_trouble(std::move(answer).error(), body_left);
  if (const auto* refusal = std::get_if<TokenRefusal>(&*answer)) return on_refusal(*refusal);
  save(std::move(std::get<TokenReply>(*answer)));
}

// Asked again only if the server cannot have seen it: a rotating token is good for one time.
void Refresh::on_trouble(Error error, bool body_left) {
  if (body_left || attempts_ >= kMostAttempts || error.kind == Kind::untrusted) {
    return finish(std::move(error).during("refreshing the token"));
  }
  next_ = [this] {
    if (auto asked = redeem(); !asked) finish(std::move(asked).error());
  };
  again_.start(kAttemptPause * attempts_);
}

void Refresh::on_refusal(TokenRefusal refusal) {
  switch (refusal) {
    case TokenRefusal::unavailable:
      return finish(no_token(refusal));
    case TokenRefusal::invalid_grant:
    case TokenRefusal::invalid_client:
      break;
    default:
      return finish(Refreshed{});
  }
  // Another machine that shares the file, or a process without the lock, may have been faster.
  const auto now = present_grant();
  if (now && *now && !is_stale(**now)) {
    on_fresh_(**now);
    return finish(Refreshed{*now});
  }
  forget_tokens(refusal == TokenRefusal::invalid_client);
  finish(Refreshed{});
}

void Refresh::forget_tokens(bool registration_too) {
  const auto changed = context_.store.change(
      [&](Stored& stored) {
        if (registration_too) {
          std::erase_if(stored.registrations, [&](const Registration& one) {
            return one.issuer == grant_.server.issuer && one.client.id == grant_.client.id;
          });
        }
        Grant* grant = stored.find(request_.profile, request_.endpoint);
        if (grant == nullptr || grant->refresh_token.reveal() != grant_.refresh_token.reveal()) {
          return;
        }
        grant->access_token = base::Secret();
        grant->refresh_token = base::Secret();
        ++grant->generation;
      },
      std::move(draft_));
  if (!changed) base::log(base::LogLevel::warn, "{}", changed.error().what);
}

// Whoever waits goes on before the disk has done its work. A user who has signed in anew meanwhile,
// or out, has the last word.
void Refresh::save(TokenReply reply) {
  renew(grant_, std::move(reply));
  on_fresh_(grant_);
  const bool roomy = draft_ != nullptr;
  const auto saved = context_.store.change(
      [&](Stored& stored) {
        const Grant* now = stored.find(request_.profile, request_.endpoint);
        const bool signed_out = now == nullptr && was_stored_;
        const bool signed_in = now != nullptr && now->signed_in_at > grant_.signed_in_at;
        if (!signed_out && !signed_in) stored.put(grant_);
      },
      std::move(draft_));
  if (!saved) {
    base::log(roomy ? base::LogLevel::error : base::LogLevel::warn,
              "the refreshed token is kept in memory only: {}", saved.error().what);
  }
  finish(Refreshed{grant_, saved.has_value()});
}

void Refresh::finish(Result<Refreshed> outcome) {
  lock_.reset();
  const Done done = std::move(done_);
  done(std::move(outcome));
}

}  // namespace dogpipe::auth
