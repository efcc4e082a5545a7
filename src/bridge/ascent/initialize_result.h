// What a server from 2026-07-28 on says of itself, as a host up to 2025-11-25 is told it: a
// DiscoverResult made into an InitializeResult.
#pragma once

#include <string>
#include <string_view>

namespace dogpipe::bridge::ascent {

// The revision to speak with a host that asked for that one: the same, or the last of its era.
std::string_view revision_for(std::string_view requested);

// Servers need not say who they are, but hosts must be told: `host_name`, where nothing is known.
std::string initialize_result(std::string_view raw_discover_result, std::string_view revision,
                              std::string_view host_name);

// Kinds of lists whose changes can be announced.
struct ListKinds {
  bool tools = false;
  bool prompts = false;
  bool resources = false;
  bool any() const { return tools || prompts || resources; }
  bool operator==(const ListKinds&) const = default;
};

// What of the server's capabilities matters to the bridge.
struct Offers {
  ListKinds changes;
  bool logging = false;
  bool subscriptions = false;  // to single resources
};

Offers read_offers(std::string_view raw_discover_result);

}  // namespace dogpipe::bridge::ascent
