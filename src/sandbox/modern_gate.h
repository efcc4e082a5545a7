// What a request of the revision 2026-07-28 must have: its _meta, and header fields that say the
// same as the body (basic/index, basic/versioning, basic/transports/streamable-http). Pure.
#pragma once

#include <string>
#include <string_view>

#include "event/http_message.h"
#include "json/reader.h"
#include "sandbox/gate.h"
#include "sandbox/letter.h"
#include "sandbox/message.h"
#include "sandbox/quirks.h"

namespace dogpipe::sandbox {

inline constexpr std::string_view kVersionKey = "io.modelcontextprotocol/protocolVersion";
inline constexpr std::string_view kCapabilitiesKey = "io.modelcontextprotocol/clientCapabilities";
inline constexpr std::string_view kLogLevelKey = "io.modelcontextprotocol/logLevel";
inline constexpr std::string_view kServerInfoKey = "io.modelcontextprotocol/serverInfo";
inline constexpr std::string_view kSubscriptionKey = "io.modelcontextprotocol/subscriptionId";

// "supportedVersions" and the like, as a JSON array.
std::string supported_versions(const Quirks& quirks);

// Whether a request wants to be taken for a modern one: by its _meta, or by a version field that
// names a revision after 2025-11-25.
bool claims_modern(const event::HttpRequest& request, const Letter& letter);

// A JSON-RPC error under an HTTP status.
event::HttpReply modern_error(int status, json::Value id, const Outcome& error);

// 400 for anything but one request or one notification.
Refusal check_single(const Letter& letter);
// 400 with -32602, -32020 or -32022.
Refusal check_modern(const event::HttpRequest& request, json::Value message, const Quirks& quirks);
// 400 with -32020, where the arguments that the tool wants in header fields are not there.
Refusal check_mirrors(const event::HttpRequest& request, json::Value message,
                      std::string_view input_schema);

}  // namespace dogpipe::sandbox
