#include <doctest/doctest.h>

#include <string>

#include "mcp/codes.h"
#include "mcp/headers.h"
#include "mcp/revision.h"

namespace dogpipe::mcp {
namespace {

TEST_CASE("a session id is visible ASCII of a reasonable length") {
  CHECK(valid_session_id("1868a90c-~!"));
  CHECK(valid_session_id(std::string(1024, 'x')));
  CHECK_FALSE(valid_session_id(std::string(1025, 'x')));
  for (const char* id : {"", " ", "a b", "a\r\nX: y", "\x7f", "\xc3\xa9", "\t"}) {
    CHECK_FALSE(valid_session_id(id));
  }
  CHECK_FALSE(valid_session_id(std::string_view("a\0b", 3)));
}

TEST_CASE("what a revision has on the wire") {
  const struct {
    std::string_view revision;
    bool batches, stream, error_without_id;
  } rows[] = {{"", false, false, false},         {"2024-11-05", false, false, false},
              {"2025-03-26", true, true, false}, {"2025-06-18", false, true, false},
              {"2025-11-25", false, true, true}, {"2026-01-01", false, true, true}};
  for (const auto& row : rows) {
    CHECK(has_batches(row.revision) == row.batches);
    CHECK(has_server_stream(row.revision) == row.stream);
    CHECK(allows_error_without_id(row.revision) == row.error_without_id);
  }
}

TEST_CASE("our own codes lie outside the range that JSON-RPC and MCP reserve") {
  for (const int code :
       {kSignInRequired, kUnreachable, kTls, kProxy, kUnexpectedStatus, kRateLimited, kTimedOut,
        kOutcomeUnknown, kTooLarge, kMalformed, kSessionLost, kShuttingDown}) {
    CHECK((code < -32768 || code > -32000));
  }
}

}  // namespace
}  // namespace dogpipe::mcp
