// What a bridge has a worker do for it, and what the worker says: JSON through pipes, so that no
// secret stands in arguments or environments.
//
// The worker is another dogpipe process in a session of its own. It lives on when the bridge is
// killed, so that neither an open sign-in nor a token that the server has just rotated is lost with
// it; what it brings about is in the token store for all.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "auth/challenge.h"
#include "auth/token_store.h"
#include "base/error.h"
#include "base/result.h"
#include "base/secret.h"

namespace dogpipe::auth {

struct Errand {
  enum class Task : std::uint8_t { refresh, sign_in };

  Task task = Task::refresh;
  std::string settings;      // JSON: the settings of the bridge, which the worker takes over
  std::string stale;         // RefreshRequest::stale, SignInRequest::stale
  Challenge challenge;       // SignInRequest
  std::string scope_before;  // SignInRequest
  std::optional<Grant> own;  // RefreshRequest
};

// One JSON text.
base::Secret write_errand(const Errand& errand);
// Errors: Kind::malformed.
base::Result<Errand> read_errand(std::string_view text);

// One line of a worker's standard output.
struct Report {
  enum class Means : std::uint8_t {
    waiting,  // the user is to open `url`
    granted,  // `grant` can be used; `stored` says whether it is in the store, or will be
    ended,    // the worker has done what it could: `end` says what came of it
  };
  enum class End : std::uint8_t {
    done,
    busy,            // another worker is at it
    sign_in_needed,  // nothing to refresh with
    denied,          // what Impediment::Kind::sign_in_failed stands for; `what` says why
    unreachable,
  };

  Means means = Means::ended;
  std::string url;
  std::string code;  // to enter there, of a sign-in on another device
  std::optional<Grant> grant;
  bool stored = true;
  End end = End::done;
  std::string what;
};

base::Secret write_report(const Report& report);  // with its line end
base::Result<Report> read_report(std::string_view line);

// How an error ends an errand.
Report::End end_of(const base::Error& error);

}  // namespace dogpipe::auth
