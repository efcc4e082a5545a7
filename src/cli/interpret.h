// What the settings mean.
#pragma once

#include "base/result.h"
#include "cli/environment.h"
#include "cli/options.h"
#include "cli/settings.h"

namespace dogpipe::cli {

// `settings` hold what the command line, the environment and the settings file have said; variables
// that belong to no setting (SSL_CERT_FILE, HTTPS_PROXY, ${NAME} in header fields) are looked up
// here. Errors: Kind::usage, Kind::file.
base::Result<Options> interpret(Settings settings, const Environment& environment);

}  // namespace dogpipe::cli
