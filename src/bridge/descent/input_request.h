// What an older server asks of its client while it works on a request, as 2026-07-28 has it: input
// requests in an intermediate result (MCP, basic/patterns/mrtr).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace dogpipe::bridge::descent {

// Whether a request with that method may be answered with an InputRequiredResult.
bool may_require_input(std::string_view method);

// Whether a server's request with that method has a place in one.
bool is_input_request(std::string_view method);

// Why the client cannot be asked.
struct Unasked {
  int code = 0;              // for the server
  std::string raw_required;  // the ClientCapabilities that it takes; empty: none would do
};

// Of a method with a place: nothing if a client with these capabilities can be asked.
std::optional<Unasked> unmet_capability(std::string_view method, std::string_view raw_params,
                                        std::string_view raw_capabilities);

// {"method":...,"params":...}: without what only the server's own era knows (task, elicitationId,
// and of `_meta` the progress token, since nobody reports progress on it).
std::string input_request(std::string_view method, std::string_view raw_params);

// The `inputRequests` of an InputRequiredResult.
class InputRequests {
 public:
  void add(std::string_view key, std::string_view raw_input_request);
  bool empty() const { return members_.empty(); }
  std::string write() const { return '{' + members_ + '}'; }

 private:
  std::string members_;
};

// The key of the nth question on a request.
std::string input_key(std::size_t n);

// An InputRequiredResult. raw_state empty: no `requestState`.
std::string input_required(std::string_view raw_input_requests, std::string_view raw_state);

}  // namespace dogpipe::bridge::descent
