#pragma once

#include <string>
#include <string_view>

namespace dogpipe::mcp {

// The text as the value of Mcp-Method, Mcp-Name or Mcp-Param-*: visible ASCII as it is, spaces and
// tabs inside included, all else as `=?base64?...?=` of its UTF-8 (MCP 2026-07-28,
// basic/transports/streamable-http, "Value Encoding"). Whatever the text, the outcome may stand in
// a header field: it holds no line end. Empty stays empty.
std::string field_value(std::string_view utf8);

}  // namespace dogpipe::mcp
