// What the program does beside carrying messages: one function a verb, in a file of its own. Each
// returns the exit status (cli/exit_code.h).
#pragma once

#include "cli/options.h"

namespace dogpipe::cli {

// Signs in, with words and a countdown on standard error.
int run_login(Options options);
// Revokes (RFC 7009) and forgets.
int run_logout(const Options& options);
// Who is signed in. Nothing is asked of anybody.
int run_status(const Options& options);
// Does an errand for a bridge: see auth/errand.h.
int run_worker();

}  // namespace dogpipe::cli
