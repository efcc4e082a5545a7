// Renewing a grant with its refresh token (RFC 6749 section 6), as one step among all processes of
// the user: where tokens rotate, whoever redeems the same one twice loses the sign-in.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "auth/ask.h"
#include "auth/registration.h"
#include "auth/token_store.h"
#include "auth/url_policy.h"
#include "base/clock.h"
#include "crypto/random.h"
#include "event/loop.h"
#include "http/client.h"

namespace dogpipe::auth {

struct RefreshRequest {
  std::string profile;
  std::string endpoint;
  Trusted trusted;
  ClientSettings client;
  // SHA-256 of the access token that will not do any more, in hexadecimal digits: if the store has
  // another one, that is the answer.
  std::string stale;
  // Where nothing can be stored, what the caller has. Goes before what is stored of the same
  // sign-in from an earlier time.
  std::optional<Grant> own;
};

struct Refreshed {
  std::optional<Grant> grant;  // none: only a new sign-in helps
  bool stored = true;          // false: nothing can be stored here; the caller keeps the grant
};

// All outlive it.
struct RefreshContext {
  event::Loop& loop;
  http::Client& client;
  crypto::Random& random;
  TokenStore& store;
};

// lock -> re-read -> take room on the disk -> redeem -> save -> unlock. Owning is refreshing;
// dropped in the middle, a token that the server has rotated already is lost.
class Refresh {
 public:
  // Called as soon as there are tokens, which is before they are on the disk.
  using OnFresh = std::function<void(const Grant& grant)>;
  // Called once, on a turn of its own, last. Errors: Kind::unreachable and its kin when the server
  // cannot be asked now (nothing is cleared), Kind::timed_out when others hold the lock for 30 s,
  // those of TokenStore::read().
  using Done = std::function<void(base::Result<Refreshed>)>;

  Refresh(const RefreshContext& context, RefreshRequest request, OnFresh on_fresh, Done done);
  Refresh(const Refresh&) = delete;
  Refresh& operator=(const Refresh&) = delete;

 private:
  void lock();
  void read();
  base::Result<void> redeem();
  void on_token(base::Result<TokenAnswer> answer, bool body_left);
  void on_refusal(TokenRefusal refusal);
  void on_trouble(base::Error error, bool body_left);
  void save(TokenReply reply);
  void forget_tokens(bool registration_too);
  base::Result<std::optional<Grant>> present_grant();
  bool is_stale(const Grant& grant) const;
  ClientIdentity client() const;
  void finish(base::Result<Refreshed> outcome);

  const RefreshContext& context_;
  const RefreshRequest request_;
  OnFresh on_fresh_;
  Done done_;
  base::Time began_;
  int attempts_ = 0;
  Grant grant_;
  bool was_stored_ = false;  // grant_ is the store's
  std::unique_ptr<StoreLock> lock_;
  std::unique_ptr<StoreDraft> draft_;
  event::Timer again_;
  std::function<void()> next_;  // what again_ does
  std::unique_ptr<http::Fetch> fetch_;
};

// The name of the lock around all that changes the tokens of a profile at an endpoint.
std::string lock_name(std::string_view what, std::string_view profile, std::string_view endpoint);
// What RefreshRequest::stale holds.
std::string fingerprint(const base::Secret& token);

}  // namespace dogpipe::auth
