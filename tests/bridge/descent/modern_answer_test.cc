// Results and errors of older servers, as hosts of 2026-07-28 get them.
#include <doctest/doctest.h>

#include "bridge/descent/discover_result.h"
#include "bridge/descent/modern_error.h"
#include "bridge/descent/modern_result.h"
#include "bridge/descent/taskless.h"

namespace dogpipe::bridge::descent {
namespace {

TEST_CASE("a result is complete, and names the server") {
  CHECK(modern_result("tools/call", R"({"content":[ 1e400 ],"isError":true})",
                      R"({"name":"s","version":"9"})") ==
        R"({"content":[ 1e400 ],"isError":true,"resultType":"complete",)"
        R"("_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s","version":"9"}}})");
  CHECK(modern_result("tools/call", R"({"_meta":{"a/b":1},"content":[]})", R"({"name":"s"})") ==
        R"({"_meta":{"a/b":1,"io.modelcontextprotocol/serverInfo":{"name":"s"}},"content":[],)"
        R"("resultType":"complete"})");
  CHECK(modern_result("completion/complete", "{}", "") == R"({"resultType":"complete"})");
}

TEST_CASE("the results of six methods say that they are stale at once, and private") {
  for (const char* method : {"server/discover", "tools/list", "prompts/list", "resources/list",
                             "resources/read", "resources/templates/list"}) {
    CAPTURE(method);
    CHECK(modern_result(method, R"({"ttlMs":"soon"})", "") ==
          R"({"ttlMs":0,"resultType":"complete","cacheScope":"private"})");
  }
  for (const char* method : {"tools/call", "prompts/get", "completion/complete", "x/y"}) {
    CAPTURE(method);
    CHECK(modern_result(method, "{}", "") == R"({"resultType":"complete"})");
  }
}

TEST_CASE("what is no object stays as it is") {
  for (const char* raw : {"null", "[]", "3", R"("x")"}) {
    CHECK(modern_result("tools/list", raw, "{}") == raw);
  }
}

TEST_CASE("tools that can only be called as tasks are hidden") {
  const std::string kept =
      R"({"name":"a"},{"name":"b","execution":{"taskSupport":"optional"}},{"execution":{}})";
  const std::string required = R"({"name":"c","execution":{"taskSupport":"requ\u0069red"}})";
  CHECK(taskless_tools('[' + required + ", " + kept + ']') == '[' + kept + ']');
  CHECK(taskless_tools('[' + kept + ',' + required + ']') == '[' + kept + ']');
  CHECK(taskless_tools('[' + required + ']') == "[]");
  CHECK(taskless_tools('[' + kept + ']') == std::nullopt);
  CHECK(taskless_tools("[]") == std::nullopt);
  CHECK(modern_result("tools/list", R"({"tools":[ )" + required + R"(],"nextCursor":"n"})", "") ==
        R"({"tools":[],"nextCursor":"n","resultType":"complete","ttlMs":0,)"
        R"("cacheScope":"private"})");
  CHECK(modern_result("tools/call", R"({"tools":[)" + required + "]}", "") ==
        R"({"tools":[)" + required + R"(],"resultType":"complete"})");
}

TEST_CASE("what a server said when it was opened is what it says when it is discovered") {
  CHECK(discover_result(
            R"({"protocolVersion":"2025-06-18","capabilities":{"tools":{},"tasks":{"list":{}},)"
            R"("extensions":{"io.modelcontextprotocol/tasks":{}}},)"
            R"("serverInfo":{"name":"s","version":"9"},"instructions":"be kind","x":1})") ==
        R"({"capabilities":{"tools":{}},"instructions":"be kind","x":1,)"
        R"("supportedVersions":["2026-07-28"],"resultType":"complete","ttlMs":0,)"
        R"("cacheScope":"private",)"
        R"("_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s","version":"9"}}})");
  CHECK(discover_result("{}") ==
        R"({"supportedVersions":["2026-07-28"],"capabilities":{},"resultType":"complete",)"
        R"("ttlMs":0,"cacheScope":"private"})");
}

TEST_CASE("two codes are retired, all other errors stay as they are") {
  struct Row {
    const char* error;
    const char* modern;
  };
  const Row rows[] = {
      {R"({"code":-32002,"message":"m","data":{"uri":"u"}})",
       R"({"code":-32602,"message":"m","data":{"uri":"u"}})"},
      {R"({"code":-32042,"message":"m"})", R"({"code":-32603,"message":"m"})"},
      {R"({ "code": -32601, "message": "m" })", R"({ "code": -32601, "message": "m" })"},
      {R"({"code":-32000,"message":"m"})", R"({"code":-32000,"message":"m"})"},
      {R"({"code":-32020,"message":"m"})", R"({"code":-32020,"message":"m"})"},
      {R"({"code":"-32002"})", R"({"code":"-32002"})"},
      {"{}", "{}"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.error);
    CHECK(modern_error(row.error) == row.modern);
  }
  CHECK(error_code(R"({"code":-32042})") == -32042);
  CHECK(error_code("{}") == 0);
}

TEST_CASE("a demand for URL elicitation asks what it demands") {
  CHECK(url_input_requests(
            R"({"code":-32042,"message":"m","data":{"elicitations":[)"
            R"({"mode":"url","message":"a","url":"https://a","elicitationId":"1"},5,{},)"
            R"({"message":"b","url":"https://b","task":{}}]}})") ==
        R"({"input-1":{"method":"elicitation/create",)"
        R"("params":{"mode":"url","message":"a","url":"https://a"}},)"
        R"("input-2":{"method":"elicitation/create",)"
        R"("params":{"message":"b","url":"https://b","mode":"url"}}})");
  CHECK_FALSE(url_input_requests(R"({"code":-32042,"message":"m"})"));
  CHECK_FALSE(url_input_requests(R"({"code":-32042,"data":{"elicitations":[]}})"));
  CHECK_FALSE(url_input_requests(R"({"code":-1,"data":{"elicitations":[{"url":"u"}]}})"));
}

}  // namespace
}  // namespace dogpipe::bridge::descent
