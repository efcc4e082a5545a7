#pragma once

#include <string>
#include <string_view>

namespace dogpipe::bridge::descent {

// The DiscoverResult (MCP 2026-07-28, server/discover) of a server that has answered initialize
// with `raw_initialize_result`: what it can do but for tasks, which are not carried over.
std::string discover_result(std::string_view raw_initialize_result);

}  // namespace dogpipe::bridge::descent
