// What the end of an exchange means for the request that it carried: the table of HTTP statuses, as
// a function (MCP basic/transports, "Sending Messages" and "Session Management"; RFC 9110).
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "bridge/exchange.h"
#include "bridge/failure.h"
#include "bridge/replay.h"

namespace dogpipe::bridge {

// What the verdict depends on, beside the outcome.
struct Circumstances {
  std::string_view raw_id;  // of the request; empty for notifications and responses
  Safety safety = Safety::once;
  bool session_sent = false;        // the request carried a session id
  bool answered_elsewhere = false;  // the answer may come on another stream: HTTP+SSE
  std::string advice;               // on credentials: what the user can do (Authorizer::advice)
};

struct Verdict {
  enum class Means {
    accepted,      // a notification or response has arrived, or a request, answered elsewhere
    in_band,       // outcome.message is the answer, although the status is an error
    session_lost,  // the server does not know the session
    failed,
  };
  Means means = Means::failed;
  Evidence evidence = Evidence::unclear;
  Failure failure;        // what to tell the client if nothing can be done
  bool answered = false;  // ... unless this: outcome.message is an answer that it may as well have
  // How long the server wants to be left alone.
  std::optional<std::chrono::milliseconds> wait;
  bool rate_limited = false;
};

Verdict judge(const Outcome& outcome, const Circumstances& circumstances);

// The failure as it goes to the client: where an unrepeatable request may have been carried out,
// that is what the client must hear.
Failure final_failure(const Verdict& verdict, Safety safety, int attempts);

}  // namespace dogpipe::bridge
