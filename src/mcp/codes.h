// Error codes of JSON-RPC answers: those that the protocol gives a meaning to, and our own.
#pragma once

namespace dogpipe::mcp {

// JSON-RPC 2.0, section 5.1.
inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;
inline constexpr int kInternalError = -32603;

// MCP 2026-07-28, basic/index, "Error Codes"; each comes with HTTP status 400.
inline constexpr int kHeaderMismatch = -32020;
inline constexpr int kMissingCapability = -32021;
inline constexpr int kUnsupportedRevision = -32022;
// MCP up to 2025-11-25 alone (kUrlElicitationRequired: that one alone).
inline constexpr int kResourceNotFound = -32002;
inline constexpr int kUrlElicitationRequired = -32042;

// Outside the range that JSON-RPC and MCP reserve, so that nobody takes them for the server's.
inline constexpr int kSignInRequired = -31001;
inline constexpr int kSignInFailed = -31002;
inline constexpr int kUnreachable = -31003;
inline constexpr int kTls = -31004;
inline constexpr int kProxy = -31005;
inline constexpr int kUnexpectedStatus = -31006;
inline constexpr int kRateLimited = -31007;
inline constexpr int kTimedOut = -31008;
inline constexpr int kOutcomeUnknown = -31009;
inline constexpr int kTooLarge = -31010;
inline constexpr int kMalformed = -31011;
inline constexpr int kSessionLost = -31012;
inline constexpr int kShuttingDown = -31013;
inline constexpr int kTokenStore = -31014;

}  // namespace dogpipe::mcp
