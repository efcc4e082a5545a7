// What a request of the modern era says in its body and must say again in the header of its POST
// (MCP 2026-07-28, basic/transports/streamable-http, "Request Metadata").
//
// Parameters named raw_params are JSON that a Scanner has accepted, or empty: a request without
// them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dogpipe::mcp {

using Field = std::pair<std::string, std::string>;  // name, value
using Fields = std::vector<Field>;

// What a request says of itself in `params._meta`. The raw members view raw_params; empty: absent.
struct Claim {
  std::string revision;
  std::string_view raw_capabilities;
  std::string_view raw_client_info;
  std::string_view raw_log_level;
};

// None without a revision that is a string: then it is a legacy request, or a broken one.
std::optional<Claim> read_claim(std::string_view raw_params);
// Its revision alone. Any string: it need not be one that exists, or that fits into a header field.
std::optional<std::string> claimed_revision(std::string_view raw_params);
// Whether the mark of a modern request is there at all, of whatever type.
bool has_claim(std::string_view raw_params);

// MCP-Protocol-Version, always the body's own (none unless valid_revision()); Mcp-Method; Mcp-Name
// where this method has one. `method` is unescaped. Also right for notifications.
Fields request_fields(std::string_view method, std::string_view raw_params);

}  // namespace dogpipe::mcp
