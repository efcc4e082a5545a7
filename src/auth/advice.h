// What users can do, in words that more than one Authorizer says.
#pragma once

#include <string_view>

namespace dogpipe::auth {

// After a 403: the role, not the credential, is what it is about.
inline constexpr std::string_view kForbiddenAdvice =
    "The credential is known but not allowed to do this: the user's role needs the permissions "
    "mcp_read and mcp_write and the one for the data asked for, and MCP must be enabled for the "
    "organization.";

}  // namespace dogpipe::auth
