#include "cli/sign_in_session.h"

#include <algorithm>
#include <utility>

#include "auth/refresh.h"
#include "base/log.h"
#include "event/uv_loop.h"

namespace dogpipe::cli {
namespace {

using base::Error;
using base::Kind;
using base::Result;
using Outcome = Result<std::optional<auth::Grant>>;

}  // namespace

SignInSession::SignInSession(const auth::SignInContext& context, const Options& options,
                             auth::SignInRequest request, Events events, Done done)
    : context_(context),
      options_(options),
      request_(std::move(request)),
      events_(std::move(events)),
      done_(std::move(done)),
      tell_(context.loop, [this] {
        const Done told = std::move(done_);
        told(std::move(*outcome_));
      }) {
  if (!lock()) {
    end(std::optional<auth::Grant>());
    return;
  }
  if (const auto other = other_sign_in()) {
    events_.on_granted(*other, true);
    end(other);
    return;
  }
  auth::SignInEvents own = events_.sign_in;
  own.on_url = [this](const std::string& url) { on_url(url); };
  own.on_device = [this](const std::string& page, const std::string& code,
                         const std::string& complete) {
    if (!complete.empty()) leave_note(complete);
    events_.sign_in.on_device(page, code, complete);
  };
  sign_in_ = std::make_unique<auth::SignIn>(
      context_, request_, std::move(own),
      [this](Result<auth::Grant> grant) { on_grant(std::move(grant)); });
}

// Where no lock can be had nothing can be shared either.
bool SignInSession::lock() {
  auto lock = context_.store.try_lock(
      auth::lock_name("sign-in", request_.profile, auth::endpoint_of(request_.trusted)));
  if (!lock) {
    base::log(base::LogLevel::warn, "signing in without a lock: {}", lock.error().what);
    return true;
  }
  lock_ = std::move(*lock);
  return lock_ != nullptr;
}

// What somebody else has brought about between the refusal that led here and the lock.
std::optional<auth::Grant> SignInSession::other_sign_in() const {
  if (!request_.stale) return std::nullopt;
  auto grant = auth::stored_grant(context_.store, request_);
  const bool another = grant && !grant->access_token.empty() &&
                       auth::fingerprint(grant->access_token) != *request_.stale;
  return another ? std::move(grant) : std::nullopt;
}

void SignInSession::on_url(const std::string& url) {
  leave_note(url);
  events_.sign_in.on_url(url);
}

void SignInSession::leave_note(const std::string& url) {
  if (!lock_) return;
  if (auto noted = lock_->note(url); !noted) {
    base::log(base::LogLevel::debug, "{}", noted.error().what);
  }
}

Result<void> SignInSession::paste(std::string_view url) {
  if (!sign_in_) return Error{Kind::malformed, "no sign-in is open"};
  return sign_in_->paste(url);
}

void SignInSession::on_grant(Result<auth::Grant> grant) {
  if (!grant) return end(std::move(grant).error());
  grant_ = std::move(*grant);
  if (!must_be_checked()) save();
  if (options_.knows_users) return ask_who();
  end(grant_);
}

// The profile names an organization, and the browser's return has not: only the server can tell.
bool SignInSession::must_be_checked() const {
  return options_.knows_users && !request_.organization.empty() && grant_->organization.empty();
}

// From now on others can use it, and sign in anew. Of the sign-ins for one profile and server the
// last one counts, whatever the clock says.
void SignInSession::save() {
  const auto changed = context_.store.change([this](auth::Stored& stored) {
    if (const auth::Grant* former = stored.find(grant_->profile, grant_->endpoint)) {
      grant_->signed_in_at = std::max(grant_->signed_in_at, former->signed_in_at + 1);
      former_ = *former;
    }
    stored.put(*grant_);
  });
  if (!changed) {
    base::log(base::LogLevel::warn, "the sign-in is kept in memory only: {}", changed.error().what);
  }
  events_.on_granted(*grant_, changed.has_value());
  saved_ = true;
  lock_.reset();
}

void SignInSession::ask_who() {
  whoami_ = std::make_unique<Whoami>(
      context_.loop, context_.client, options_, *grant_,
      [this](Result<Identity> identity) { on_identity(std::move(identity)); });
}

void SignInSession::on_identity(Result<Identity> identity) {
  if (!identity) {
    base::log(base::LogLevel::info, "who has signed in is not known: {}", identity.error().what);
    if (!must_be_checked()) return end(grant_);
    return end(Error{Kind::denied, "the server does not say for which organization this is"});
  }
  if (!is_expected(*identity)) {
    take_back();
    return end(Error{Kind::denied,
                     "the sign-in is for another organization or site than the profile's: it is "
                     "not used"});
  }
  note(*identity, *grant_);
  if (!saved_) {
    save();
  } else {
    change_stored([&](auth::Stored&, auth::Grant& stored) { note(*identity, stored); });
  }
  end(grant_);
}

bool SignInSession::is_expected(const Identity& identity) const {
  const bool organization =
      request_.organization.empty() || identity.organization == request_.organization ||
      (identity.organization.empty() && grant_->organization == request_.organization);
  const bool site =
      request_.site.empty() || identity.site.empty() || identity.site == request_.site;
  return organization && site;
}

void SignInSession::note(const Identity& identity, auth::Grant& grant) {
  grant.user = identity.user;
  if (!identity.organization.empty()) grant.organization = identity.organization;
  if (!identity.organization_name.empty()) grant.organization_name = identity.organization_name;
  if (!identity.site.empty()) grant.site = identity.site;
}

// What was there before is there again.
void SignInSession::take_back() {
  if (!saved_) return;
  change_stored([this](auth::Stored& stored, auth::Grant& grant) {
    stored.grants.erase(stored.grants.begin() + (&grant - stored.grants.data()));
    if (former_) stored.put(*former_);
  });
}

// Meanwhile it may have been refreshed, which is all the same here, or have gone for good.
void SignInSession::change_stored(const std::function<void(auth::Stored&, auth::Grant&)>& edit) {
  const auto changed = context_.store.change([&](auth::Stored& stored) {
    auth::Grant* grant = stored.find(grant_->profile, grant_->endpoint);
    if (grant != nullptr && grant->signed_in_at == grant_->signed_in_at) edit(stored, *grant);
  });
  if (!changed) base::log(base::LogLevel::warn, "{}", changed.error().what);
}

void SignInSession::end(Outcome outcome) {
  lock_.reset();
  outcome_ = std::move(outcome);
  if (sign_in_ && sign_in_->linger([this] { tell_.schedule(); })) return;
  tell_.schedule();
}

}  // namespace dogpipe::cli
