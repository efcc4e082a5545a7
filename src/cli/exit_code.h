// What the program's exit status means.
#pragma once

namespace dogpipe::cli {

inline constexpr int kDone = 0;  // also: the host has closed our input
inline constexpr int kUnexpected = 1;
inline constexpr int kUsage = 2;  // command line, environment or settings
// 3 to 5 as in the official MCP inspector.
inline constexpr int kSignInNeeded = 3;  // nobody is signed in, or signing in has failed
inline constexpr int kUnreachable = 4;
inline constexpr int kSignalBase =
    128;  // plus the signal's number, when it cut off unanswered work

}  // namespace dogpipe::cli
