// JSON-RPC 2.0 messages of the server, as JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace dogpipe::sandbox {

// What became of a request: a result or an error.
struct Outcome {
  std::string result;     // a JSON object; of an error: empty
  std::int64_t code = 0;  // of an error
  std::string message;
  std::string data;  // JSON, or empty

  bool failed() const { return code != 0; }
};

inline Outcome success(std::string result) { return {std::move(result), 0, {}, {}}; }
inline Outcome failure(std::int64_t code, std::string message, std::string data = {}) {
  return {{}, code, std::move(message), std::move(data)};
}

// `id` is raw JSON, `params` and `result` are JSON objects. Without params: empty.
std::string notification(std::string_view method, std::string_view params);
std::string response(std::string_view id, std::string_view result);
std::string error_response(std::string_view id, std::int64_t code, std::string_view message,
                           std::string_view data = {});
std::string response(std::string_view id, const Outcome& outcome);

// The members of one JSON object, then those of another.
std::string merged(std::string_view object, std::string_view more);

// An error that answers nothing that could be read: without an id.
std::string idless_error(std::int64_t code, std::string_view message);

// Whether a line of `level` passes the `least` level that the client set (RFC 5424 names).
bool logs_at(std::string_view least, std::string_view level);
bool is_log_level(std::string_view level);

}  // namespace dogpipe::sandbox
