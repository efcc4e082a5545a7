#pragma once

#include <string>
#include <utility>

#include "base/error.h"

namespace dogpipe::cli {

// What a user has set cannot be used.
inline base::Error usage(std::string what) { return {base::Kind::usage, std::move(what)}; }

}  // namespace dogpipe::cli
