#include "sandbox/layout.h"

#include <doctest/doctest.h>

#include <string>

#include "sandbox/stream.h"

namespace dogpipe::sandbox {
namespace {

ToolAnswer answer(const Table& table, const char* arguments) {
  const auto document = json::read(arguments);
  REQUIRE(document);
  return table.answer(document->root());
}

TEST_CASE("a table is METADATA and tab-separated rows") {
  Table table({"a", "b"});
  table.row({"1", "x\ty\nz"});
  CHECK(answer(table, "{}").text ==
        "<METADATA>\n  <count>1</count>\n  <total>1</total>\n</METADATA>\n"
        "<TSV_DATA>\na\tb\n1\tx y z\n</TSV_DATA>\n");
}

TEST_CASE("a table that passes the budget is cut and says how to go on") {
  Table table({"n"});
  for (int i = 0; i < 100; ++i) table.row({std::string(39, 'x')});
  const std::string text = answer(table, R"({"max_tokens":100,"start_at":20})").text;
  CHECK(text.find("<count>9</count>") != std::string::npos);
  CHECK(text.find("<next_start_at>29</next_start_at>") != std::string::npos);
  CHECK(answer(table, R"({"start_at":100})").text.find("truncated") == std::string::npos);
  // A budget that holds nothing still yields a row.
  CHECK(answer(table, R"({"max_tokens":1})").text.find("<count>1</count>") != std::string::npos);
}

TEST_CASE("a JSON answer is cut between characters") {
  const auto document = json::read(R"({"max_tokens":1})");
  REQUIRE(document);
  const ToolAnswer cut = json_answer("\"a\xc3\xa9\xc3\xa9\"", document->root(), true);
  CHECK(cut.text.find("<JSON_DATA>\n\"a\xc3\xa9\n</JSON_DATA>") != std::string::npos);
  CHECK(cut.structured == "\"a\xc3\xa9\xc3\xa9\"");
}

TEST_CASE("an event can lie over several data lines, with any line end") {
  CHECK(write_event("7", R"({"a":1})", "\n", false) ==
        "event: message\nid: 7\ndata: {\"a\":1}\n\n");
  CHECK(write_event("", R"({"a":1})", "\r\n", true) ==
        "event: message\r\ndata: {\r\ndata:   \"a\": 1\r\ndata: }\r\n\r\n");
  CHECK(write_event("1", "", "\r", false) == "id: 1\rdata: \r\r");
}

}  // namespace
}  // namespace dogpipe::sandbox
