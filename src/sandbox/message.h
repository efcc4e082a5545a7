// JSON-RPC 2.0 messages of the server, as JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dogpipe::sandbox {

// `id` is raw JSON, `params` and `result` are JSON objects. Without params: empty.
std::string notification(std::string_view method, std::string_view params);
std::string response(std::string_view id, std::string_view result);
std::string error_response(std::string_view id, std::int64_t code, std::string_view message);

// Whether a line of `level` passes the `least` level that the client set (RFC 5424 names).
bool logs_at(std::string_view least, std::string_view level);
bool is_log_level(std::string_view level);

}  // namespace dogpipe::sandbox
