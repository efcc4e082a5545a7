// The revisions of the Model Context Protocol and what differs between them on the wire.
//
// A revision is a date; newer ones compare greater. A revision that this program does not know is
// treated as the newest of its era.
#pragma once

#include <string_view>

namespace dogpipe::mcp {

inline constexpr std::string_view kRevision20241105 = "2024-11-05";
inline constexpr std::string_view kRevision20250326 = "2025-03-26";
inline constexpr std::string_view kRevision20250618 = "2025-06-18";
inline constexpr std::string_view kRevision20251125 = "2025-11-25";
inline constexpr std::string_view kRevision20260728 = "2026-07-28";

// The modern era: no handshake and no session, every request says what it needs (basic/versioning).
// The others are legacy.
constexpr bool is_modern(std::string_view revision) { return revision >= kRevision20260728; }

// JSON-RPC batches are part of 2025-03-26 alone.
constexpr bool has_batches(std::string_view revision) { return revision == kRevision20250326; }

// Streamable HTTP, and with it sessions and the GET stream, came with 2025-03-26.
constexpr bool has_server_stream(std::string_view revision) {
  return revision >= kRevision20250326;
}

// An error response may lack an id since 2025-11-25 (JSONRPCError in the schema).
constexpr bool allows_error_without_id(std::string_view revision) {
  return revision >= kRevision20251125;
}

// Whether a server's word for a revision may go into a header field: a date, or what may follow it.
constexpr bool valid_revision(std::string_view revision) {
  if (revision.empty() || revision.size() > 32) return false;
  for (const char c : revision) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '.') return false;
  }
  return true;
}

// In `params._meta` of a request: the mark of the revisions from 2026-07-28 on, which have no
// handshake (basic/index, _meta).
inline constexpr std::string_view kModernClaim = "io.modelcontextprotocol/protocolVersion";
// Its companions there. Capabilities are required, the others are not.
inline constexpr std::string_view kClientCapabilities =
    "io.modelcontextprotocol/clientCapabilities";
inline constexpr std::string_view kClientInfo = "io.modelcontextprotocol/clientInfo";
inline constexpr std::string_view kLogLevel = "io.modelcontextprotocol/logLevel";
// In `_meta` of results, and of the notifications of a subscription.
inline constexpr std::string_view kServerInfo = "io.modelcontextprotocol/serverInfo";
inline constexpr std::string_view kSubscriptionId = "io.modelcontextprotocol/subscriptionId";

}  // namespace dogpipe::mcp
