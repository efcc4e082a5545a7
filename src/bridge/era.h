// Which era each side speaks, and what follows: tables, as functions (MCP 2026-07-28,
// basic/versioning; streamable-http, "Backward Compatibility").
//
// A host's era is a property of each message, a server's one of the server: it may serve both.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/exchange.h"
#include "mcp/revision.h"

namespace dogpipe::bridge {

enum class HostSays : std::uint8_t {
  initialize,
  legacy_request,
  discover,  // server/discover, claim or not; says nothing about what comes after it
  modern_request,
};

// `method` is unescaped; `raw_params` may be empty. An initialize with a modern claim is a modern
// request (of a method that does not exist).
HostSays host_says(std::string_view method, std::string_view raw_params);

enum class ServerEra : std::uint8_t {
  unknown,
  legacy,
  modern,       // it serves the modern wire, perhaps both
  modern_only,  // and has refused initialize
};

// What a server/discover of ours has shown.
struct ProbeFinding {
  enum class Means : std::uint8_t {
    modern,          // go on with `revision`; if the probe had another, ask once more with that
    incompatible,    // modern, in revisions that nobody here knows: an error naming both lists
    legacy,          // initialize, then perhaps HTTP+SSE
    mend_and_retry,  // modern, but something was missing: once more, then take it for legacy
    no_evidence,     // the credential, the network, a server in trouble: says nothing about its era
  };

  Means means = Means::no_evidence;
  std::vector<std::string> supported;  // what the server named: valid revisions, in its order
  std::string revision;                // the newest of them that is known; Means::modern alone

  bool operator==(const ProbeFinding&) const = default;
};

inline constexpr std::string_view kKnownModern[] = {mcp::kRevision20260728};

struct Probe {
  // Modern revisions that can be spoken: ours, or those of the host that asks.
  std::span<const std::string_view> known = kKnownModern;
  bool mended = false;  // this is the second attempt after Means::mend_and_retry
};

// Of a message in a response with a 2xx status: a result or an error.
ProbeFinding read_probe(const Message& answer, const Probe& probe = {});
// Of a message in a response with any status.
ProbeFinding read_probe(int status, const Message& answer, const Probe& probe = {});
// Of an exchange that ended without one.
ProbeFinding read_probe(const Outcome& outcome, const Probe& probe = {});

// Whether the answer to an initialize speaks for a server without the legacy era: worth a probe,
// which alone proves it. For a message with a 2xx status, and for an end without one.
bool refuses_initialize(const Message& answer);
bool refuses_initialize(int status, const Message& answer);
bool refuses_initialize(const Outcome& outcome);

// Whether what a request, or an initialize, was answered with puts a verdict in doubt, which a
// probe alone replaces: servers of the modern era refuse requests with errors of their own, and
// legacy ones accept initialize. `answer`: the server's message, or null.
bool contradicts_modern(int status, const Message* answer);
bool contradicts_legacy(int status, const Message* answer);

// Whether a failed POST, the first to this URL, is a reason to look for the HTTP+SSE transport of
// 2024-11-05 there by a GET.
bool wants_http_sse(const Outcome& outcome);

// The same of one that ended with that status, and with that answer in the body or, if null, none.
bool wants_http_sse(int status, const Message* answer);

// What the user has decided (--protocol-era).
enum class Override : std::uint8_t { automatic, legacy, modern };

struct EraPolicy {
  Override override_era = Override::automatic;
  // Answer server/discover in the stead of a legacy server, for hosts that do not go on with
  // initialize when it is declined (--synthesize-discover).
  bool synthesize_discover = false;
  // The server is one of those that are known to open with initialize: hosts that do are not kept
  // waiting for a probe, and if it has changed, its answer will tell.
  bool expect_legacy = false;
};

enum class Route : std::uint8_t {
  legacy_relay,
  modern_relay,
  ascend,            // a legacy host's message, translated for a modern server
  descend,           // a modern host's, for a legacy server
  probe,             // find the server's era out, then ask again
  decline_discover,  // -32601: hosts that can go on with initialize, which needs no translation
};

Route route(HostSays says, ServerEra era, const EraPolicy& policy = {});

}  // namespace dogpipe::bridge
