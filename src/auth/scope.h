// Which scopes to ask for.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dogpipe::auth {

struct ScopeSources {
  std::string chosen;                                // --scope; beats all others
  std::string challenge;                             // of the 401 or 403
  std::optional<std::vector<std::string>> resource;  // scopes_supported of the resource
  std::optional<std::vector<std::string>> server;    // scopes_supported of the server
  std::string before;                                // asked for or granted earlier
};

// Challenge, else the resource's list, else nothing (MCP authorization, "Scope Selection
// Strategy"); united with what was there before (step-up), with offline_access added where the
// server lists it and anything is asked for at all. Empty means that the request has no scope
// parameter: an empty one is an error at Datadog's server. A list of the resource beyond 4 KiB is
// taken for none: no URL would hold it.
std::string choose_scope(const ScopeSources& sources);

// Each once, in the order of first mention; without what is no scope (RFC 6749 section 3.3).
std::string unite(std::string_view one, std::string_view other);
bool includes(std::string_view scopes, std::string_view wanted);

}  // namespace dogpipe::auth
