// Header fields that users give.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"

namespace dogpipe::cli {

// The value of a variable, for ${NAME}.
using Expand = std::function<std::optional<std::string>(std::string_view name)>;

// "Name: value" or "Name:value". Errors: Kind::usage, also for a variable that is not set and for
// the fields that the transport needs for itself. The error never holds the value.
base::Result<http::Header> read_field(std::string_view line, const Expand& expand);

// One field a line; empty lines and lines that begin with `#` are passed over.
base::Result<std::vector<http::Header>> read_field_file(const std::string& path,
                                                        const Expand& expand);

// Whether a field of that name authorizes requests.
bool is_secret_field(std::string_view name);

}  // namespace dogpipe::cli
