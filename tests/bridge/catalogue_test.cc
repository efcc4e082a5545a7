// The catalogue of a server of the modern era: what is offered, and what is mirrored.
#include "bridge/catalogue.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "log_file.h"
#include "rpc/envelope.h"

namespace dogpipe::bridge {
namespace {

using Lines = std::vector<std::string>;

constexpr std::string_view kGood =
    R"({ "name":"good","annotations":{"readOnlyHint":true},"inputSchema":{"properties":{)"
    R"("region":{"type":"string","x-mcp-header":"Region"}}},"big":1e400,"é":"\ud800" })";

std::string bad_named(std::string_view name) {
  return R"({"name":")" + std::string(name) +
         R"(","annotations":{"readOnlyHint":true},)"
         R"("inputSchema":{"properties":{"a":{"type":"number","x-mcp-header":"A"}}}})";
}

// What the host gets, through a message as a server sends it.
std::string offered(Catalogue& catalogue, const std::string& result) {
  const std::string text = R"({"jsonrpc":"2.0","id":1,"result":)" + result + "}";
  const rpc::Scanned scanned = rpc::scan(text);
  REQUIRE(scanned);
  const auto filtered = catalogue.observe_modern(scanned->result.in(text));
  if (!filtered) return "unchanged";
  CHECK(rpc::scan(R"({"jsonrpc":"2.0","id":1,"result":)" + std::string(filtered->view()) + "}"));
  return std::string(filtered->view());
}

std::string call(std::string_view name) {
  return R"({"name":")" + std::string(name) + R"(","arguments":{"region":"eu"}})";
}

std::string warning(const std::string& name) {
  return "WARN a tool is not offered: an x-mcp-header is at a property that is no string, integer "
         "or boolean (" +
         name + ")";
}

TEST_CASE("a tool with an invalid header is left out, and all else stays byte for byte") {
  const LogFile log(base::LogLevel::warn);
  Catalogue catalogue(false);
  const std::string good(kGood);
  const std::string bad = bad_named("bad");
  const struct {
    std::string result, offered;
  } rows[] = {
      {R"({ "tools" : [ )" + good + " , 5, null ],\n\"nextCursor\":\"c\" }", "unchanged"},
      {R"({"tools":[]})", "unchanged"},
      {R"({"tools":7})", "unchanged"},
      {"{}", "unchanged"},
      {"[]", "unchanged"},
      {R"({"a":[)" + bad + R"(],"inputSchema":{"x-mcp-header":""}})", "unchanged"},
      {R"({"tools":[)" + bad + "]}", R"({"tools":[]})"},
      {R"({ "ttlMs":1e3, "tools" : [ )" + bad + " ,\n " + good + " , " + bad +
           R"( , 5 ] , "nextCursor":"c" })",
       R"({ "ttlMs":1e3, "tools" : [)" + good + R"(,5] , "nextCursor":"c" })"},
      // Under the name twice, and in other spellings.
      {R"({"tools":[)" + bad + R"(],"x":1,"t\u006fols":[)" + good + "," + bad + "]}",
       R"({"tools":[],"x":1,"t\u006fols":[)" + good + "]}"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.result);
    CHECK(offered(catalogue, row.result) == row.offered);
  }
  CHECK(log.lines() == Lines(5, warning("bad")));
}

TEST_CASE("ten tools that break a rule draw ten warnings, whatever they are called") {
  const LogFile log(base::LogLevel::warn);
  Catalogue catalogue(true);
  std::string tools(kGood);
  Lines expected;
  for (int i = 0; i < 9; ++i) {
    tools += "," + bad_named("b" + std::to_string(i));
    expected.push_back(warning("b" + std::to_string(i)));
  }
  tools += "," + bad_named("\\u001b[2J\\nWARN forged");
  expected.push_back(warning("<1b>[2J<0a>WARN forged"));
  tools += R"(,{"inputSchema":{"items":{"type":"string","x-mcp-header":"A"}}})";
  expected.push_back(
      "WARN a tool is not offered: an x-mcp-header is not at a property reached by `properties` "
      "alone (it has no name)");
  CHECK(offered(catalogue, R"({"tools":[)" + tools + "]}") ==
        R"({"tools":[)" + std::string(kGood) + "]}");
  CHECK(log.lines() == expected);
  CHECK_FALSE(catalogue.knows(call("b0")));
  CHECK_FALSE(catalogue.hints_for(call("b0")).read_only);
}

TEST_CASE("a name without end does not keep the reason out of the log") {
  const LogFile log(base::LogLevel::warn);
  Catalogue catalogue(true);
  offered(catalogue, R"({"tools":[)" + bad_named(std::string(5000, 'n')) + "]}");
  REQUIRE(log.lines().size() == 1);
  CHECK(log.lines()[0].find("no string, integer or boolean (nnn") != std::string::npos);
}

TEST_CASE("a call carries the fields that the tool was listed with") {
  Catalogue catalogue(false);
  const mcp::Fields region = {{"Mcp-Param-Region", "eu"}};
  CHECK_FALSE(catalogue.knows(call("good")));
  CHECK(catalogue.fields_for(call("good")).empty());

  offered(catalogue, R"({"tools":[)" + std::string(kGood) + R"(],"nextCursor":"c"})");
  offered(catalogue, R"({"tools":[{"name":"plain"}]})");  // the next page
  CHECK(catalogue.knows(call("good")));
  CHECK(catalogue.fields_for(call("good")) == region);
  CHECK(catalogue.fields_for(R"({"name":"good"})").empty());
  CHECK(catalogue.fields_for(R"({"name":"good","arguments":[]})").empty());
  CHECK(catalogue.knows(call("plain")));
  CHECK(catalogue.fields_for(call("plain")).empty());
  CHECK_FALSE(catalogue.knows(call("other")));
  CHECK_FALSE(catalogue.knows(R"({"name":7})"));

  catalogue.forget();
  CHECK_FALSE(catalogue.knows(call("good")));
  CHECK(catalogue.fields_for(call("good")).empty());
}

TEST_CASE("a later listing replaces an earlier, also by an invalid tool") {
  const LogFile log(base::LogLevel::off);
  Catalogue catalogue(true);
  offered(catalogue, R"({"tools":[)" + bad_named("good") + "," + std::string(kGood) + "]}");
  CHECK(catalogue.hints_for(call("good")).read_only);
  CHECK_FALSE(catalogue.fields_for(call("good")).empty());
  offered(catalogue, R"({"tools":[{"name":"good"}]})");
  CHECK(catalogue.knows(call("good")));
  CHECK_FALSE(catalogue.hints_for(call("good")).read_only);
  CHECK(catalogue.fields_for(call("good")).empty());
  offered(catalogue, R"({"tools":[)" + bad_named("good") + "]}");
  CHECK_FALSE(catalogue.knows(call("good")));
}

TEST_CASE("hints need trust, header fields do not") {
  const std::string result = R"({"tools":[)" + std::string(kGood) + "]}";
  for (const bool trusted : {false, true}) {
    Catalogue catalogue(trusted);
    offered(catalogue, result);
    CHECK(catalogue.hints_for(call("good")).read_only == trusted);
    CHECK(catalogue.fields_for(call("good")).size() == 1);
  }
}

TEST_CASE("the tools of a legacy server are all left alone") {
  const LogFile log(base::LogLevel::warn);
  Catalogue catalogue(true);
  catalogue.observe(R"({"tools":[)" + bad_named("bad") + "," + std::string(kGood) + "]}");
  CHECK(log.lines().empty());
  CHECK(catalogue.hints_for(call("bad")).read_only);
  CHECK(catalogue.fields_for(call("bad")).empty());
  // It may serve the modern wire as well.
  CHECK(catalogue.fields_for(call("good")).size() == 1);
}

TEST_CASE("a list without end does not fill the memory, and is filtered to its end") {
  const LogFile log(base::LogLevel::off);
  Catalogue catalogue(true);
  std::string tools;
  for (int i = 0; i < 10'000; ++i) tools += R"({"name":")" + std::to_string(i) + R"("},)";
  const std::string more = R"({"name":"10000"},{"name":"0","annotations":{"readOnlyHint":true}})";
  CHECK(offered(catalogue, R"({"tools":[)" + tools + more + "," + bad_named("bad") + "]}") ==
        R"({"tools":[)" + tools + more + "]}");
  CHECK(catalogue.knows(call("9999")));
  CHECK_FALSE(catalogue.knows(call("10000")));
  CHECK(catalogue.hints_for(call("0")).read_only);  // known tools can still be learned anew
}

}  // namespace
}  // namespace dogpipe::bridge
