// Header fields of the Streamable HTTP transport (MCP, basic/transports).
#pragma once

#include <string_view>

namespace dogpipe::mcp {

inline constexpr std::string_view kSessionId = "Mcp-Session-Id";
inline constexpr std::string_view kProtocolVersion = "MCP-Protocol-Version";
inline constexpr std::string_view kLastEventId = "Last-Event-ID";

// Session Management: visible ASCII only. The length is our own limit.
bool valid_session_id(std::string_view id);

}  // namespace dogpipe::mcp
