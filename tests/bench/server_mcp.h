#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "payload.h"

namespace bench {

// A request as either HTTP version delivers it. Views into the connection's buffers.
struct HttpRequest {
  std::string_view method;
  std::string_view path;
  std::string_view session;  // the Mcp-Session-Id header, empty when there is none
  std::string_view body;
};

// An answer in three pieces, so that bulk is built once and shared by every answer that quotes it.
struct HttpReply {
  int status = 200;
  std::string_view content_type;  // empty: no such header, and no body
  std::string session;            // empty: no Mcp-Session-Id header
  std::string head;
  std::shared_ptr<const std::string> bulk;  // may be null
  std::string tail;
  std::chrono::milliseconds delay{0};
  bool stays_open = false;  // an event stream that says nothing and does not end

  std::size_t body_bytes() const { return head.size() + (bulk ? bulk->size() : 0) + tail.size(); }
};

// An MCP server of revision 2025-06-18, and at a path of its own one of 2026-07-28 alone, without
// any I/O: a request in, an answer out. No header fields but the session's are looked at. It finds
// its fields by plain search instead of parsing: every text it reads was written by the driver, and
// it must cost little beside the bridge under test.
class McpServer {
 public:
  explicit McpServer(bool offers_get_stream) : offers_get_stream_{offers_get_stream} {}

  HttpReply answer(const HttpRequest& request);

 private:
  HttpReply answer_legacy(const HttpRequest& request);
  HttpReply answer_modern(const HttpRequest& request);
  HttpReply answer_get(const HttpRequest& request) const;
  HttpReply answer_initialize(std::string_view id);
  HttpReply answer_call(std::string_view id, std::string_view body, Era era);
  HttpReply stats() const;
  std::shared_ptr<const std::string> bulk(std::size_t bytes);
  std::shared_ptr<const std::string> progress(std::string_view token, std::uint64_t count);

  bool offers_get_stream_;      // else GET is answered 405, as many servers do
  std::uint64_t requests_ = 0;  // all but /stats
  // ... when the latest initialize was answered, or the latest tools/list of the modern wire.
  std::uint64_t requests_at_opening_ = 0;
  std::uint64_t sessions_ = 0;
  std::map<std::size_t, std::shared_ptr<const std::string>> bulk_;
  // Only the latest is kept: a run asks for the same stream again and again.
  std::string progress_key_;
  std::shared_ptr<const std::string> progress_;
};

}  // namespace bench
