// Reading settings and secrets from local files.
#pragma once

#include <string>

#include "base/result.h"

namespace dogpipe::base {

// The whole of a small text file. Errors: Kind::file (missing, unreadable, not a regular file),
// Kind::too_large beyond `limit_bytes`.
Result<std::string> read_file(const std::string& path, std::size_t limit_bytes = 1u << 20);

bool file_exists(const std::string& path);

}  // namespace dogpipe::base
