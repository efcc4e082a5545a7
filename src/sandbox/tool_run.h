// What comes out of a tools/call once nothing is left to wait for or to ask.
#pragma once

#include "sandbox/methods.h"

namespace dogpipe::sandbox {

// Errors: -32602 for a tool that does not exist; the code that the call itself asked for.
Outcome run_tool(const Request& request);

}  // namespace dogpipe::sandbox
