// All that the bridge knows of authorization: what to send with a request, and whom to ask when
// that was refused.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/secret.h"

namespace dogpipe::auth {

// Header fields that authorize a request.
struct Credential {
  std::vector<std::pair<std::string, base::Secret>> fields;
};

// Why there is no credential to go on with, for whoever waits for an answer.
struct Impediment {
  enum class Kind : std::uint8_t {
    sign_in_required,  // the user has to do something: `url`, `command`
    sign_in_failed,    // the user or the authorization server has said no
    unreachable,       // the authorization server cannot be asked now
    token_store,       // what is stored must not be used: `what` says how to repair it
  };
  Kind kind = Kind::sign_in_required;
  std::string what;     // a sentence or two, without a server's text
  std::string url;      // to open in a browser; may be empty
  std::string command;  // that repairs it; may be empty
};

class Authorizer {
 public:
  // Waiting for a credential; destroying it ends the wait.
  class Wait {
   public:
    virtual ~Wait() = default;
  };
  // Called once, on a turn of its own; nothing: go on with credential() as it is now. May destroy
  // the Wait.
  using Done = std::function<void(const std::optional<Impediment>& impediment)>;

  struct Refusal {
    int status = 0;                // 401 or 403
    std::string challenge;         // all of WWW-Authenticate
    std::uint64_t generation = 0;  // of the credential that was refused
    bool quiet = false;            // not worth troubling the user for
    bool again = false;            // mending has not helped the same request before
  };

  virtual ~Authorizer() = default;

  // What to send now; empty if there is nothing to send.
  virtual const Credential& credential() const = 0;
  // Another one whenever the credential is another one.
  virtual std::uint64_t generation() const = 0;

  // Before a request: null if it may go at once, as nearly always.
  virtual std::unique_ptr<Wait> prepare(Done done) = 0;
  // After the server has refused one: null if nothing can be done about it.
  virtual std::unique_ptr<Wait> mend(const Refusal& refusal, Done done) = 0;

  // The server has answered 401 or 403, and that was the last word: what the user can do, in a
  // sentence or two.
  virtual std::string advice(int status) const = 0;
};

}  // namespace dogpipe::auth
