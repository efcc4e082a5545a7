#include "bridge/descent/input_request.h"

#include <doctest/doctest.h>

#include "bridge/descent/questions.h"
#include "mcp/codes.h"

namespace dogpipe::bridge::descent {
namespace {

TEST_CASE("a client is asked only for what it has declared") {
  constexpr int kFine = 0;
  struct Row {
    const char* method;
    const char* params;
    const char* capabilities;
    int code;
    const char* required;
  };
  const Row rows[] = {
      {"elicitation/create", "{}", R"({"elicitation":{}})", kFine, ""},
      {"elicitation/create", R"({"mode":"form"})", R"({"elicitation":{"form":{}}})", kFine, ""},
      {"elicitation/create", "", R"({"elicitation":{"form":{},"url":{}}})", kFine, ""},
      {"elicitation/create", "{}", R"({"elicitation":{"url":{}}})", mcp::kInvalidParams,
       R"({"elicitation":{"form":{}}})"},
      {"elicitation/create", R"({"mode":"url"})", R"({"elicitation":{"url":{}}})", kFine, ""},
      {"elicitation/create", R"({"mode":"url"})", R"({"elicitation":{}})", mcp::kInvalidParams,
       R"({"elicitation":{"url":{}}})"},
      {"elicitation/create", R"({"mode":"url"})", "{}", mcp::kMethodNotFound,
       R"({"elicitation":{"url":{}}})"},
      {"elicitation/create", "{}", R"({"elicitation":true})", mcp::kMethodNotFound,
       R"({"elicitation":{"form":{}}})"},
      {"elicitation/create", R"({"mode":"x\"y"})", R"({"elicitation":{}})", mcp::kInvalidParams,
       ""},
      {"elicitation/create", R"({"mode":1})", R"({"elicitation":{}})", mcp::kInvalidParams, ""},
      {"sampling/createMessage", "{}", R"({"sampling":{}})", kFine, ""},
      {"sampling/createMessage", "{}", "{}", mcp::kMethodNotFound, R"({"sampling":{}})"},
      {"sampling/createMessage", R"({"tools":[]})", R"({"sampling":{}})", mcp::kInvalidParams,
       R"({"sampling":{"tools":{}}})"},
      {"sampling/createMessage", R"({"toolChoice":{}})", R"({"sampling":{}})", mcp::kInvalidParams,
       R"({"sampling":{"tools":{}}})"},
      {"sampling/createMessage", R"({"tools":[]})", R"({"sampling":{"tools":{}}})", kFine, ""},
      {"roots/list", "", R"({"roots":{}})", kFine, ""},
      {"roots/list", "", "{}", mcp::kMethodNotFound, R"({"roots":{}})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.method);
    CAPTURE(row.params);
    CAPTURE(row.capabilities);
    const auto unasked = unmet_capability(row.method, row.params, row.capabilities);
    CHECK((unasked ? unasked->code : kFine) == row.code);
    CHECK((unasked ? unasked->raw_required : "") == row.required);
  }
}

TEST_CASE("an input request is the server's, without what only its era knows") {
  CHECK(input_request("roots/list", "") == R"({"method":"roots/list"})");
  CHECK(input_request("roots/list", R"({"_meta":{"progressToken":1}})") ==
        R"({"method":"roots/list"})");
  CHECK(input_request(
            "elicitation/create",
            R"({"mode":"url","elicitationId":"e","url":"https://a","task":{"ttl":1},)"
            R"("_meta":{"progressToken":1,"io.modelcontextprotocol/related-task":{},"a/b":2}})") ==
        R"({"method":"elicitation/create",)"
        R"("params":{"mode":"url","url":"https://a","_meta":{"a/b":2}}})");
  CHECK(input_request("sampling/createMessage", R"({"elicitationId":1})") ==
        R"({"method":"sampling/createMessage","params":{"elicitationId":1}})");
}

TEST_CASE("only three methods may be answered with questions, and three ask") {
  for (const char* method : {"tools/call", "prompts/get", "resources/read"}) {
    CHECK(may_require_input(method));
    CHECK_FALSE(is_input_request(method));
  }
  for (const char* method : {"elicitation/create", "sampling/createMessage", "roots/list"}) {
    CHECK(is_input_request(method));
    CHECK_FALSE(may_require_input(method));
  }
  for (const char* method : {"tools/list", "completion/complete", "ping", "x"}) {
    CHECK_FALSE((is_input_request(method) || may_require_input(method)));
  }
}

TEST_CASE("no two questions on a request have the same key, answered ones included") {
  Questions questions;
  questions.add("1", "roots/list", "");
  questions.add(R"("a")", "roots/list", "");
  CHECK(questions.write() ==
        R"({"input-1":{"method":"roots/list"},"input-2":{"method":"roots/list"}})");
  const auto answers = questions.take_answered(R"({"input-2":{"roots":[ ]},"input-9":{}})");
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].raw_id == R"("a")");
  CHECK(answers[0].raw_result == R"({"roots":[ ]})");
  questions.add("2", "roots/list", "");
  CHECK(questions.write() ==
        R"({"input-1":{"method":"roots/list"},"input-3":{"method":"roots/list"}})");
  CHECK(questions.has("1"));
  questions.withdraw("1.0");
  CHECK_FALSE(questions.has("1"));
}

}  // namespace
}  // namespace dogpipe::bridge::descent
