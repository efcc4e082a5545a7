#include "bridge/ascent/modern_params.h"

#include <doctest/doctest.h>

namespace dogpipe::bridge::ascent {
namespace {

TEST_CASE("capabilities of a host are those that a newer server knows, by the host's revision") {
  const struct {
    const char* raw;
    const char* revision;
    const char* modern;
  } rows[] = {
      {"{}", "2025-11-25", "{}"},
      {R"({"roots":{"listChanged":true},"sampling":{"tools":{}}})", "2025-11-25",
       R"({"roots":{},"sampling":{"tools":{}}})"},
      {R"({"tasks":{"list":{}},"experimental":{"x":{ "y": 1.0 }}})", "2025-11-25",
       R"({"experimental":{"x":{ "y": 1.0 }}})"},
      {R"({"extensions":{"io.modelcontextprotocol/tasks":{},"io.modelcontextprotocol/ui":{}}})",
       "2025-11-25", R"({"extensions":{"io.modelcontextprotocol/ui":{}}})"},
      {R"({"elicitation":{"form":{},"url":{}}})", "2025-11-25",
       R"({"elicitation":{"form":{},"url":{}}})"},
      {R"({"elicitation":{}})", "2025-11-25", R"({"elicitation":{}})"},
      {R"({"elicitation":{"url":{}}})", "2025-06-18", R"({"elicitation":{}})"},
      {R"({"elicitation":{}})", "2025-06-18", R"({"elicitation":{}})"},
      {R"({"elicitation":{},"roots":{}})", "2025-03-26", R"({"roots":{}})"},
      {R"({"elicitation":{},"sampling":{}})", "2024-11-05", R"({"sampling":{}})"},
      {"[1]", "2025-11-25", "{}"},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.raw));
    CHECK(modern_capabilities(row.raw, row.revision) == row.modern);
  }
}

TEST_CASE("what a host says in initialize becomes its claim") {
  const Claim claim =
      read_claim(R"({"capabilities":{"roots":{}},"clientInfo":{"name":"h"}})", "2025-11-25");
  CHECK(claim.raw_client_info == R"({"name":"h"})");
  CHECK(claim.raw_capabilities == R"({"roots":{}})");
  CHECK(claim.log_level.empty());
  const Claim nothing = read_claim(R"({"clientInfo":7})", "2025-11-25");
  CHECK(nothing.raw_client_info.empty());
  CHECK(nothing.raw_capabilities == "{}");
}

TEST_CASE("the claim joins the metadata, and all else keeps its bytes") {
  Claim claim;
  const std::string version = R"("io.modelcontextprotocol/protocolVersion":"2026-07-28")";
  const std::string capabilities = R"("io.modelcontextprotocol/clientCapabilities":{})";
  CHECK(with_claim("", claim) == "{\"_meta\":{" + version + "," + capabilities + "}}");
  CHECK(with_claim(R"({"name":"t","arguments":{ "n": 1e400, "b":9007199254740993 }})", claim) ==
        R"({"name":"t","arguments":{ "n": 1e400, "b":9007199254740993 },"_meta":{)" + version +
            "," + capabilities + "}}");
  claim.raw_client_info = R"({"name":"h"})";
  claim.log_level = "info";
  CHECK(with_claim(R"({"_meta":{"progressToken":1.0,"traceparent":"00-a"},"x":null})", claim) ==
        R"({"_meta":{"progressToken":1.0,"traceparent":"00-a",)" + version + "," + capabilities +
            R"(,"io.modelcontextprotocol/clientInfo":{"name":"h"},)"
            R"("io.modelcontextprotocol/logLevel":"info"},"x":null})");
}

TEST_CASE("a task that a request asks to be is not asked for") {
  const std::string text = with_claim(R"({"task":{"ttl":1},"name":"t"})", Claim());
  CHECK(text.find("task") == std::string::npos);
  CHECK(text.starts_with(R"({"name":"t","_meta":)"));
}

TEST_CASE("there are eight log levels") {
  for (const char* level :
       {"debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"}) {
    CHECK(is_log_level(level));
  }
  for (const char* other : {"", "warn", "Info", "trace"}) CHECK_FALSE(is_log_level(other));
}

}  // namespace
}  // namespace dogpipe::bridge::ascent
