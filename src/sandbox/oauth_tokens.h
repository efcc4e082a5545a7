// What the authorization server has given out: codes, access tokens, refresh tokens (RFC 6749).
// Pure but for the random numbers: time comes with every call.
//
// All that follows from one consent of the user is a family and dies together: by revocation
// (RFC 7009), by a code that comes twice (RFC 6749 section 4.1.2) and, with rotation, by a refresh
// token that comes twice (RFC 9700 section 4.14.2).
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/random.h"
#include "sandbox/organization.h"

namespace dogpipe::sandbox {

struct Grant {
  std::string client_id;
  const Organization* organization = nullptr;
  std::string scope;
  std::string resource;  // as in the authorization request; empty: none
};

// An error of RFC 6749 section 5.2.
struct Denial {
  int status = 400;
  std::string error;
  std::string description;
};

struct Tokens {
  std::string access;
  std::string refresh;  // empty: none
  std::chrono::seconds lifetime{0};
  std::string scope;
};

class TokenTable {
 public:
  struct Rules {
    std::chrono::seconds access_life{3600};
    std::chrono::seconds refresh_life{0};  // 0: until revoked
    bool rotate = false;                   // each use of a refresh token spends it
    bool refresh_tokens = true;
  };
  struct Access {
    const Grant* grant;
    std::string scope;
    base::Time end;
  };
  struct CodeTerms {
    Grant grant;
    std::string redirect_uri;
    std::string challenge;  // S256; empty: none was asked for
  };
  struct CodeUse {
    std::string code, client_id, redirect_uri;
    std::optional<std::string> verifier;
  };
  struct RefreshUse {
    std::string token, client_id;
    std::optional<std::string> scope;  // to have less
  };
  using Redeemed = std::variant<Tokens, Denial>;

  TokenTable(crypto::Random& random, const Rules& rules) : random_(random), rules_(rules) {}

  // A code that is good for a minute and for one use. Errors: those of Random.
  base::Result<std::string> make_code(CodeTerms terms, base::Time now);
  Redeemed redeem_code(const CodeUse& use, base::Time now);
  Redeemed redeem_refresh(const RefreshUse& use, base::Time now);
  // Without a code: for a device.
  Redeemed open(Grant grant, base::Time now);

  // What the token stands for; nullptr when it is unknown, expired or revoked. Until the next call.
  const Access* find(std::string_view access_token, base::Time now) const;
  // The resource that a code or a refresh token was asked for; nullptr for one that is not known.
  const std::string* resource_of(std::string_view code_or_refresh) const;

  // The whole family of an access or a refresh token. Whether there was one.
  bool revoke(std::string_view token);
  void revoke_all();
  // Every access token ends now.
  void expire();

  int reuses() const { return reuses_; }  // of refresh tokens that were spent

 private:
  struct Code {
    CodeTerms terms;
    base::Time end;
    int family = 0;  // that it was redeemed for; 0: not yet
  };
  struct Refresh {
    int family;
    std::optional<base::Time> end;
    bool spent = false;
  };
  struct AccessEntry {
    int family;
    Access access;
  };

  Redeemed issue(int family, std::string scope, std::string refresh, base::Time now);
  Redeemed renew(const Refresh& old, const RefreshUse& use, base::Time now);
  void end_family(int family);
  std::string random_name(std::string_view prefix);

  crypto::Random& random_;
  Rules rules_;
  int families_made_ = 0;
  int reuses_ = 0;
  std::map<int, Grant> families_;  // that have not been revoked
  std::map<std::string, Code, std::less<>> codes_;
  std::map<std::string, AccessEntry, std::less<>> access_;
  std::map<std::string, Refresh, std::less<>> refresh_;
};

// Whether a token with `scope` may do what needs `wanted`: mcp_all includes all others.
bool allows(std::string_view scope, std::string_view wanted);

}  // namespace dogpipe::sandbox
