// Tasks of 2025-11-25 and those of the extension for 2026-07-28 differ on the wire, and neither are
// carried over: here is left out what offers them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dogpipe::bridge::descent {

// Of a client or a server.
std::string taskless_capabilities(std::string_view raw_capabilities);

// The `tools` of tools/list without those that can only be called as tasks; nothing if all can
// stay.
std::optional<std::string> taskless_tools(std::string_view raw_tools);

}  // namespace dogpipe::bridge::descent
