// Arguments of a call that stand in header fields, too: `x-mcp-header` of a tool's input schema
// (2026-07-28, basic/transports/streamable-http, custom headers).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/http_message.h"
#include "json/reader.h"

namespace dogpipe::sandbox {

struct Mirror {
  std::string field;              // "Mcp-Param-Region"
  std::vector<std::string> path;  // of `properties`, from the root
};

// Those that can be reached by `properties` alone.
std::vector<Mirror> mirrors_of(json::Value schema);

// What is wrong with the fields, in words; nothing if all is right.
std::optional<std::string> mismatch(const event::HttpFields& fields,
                                    const std::vector<Mirror>& mirrors, json::Value arguments);

}  // namespace dogpipe::sandbox
