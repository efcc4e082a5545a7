// What a request must have before it is looked into. Pure: a request in, a refusal out or nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "event/http_message.h"
#include "sandbox/catalogue.h"
#include "sandbox/oauth_metadata.h"
#include "sandbox/oauth_tokens.h"
#include "sandbox/quirks.h"

namespace dogpipe::sandbox {

using Refusal = std::optional<event::HttpReply>;

// Datadog's form of an error: {"errors":["..."]}.
event::HttpReply plain_error(int status, std::string_view text);
// A JSON-RPC error without an id.
event::HttpReply protocol_error(int status, std::int64_t code, std::string_view text);

bool is_endpoint(std::string_view path);

// Whom the credentials make the client.
struct Caller {
  const Organization* organization;
  std::string scope;
};
// 401, unless there is a bearer token or a pair of keys in either spelling.
std::variant<Caller, event::HttpReply> check_credentials(const event::HttpRequest& request,
                                                         const Quirks& quirks,
                                                         const TokenTable& tokens, base::Time now,
                                                         const Origins& origins);
// 403 with a challenge that names the scope it takes (RFC 6750 section 3.1).
event::HttpReply insufficient_scope(std::string_view scope);
// 406 and 415.
Refusal check_content_type(const event::HttpRequest& request);
Refusal check_post_types(const event::HttpRequest& request);
Refusal check_get_types(const event::HttpRequest& request);
// 400, where there is a version field with another revision than the session's.
Refusal check_version(const event::HttpRequest& request, std::string_view negotiated);

bool is_legacy_revision(std::string_view version);

// The parts of a list without those that are empty.
std::vector<std::string> split(std::string_view list, char mark);

event::HttpReply dead_session(const Quirks& quirks);

// The time `from_now` as in Retry-After (RFC 9110 section 5.6.7).
std::string http_date(std::chrono::seconds from_now);

// The toolsets asked for by field and query, and the omitted tools.
Selection read_selection(const event::HttpRequest& request, const Quirks& quirks);

// The revision to speak when the client offers `offered`.
std::string negotiate(std::string_view offered, std::string_view newest);

}  // namespace dogpipe::sandbox
