#include "bridge/descent/legacy_params.h"

#include <doctest/doctest.h>

#include "mcp/codes.h"

namespace dogpipe::bridge::descent {
namespace {

TEST_CASE("older servers get the params without the claim, and all else as it was") {
  struct Row {
    const char* params;
    const char* legacy;
  };
  const Row rows[] = {
      {"", ""},
      {"{}", "{}"},
      {R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}})", "{}"},
      {R"({"name":"t","arguments":{"n":1.50,"s":"\u00e9"},)"
       R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","progressToken":7,)"
       R"("io.modelcontextprotocol/clientInfo":{},"traceparent":"00-1","com.example/x":[1]}})",
       R"({"name":"t","arguments":{"n":1.50,"s":"\u00e9"},)"
       R"("_meta":{"progressToken":7,"traceparent":"00-1","com.example/x":[1]}})"},
      // However the key is spelled.
      {R"({"_meta":{"io.modelcontextprotocol\/logLevel":"info","io.modelcontextprotocol.x/y":1}})",
       R"({"_meta":{"io.modelcontextprotocol.x/y":1}})"},
      {R"({"a":1,"inputResponses":{"k":{}},"requestState":"z"})", R"({"a":1})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.params);
    CHECK(legacy_params(row.params) == row.legacy);
  }
}

TEST_CASE("a claim says what the request says of itself") {
  const std::string params =
      R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
      R"("io.modelcontextprotocol/clientCapabilities":{"roots":{}},)"
      R"("io.modelcontextprotocol/clientInfo":{"name":"h","version":"1","title":"H"},)"
      R"("io.modelcontextprotocol/logLevel":"notice","progressToken":"p"}})";
  const ReadClaim claim = read_claim(params);
  REQUIRE(claim);
  CHECK(claim->raw_capabilities == R"({"roots":{}})");
  CHECK(claim->raw_client_info == R"({"name":"h","version":"1","title":"H"})");
  CHECK(claim->raw_progress_token == R"("p")");
  CHECK(claim->log_detail == LogDetail::notice);
}

TEST_CASE("requests that do not say what they must are refused") {
  struct Row {
    const char* meta;
    int code;
    const char* data;
  };
  const Row rows[] = {
      {R"({})", mcp::kInvalidParams, ""},
      {R"({"io.modelcontextprotocol/protocolVersion":20260728})", mcp::kInvalidParams, ""},
      {R"({"io.modelcontextprotocol/protocolVersion":"2026-07-28"})", mcp::kInvalidParams, ""},
      {R"({"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
       R"("io.modelcontextprotocol/clientCapabilities":[]})",
       mcp::kInvalidParams, ""},
      {R"({"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
       R"("io.modelcontextprotocol/clientCapabilities":{},)"
       R"("io.modelcontextprotocol/logLevel":"loud"})",
       mcp::kInvalidParams, ""},
      {R"({"io.modelcontextprotocol/protocolVersion":"2027-01-01"})", mcp::kUnsupportedRevision,
       R"({"source":"dogpipe","supported":["2026-07-28"],"requested":"2027-01-01"})"},
      {R"({"io.modelcontextprotocol/protocolVersion":"2025-11-25"})", mcp::kUnsupportedRevision,
       R"({"source":"dogpipe","supported":["2026-07-28"],"requested":"2025-11-25"})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.meta);
    const std::string params = std::string(R"({"_meta":)") + row.meta + "}";
    const ReadClaim claim = read_claim(params);
    REQUIRE_FALSE(claim);
    CHECK(claim.fault().code == row.code);
    CHECK(claim.fault().raw_data == row.data);
  }
  CHECK_FALSE(read_claim(""));
}

TEST_CASE("the levels of the log are those of syslog, from grave to verbose") {
  const char* names[] = {"emergency", "alert",  "critical", "error",
                         "warning",   "notice", "info",     "debug"};
  std::optional<LogDetail> last;
  for (const char* name : names) {
    const auto detail = read_log_detail('"' + std::string(name) + '"');
    REQUIRE(detail);
    CHECK(last < detail);
    CHECK(name_of(*detail) == name);
    last = detail;
  }
  CHECK_FALSE(read_log_detail("7"));
  CHECK_FALSE(read_log_detail(R"("Info")"));
}

TEST_CASE("the session is opened in the name of the client, with what it can do") {
  Claim claim;
  claim.raw_capabilities =
      R"({"elicitation":{"url":{}},"roots":{"listChanged":true},"sampling":{"tools":{}},)"
      R"("tasks":{"list":{}},"experimental":{"x":{}},)"
      R"("extensions":{"io.modelcontextprotocol/tasks":{},"io.modelcontextprotocol/ui":{}}})";
  claim.raw_client_info = R"({"name":"h","version":"1"})";
  CHECK(initialize_params(claim) ==
        R"({"protocolVersion":"2025-11-25","capabilities":{"elicitation":{"url":{}},"roots":{},)"
        R"("sampling":{"tools":{}},"experimental":{"x":{}},)"
        R"("extensions":{"io.modelcontextprotocol/ui":{}}},)"
        R"("clientInfo":{"name":"h","version":"1"}})");
}

TEST_CASE("a client that does not say its name is given the bridge's") {
  for (const char* info : {"", R"(,"io.modelcontextprotocol/clientInfo":"h")",
                           R"(,"io.modelcontextprotocol/clientInfo":{"name":"h"})",
                           R"(,"io.modelcontextprotocol/clientInfo":{"name":1,"version":"1"})"}) {
    CAPTURE(info);
    const std::string params =
        std::string(R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                    R"("io.modelcontextprotocol/clientCapabilities":)"
                    R"({"extensions":{"io.modelcontextprotocol/tasks":{}}})") +
        info + "}}";
    const ReadClaim claim = read_claim(params);
    REQUIRE(claim);
    CHECK(initialize_params(*claim) ==
          R"({"protocolVersion":"2025-11-25","capabilities":{},)"
          R"("clientInfo":{"name":"dogpipe","version":")" DOGPIPE_VERSION R"("}})");
  }
}

}  // namespace
}  // namespace dogpipe::bridge::descent
