#include "bridge/ascent/legacy_result.h"

#include <doctest/doctest.h>

#include "bridge/ascent/legacy_error.h"

namespace dogpipe::bridge::ascent {
namespace {

TEST_CASE("a result is as complete as it says") {
  CHECK(result_type("{}") == ResultType::complete);
  CHECK(result_type(R"({"resultType":"complete"})") == ResultType::complete);
  CHECK(result_type(R"({"resultType":"input\u005frequired"})") == ResultType::input_required);
  CHECK(result_type(R"({"resultType":"task"})") == ResultType::unknown);
  CHECK(result_type(R"({"resultType":null})") == ResultType::unknown);
}

TEST_CASE("results lose what older revisions do not have, and nothing else") {
  const struct {
    const char* method;
    const char* raw;
    const char* legacy;  // null: it stays as it is
  } rows[] = {
      {"tools/call", R"({ "content" : [] })", nullptr},
      {"tools/call", R"({"_meta":{"x":1}})", nullptr},
      {"x/y", "[1,2]", nullptr},
      {"x/y", R"({"resultType":"complete"})", "{}"},
      {"tools/call", R"({"resultType":"complete","content":[ {"n":1e400} ],"z":1.0})",
       R"({"content":[ {"n":1e400} ],"z":1.0})"},
      {"resources/list", R"({"resources":[],"ttlMs":60,"cacheScope":"private","nextCursor":"c"})",
       R"({"resources":[],"nextCursor":"c"})"},
      {"prompts/get", R"({"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s"}},"m":1})",
       R"({"m":1})"},
      {"prompts/get",
       R"({"_meta":{"a":1,"io.modelcontextprotocol\/serverInfo":{"name":"s"}},"m":1})",
       R"({"_meta":{"a":1},"m":1})"},
      // Output schemas.
      {"tools/list", R"({"tools":[{"name":"a","outputSchema":{"type":"object"}}]})", nullptr},
      {"tools/list",
       R"({"tools":[{"name":"a", "outputSchema":{"type":"array"}},{"name":"b" },)"
       R"({"outputSchema":{"type":["object"]},"name":"c"},{"name":"d","outputSchema":{}}]})",
       R"({"tools":[{"name":"a"},{"name":"b" },{"name":"c"},{"name":"d"}]})"},
      {"tools/call", R"({"tools":[{"outputSchema":{}}]})", nullptr},
      // Structured content.
      {"tools/call", R"({"content":[],"structuredContent":{"a":1}})", nullptr},
      {"tools/call", R"({"content":[],"structuredContent":[1, "a\"b"]})",
       R"({"content":[{"type":"text","text":"[1, \"a\\\"b\"]"}]})"},
      {"tools/call", R"({"structuredContent":null})",
       R"({"content":[{"type":"text","text":"null"}]})"},
      {"tools/call",
       R"({"structuredContent":[1,2],"content":[{"type":"text","text":"[ 1,\n2 ]"}],"isError":false})",
       R"({"content":[{"type":"text","text":"[ 1,\n2 ]"}],"isError":false})"},
      {"tools/call",
       R"({"structuredContent":[1,2],"content":[{"type":"text","text":"two numbers"}]})",
       R"({"content":[{"type":"text","text":"two numbers"},{"type":"text","text":"[1,2]"}]})"},
      {"tools/call", R"({"structuredContent":7,"content":[{"type":"image","text":"7"}]})",
       R"({"content":[{"type":"image","text":"7"},{"type":"text","text":"7"}]})"},
      {"prompts/get", R"({"structuredContent":7})", nullptr},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.raw));
    const auto legacy = legacy_result(row.method, row.raw);
    CHECK(legacy.has_value() == (row.legacy != nullptr));
    if (legacy && row.legacy) CHECK(*legacy == row.legacy);
  }
}

TEST_CASE("an error's code is an integer or none") {
  CHECK(error_code(R"({"code":-32602,"message":""})") == -32602);
  for (const char* raw : {"{}", R"({"code":"-32602"})", R"({"code":-32602.0})", "null"}) {
    CHECK_FALSE(error_code(raw).has_value());
  }
}

TEST_CASE("error codes that older revisions do not have become some that they have") {
  const struct {
    const char* method;
    const char* raw;
    const char* legacy;  // null: it stays as it is
  } rows[] = {
      {"tools/call", R"({"code":-32601,"message":"m"})", nullptr},
      {"tools/call", R"({"code":-32000,"message":"m"})", nullptr},
      {"tools/call", R"({"code":-32042,"message":"m"})", nullptr},
      {"tools/call", R"({"code":-32602,"message":"m","data":{"uri":"u"}})", nullptr},
      {"resources/read", R"({"code":-32602,"message":"m"})", nullptr},
      {"resources/read", R"({"code":-32602,"message":"m","data":"uri"})", nullptr},
      {"resources/read", R"({"code":-32602,"message":"gone","data":{"uri":"u", "x":1.0}})",
       R"({"jsonrpc":"2.0","id":7,"error":{"code":-32002,"message":"gone",)"
       R"("data":{"uri":"u", "x":1.0}}})"},
      {"tools/call", R"({"code":-32020,"message":"evil"})",
       R"({"jsonrpc":"2.0","id":7,"error":{"code":-32603,"message":)"
       R"("the server found header fields and body of the request at odds",)"
       R"("data":{"source":"dogpipe"}}})"},
      {"tools/call",
       R"({"code":-32021,"message":"evil","data":{"requiredCapabilities":{"roots":{},"elicitation":{},"evil":{}}}})",
       R"({"jsonrpc":"2.0","id":7,"error":{"code":-32603,"message":)"
       R"("the server needs a capability that this client has not declared: elicitation, roots",)"
       R"("data":{"source":"dogpipe"}}})"},
      {"tools/call", R"({"code":-32021,"message":"evil"})",
       R"({"jsonrpc":"2.0","id":7,"error":{"code":-32603,"message":)"
       R"("the server needs a capability that this client has not declared",)"
       R"("data":{"source":"dogpipe"}}})"},
      {"tools/call",
       R"({"code":-32022,"message":"m","data":{"supported":["2027-01-01"],"requested":"x"}})",
       R"({"jsonrpc":"2.0","id":7,"error":{"code":-32602,"message":"Unsupported protocol version",)"
       R"("data":{"supported":["2027-01-01"],"requested":"x"}}})"},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.raw));
    const auto legacy = legacy_error("7", row.method, row.raw);
    CHECK(legacy.has_value() == (row.legacy != nullptr));
    if (legacy && row.legacy) CHECK(*legacy == row.legacy);
  }
}

}  // namespace
}  // namespace dogpipe::bridge::ascent
