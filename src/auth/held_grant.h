// The grant that this process uses: that of the store, or a later one that could not be stored.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "auth/authorizer.h"
#include "auth/token_store.h"
#include "base/clock.h"
#include "base/error.h"
#include "event/loop.h"

namespace dogpipe::auth {

class HeldGrant {
 public:
  // Both outlive it.
  HeldGrant(event::Loop& loop, TokenStore& store, std::string profile, std::string endpoint);

  // Looks into the store, if that has changed since the last time. Cheap, but not free: see idle().
  void look();
  // How long nobody has looked.
  base::Duration idle() const { return loop_.now() - looked_; }
  // What a worker has brought.
  void take(const Grant& grant, bool stored);
  // The refresh token turned out to be good for nothing.
  void forget_refresh_token();
  // What a worker has brought and could not store is not to be used after all.
  void withdraw();

  const Credential& credential() const { return credential_; }
  bool has_token() const { return !credential_.fields.empty(); }
  // Another one with each access token, and without one.
  std::uint64_t generation() const { return generation_; }
  const std::optional<Grant>& grant() const { return grant_; }
  bool stored() const { return !own_; }
  // Why the store cannot be used, if so.
  const std::optional<base::Error>& trouble() const { return trouble_; }

  bool can_refresh() const;
  bool has_expired() const;

 private:
  void adopt(const Grant& grant);
  void drop();

  event::Loop& loop_;
  TokenStore& store_;
  const std::string profile_;
  const std::string endpoint_;
  std::optional<Grant> grant_;
  bool own_ = false;
  TokenStore::Stamp stamp_;
  bool read_ = false;
  base::Time looked_;
  std::optional<base::Error> trouble_;
  Credential credential_;
  std::uint64_t generation_ = 1;
};

}  // namespace dogpipe::auth
