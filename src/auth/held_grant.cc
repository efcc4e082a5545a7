#include "auth/held_grant.h"

#include <utility>

#include "base/log.h"

namespace dogpipe::auth {

HeldGrant::HeldGrant(event::Loop& loop, TokenStore& store, std::string profile,
                     std::string endpoint)
    : loop_(loop), store_(store), profile_(std::move(profile)), endpoint_(std::move(endpoint)) {
  look();
}

void HeldGrant::look() {
  const TokenStore::Stamp stamp = store_.stamp();
  looked_ = loop_.now();
  if (std::exchange(read_, true) && stamp == stamp_) return;
  stamp_ = stamp;
  const auto stored = store_.read();
  trouble_.reset();
  if (!stored) {
    trouble_ = stored.error();
    return base::log(base::LogLevel::warn, "{}", trouble_->what);
  }
  const Grant* grant = stored->find(profile_, endpoint_);
  // What could not be stored is newer than what could.
  if (own_ && (grant == nullptr || (grant_ && is_later(*grant_, *grant)))) return;
  own_ = false;
  if (grant != nullptr) return adopt(*grant);
  drop();
}

void HeldGrant::take(const Grant& grant, bool stored) {
  own_ = !stored;
  adopt(grant);
}

void HeldGrant::adopt(const Grant& grant) {
  const bool same = grant_ && grant_->access_token.reveal() == grant.access_token.reveal();
  grant_ = grant;
  if (same) return;
  ++generation_;
  credential_.fields.clear();
  if (grant.access_token.empty()) return;
  credential_.fields.emplace_back(
      "Authorization", base::Secret("Bearer " + std::string(grant.access_token.reveal())));
}

void HeldGrant::withdraw() {
  own_ = false;
  drop();
}

void HeldGrant::drop() {
  if (!grant_) return;
  grant_.reset();
  credential_.fields.clear();
  ++generation_;
}

void HeldGrant::forget_refresh_token() {
  if (grant_) grant_->refresh_token = base::Secret();
}

bool HeldGrant::can_refresh() const {
  return grant_ && !grant_->refresh_token.empty() && !grant_->server.token_endpoint.empty();
}

bool HeldGrant::has_expired() const {
  return grant_ && grant_->expires_at && *grant_->expires_at <= base::unix_seconds();
}

}  // namespace dogpipe::auth
