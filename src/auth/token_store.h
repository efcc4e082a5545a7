// Where grants are kept between runs, shared by all dogpipe processes of a user.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/client_identity.h"
#include "auth/metadata.h"
#include "base/result.h"
#include "base/secret.h"

namespace dogpipe::auth {

// A member that this version does not know, kept for those that do.
struct UnknownMember {
  std::string name;
  base::Secret json;  // may well be a secret
};
using UnknownMembers = std::vector<UnknownMember>;

// One sign-in: tokens, whom they are from, and all that is needed to renew them without asking
// anybody anything again. What an older client has left may lack the server's endpoints: used until
// it is refused, then the user signs in.
struct Grant {
  std::string profile;
  std::string endpoint;  // the MCP server's URL without a query: tokens go nowhere else
  ServerMetadata server;
  ClientIdentity client;
  std::string resource;         // RFC 8707, as sent; empty: not sent
  std::string requested_scope;  // empty: none was asked for
  std::string granted_scope;    // empty: the server did not say
  base::Secret access_token;
  base::Secret refresh_token;              // empty: there is none
  std::int64_t issued_at = 0;              // seconds since 1970
  std::optional<std::int64_t> expires_at;  // seconds since 1970; none: used until it is refused
  std::int64_t signed_in_at = 0;
  std::int64_t refreshed_at = 0;  // 0: never
  std::uint64_t generation = 0;   // grows with each change of the tokens
  // Who it is for, as far as the server has said; each may be empty.
  std::string user;          // e-mail address
  std::string organization;  // UUID
  std::string organization_name;
  std::string site;
  UnknownMembers unknown;
};

// Of two states of a sign-in, or of two sign-ins: whether `one` is what came last.
bool is_later(const Grant& one, const Grant& other);

// A registered client, which outlives the tokens that were got with it.
struct Registration {
  std::string issuer;
  ClientIdentity client;
  UnknownMembers unknown;
};

struct Stored {
  std::vector<Grant> grants;
  std::vector<Registration> registrations;
  UnknownMembers unknown;

  // The one to use: of those for this profile and endpoint the one signed in last.
  const Grant* find(std::string_view profile, std::string_view endpoint) const;
  Grant* find(std::string_view profile, std::string_view endpoint);
  // Takes the place of the grant with the same profile, endpoint, issuer and client id, if any.
  void put(Grant grant);
  // Takes the place of the registration with the same issuer and redirect URI, if any.
  void put(Registration registration);
};

// A lock that the kernel frees with the process, however that ends. Destroying it frees it.
class StoreLock {
 public:
  virtual ~StoreLock() = default;
  // A note for those who find the lock held; gone with the lock. At most 16 KiB.
  virtual base::Result<void> note(std::string_view text) = 0;
};

// Room on the disk, taken before a token is spent.
class StoreDraft {
 public:
  virtual ~StoreDraft() = default;
};

class TokenStore {
 public:
  // Differs when the store may have changed.
  struct Stamp {
    std::uint64_t device = 0, inode = 0, size = 0;
    std::int64_t changed_ns = 0;
    bool operator==(const Stamp&) const = default;
  };

  virtual ~TokenStore() = default;

  // Nothing stored is no error. Errors: Kind::file when it cannot be read, Kind::untrusted when it
  // must not be used (others can write it, or it is a link): the text says what and how to repair
  // it.
  virtual base::Result<Stored> read() = 0;
  virtual Stamp stamp() = 0;

  // Null if another process holds the lock of that name ([a-z0-9-]). Never waits. Errors:
  // Kind::file.
  virtual base::Result<std::unique_ptr<StoreLock>> try_lock(std::string_view name) = 0;
  // The note of whoever holds that lock now, empty while there is none yet; none if nobody holds
  // it.
  virtual std::optional<std::string> note_of(std::string_view name) = 0;

  // Errors: Kind::file (full disk, read-only, no home): nothing can be stored then.
  virtual base::Result<std::unique_ptr<StoreDraft>> draft() = 0;
  // Reads, edits, writes, as one step among all processes; durable when it returns. `draft` is used
  // up. Errors: Kind::file, Kind::untrusted; the file is then as it was. Waits at most 2 s for
  // other writers.
  virtual base::Result<void> change(const std::function<void(Stored&)>& edit,
                                    std::unique_ptr<StoreDraft> draft = nullptr) = 0;
};

}  // namespace dogpipe::auth
