// Header fields of the Streamable HTTP transport (MCP, basic/transports).
#pragma once

#include <string_view>

namespace dogpipe::mcp {

inline constexpr std::string_view kSessionId = "Mcp-Session-Id";
inline constexpr std::string_view kProtocolVersion = "MCP-Protocol-Version";
inline constexpr std::string_view kLastEventId = "Last-Event-ID";
// Since 2026-07-28: what a request's body says, for those on the way (Request Metadata).
inline constexpr std::string_view kMethod = "Mcp-Method";
inline constexpr std::string_view kName = "Mcp-Name";
inline constexpr std::string_view kParameterPrefix = "Mcp-Param-";

// Session Management: visible ASCII only. The length is our own limit.
bool valid_session_id(std::string_view id);

}  // namespace dogpipe::mcp
