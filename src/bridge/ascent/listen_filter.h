// What stands in the messages of a subscriptions/listen (MCP 2026-07-28, basic/patterns/
// subscriptions).
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "bridge/ascent/initialize_result.h"

namespace dogpipe::bridge::ascent {

// What is listened for.
struct ListenFilter {
  ListKinds lists;
  std::map<std::string, std::string> resources;  // URIs, with the token that the host wrote

  bool empty() const { return !lists.any() && resources.empty(); }
  bool operator==(const ListenFilter&) const = default;
  // As the raw `notifications` member of params.
  std::string write() const;
};

// The URIs that an acknowledgement grants.
std::set<std::string> acknowledged_resources(std::string_view raw_params);

// The kinds of notifications that such a stream brings and hosts up to 2025-11-25 know.
bool is_change(std::string_view escaped_method);

// The params of such a notification without the id of the subscription; empty if nothing is left.
std::string untagged(std::string_view raw_params);

}  // namespace dogpipe::bridge::ascent
