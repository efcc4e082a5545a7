#include "mcp/request_fields.h"

#include <doctest/doctest.h>

#include <string>

#include "mcp/revision.h"

namespace dogpipe::mcp {
namespace {

std::string text_of(const Fields& fields) {
  std::string text;
  for (const auto& [name, value] : fields) text += name + ": " + value + "\n";
  return text;
}

TEST_CASE("a request says in its header what its body says") {
  const struct {
    std::string_view method, params, fields;
  } rows[] = {
      {"tools/list", R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}})",
       "MCP-Protocol-Version: 2026-07-28\nMcp-Method: tools/list\n"},
      {"tools/call",
       R"({"name":"get_weather","uri":"u","taskId":"t","arguments":{"name":"x"},
           "_meta":{"a":1,"io.modelcontextprotocol\/protocolVersion":"2027-01-01"}})",
       "MCP-Protocol-Version: 2027-01-01\nMcp-Method: tools/call\nMcp-Name: get_weather\n"},
      {"prompts/get", R"({"name":"a b"})", "Mcp-Method: prompts/get\nMcp-Name: a b\n"},
      {"resources/read", R"({"name":"n","uri":"file:///\u00e9"})",
       "Mcp-Method: resources/read\nMcp-Name: =?base64?ZmlsZTovLy/DqQ==?=\n"},
      {"tasks/get", R"({"taskId":"7"})", "Mcp-Method: tasks/get\nMcp-Name: 7\n"},
      {"tasks/update", R"({"taskId":"8","name":"n"})", "Mcp-Method: tasks/update\nMcp-Name: 8\n"},
      {"tasks/cancel", R"({"taskId":"9"})", "Mcp-Method: tasks/cancel\nMcp-Name: 9\n"},
      {"tools/call", R"({"name":"t\r\nX: y"})",
       "Mcp-Method: tools/call\nMcp-Name: =?base64?dA0KWDogeQ==?=\n"},
      {"tools/call", R"({"name":""})", "Mcp-Method: tools/call\nMcp-Name: \n"},
      // Methods without a name, and names that are none.
      {"completion/complete", R"({"name":"n","uri":"u","taskId":"t"})",
       "Mcp-Method: completion/complete\n"},
      {"Tools/call", R"({"name":"n"})", "Mcp-Method: Tools/call\n"},
      {"tools/call", R"({"name":7})", "Mcp-Method: tools/call\n"},
      {"tools/call", "{}", "Mcp-Method: tools/call\n"},
      {"tools/call", "[]", "Mcp-Method: tools/call\n"},
      {"tools/call", "", "Mcp-Method: tools/call\n"},
      {"x\r\ny", "", "Mcp-Method: =?base64?eA0KeQ==?=\n"},
      // A revision that may not stand in a header field, or is none.
      {"ping", R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026 07 28"}})",
       "Mcp-Method: ping\n"},
      {"ping", R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"a\r\nb"}})",
       "Mcp-Method: ping\n"},
      {"ping", R"({"_meta":{"io.modelcontextprotocol/protocolVersion":""}})", "Mcp-Method: ping\n"},
      {"ping", R"({"_meta":{"io.modelcontextprotocol/protocolVersion":20260728}})",
       "Mcp-Method: ping\n"},
      {"ping", R"({"io.modelcontextprotocol/protocolVersion":"2026-07-28"})", "Mcp-Method: ping\n"},
      {"ping", R"({"_meta":"2026-07-28"})", "Mcp-Method: ping\n"},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.params));
    CHECK(text_of(request_fields(row.method, row.params)) == row.fields);
  }
}

TEST_CASE("a claim is whatever string the request gives as its revision") {
  const std::string_view with = R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"no date",
      "io.modelcontextprotocol/clientCapabilities":{"roots":{}},
      "io.modelcontextprotocol/clientInfo":{"name":"h"},
      "io.modelcontextprotocol/logLevel":"debug"}})";
  CHECK(claimed_revision(with) == "no date");
  CHECK(has_claim(with));
  const auto claim = read_claim(with);
  REQUIRE(claim);
  CHECK(claim->revision == "no date");
  CHECK(claim->raw_capabilities == R"({"roots":{}})");
  CHECK(claim->raw_client_info == R"({"name":"h"})");
  CHECK(claim->raw_log_level == R"("debug")");

  const std::string_view bare = R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2"}})";
  REQUIRE(read_claim(bare));
  CHECK(read_claim(bare)->raw_capabilities.empty());
  CHECK(read_claim(bare)->raw_client_info.empty());
  CHECK(read_claim(bare)->raw_log_level.empty());

  const std::string_view broken = R"({"_meta":{"io.modelcontextprotocol/protocolVersion":null}})";
  CHECK(has_claim(broken));
  CHECK_FALSE(read_claim(broken));
  for (const std::string_view without :
       {"", "{}", "[1]", R"({"_meta":{}})", R"({"_meta":[]})",
        R"({"_meta":{"io.modelcontextprotocol/clientInfo":{}}})"}) {
    CHECK_FALSE(has_claim(without));
    CHECK_FALSE(claimed_revision(without));
  }
}

TEST_CASE("the modern era begins with 2026-07-28") {
  for (const std::string_view legacy : {"", "2024-11-05", "2025-11-25", "2026-07-27"}) {
    CHECK_FALSE(is_modern(legacy));
  }
  for (const std::string_view modern : {"2026-07-28", "2026-07-29", "2027-01-01"}) {
    CHECK(is_modern(modern));
  }
}

}  // namespace
}  // namespace dogpipe::mcp
