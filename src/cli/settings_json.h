// The settings as JSON, for a worker that is to act with those of the bridge that started it.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/environment.h"
#include "cli/settings.h"

namespace dogpipe::cli {

// With the variables of the environment that interpret() looks up and that a worker does not
// inherit, since they may hold passwords, and with those of `used`.
std::string write_settings(Settings& settings, const Environment& environment,
                           const std::map<std::string, std::string>& used);

// Errors: Kind::malformed.
base::Result<void> read_settings(std::string_view json, Settings& settings,
                                 Environment& environment);

}  // namespace dogpipe::cli
