#pragma once

#include "cli/options.h"

namespace dogpipe::cli {

// Runs the bridge on standard input and output until the host leaves. Returns the exit status.
int run_bridge(Options options);

}  // namespace dogpipe::cli
