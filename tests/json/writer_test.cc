#include "json/writer.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace dogpipe::json {
namespace {

TEST_CASE("an object is written member by member") {
  Writer out;
  out.begin_object().member("text", "a").member("yes", true).member("n", -5).member("u", 7u);
  out.member("string", std::string("s")).name("list").begin_array().value(1).null().end_array();
  out.raw_member("raw", "[1,2]");
  CHECK(out.end_object().take() ==
        R"({"text":"a","yes":true,"n":-5,"u":7,"string":"s","list":[1,null],"raw":[1,2]})");
}

TEST_CASE("a writer can be used again after take") {
  Writer out;
  CHECK(out.value("a").take() == "\"a\"");
  CHECK(out.begin_array().end_array().take() == "[]");
}

TEST_CASE("whole numbers of 64 bits are exact, and doubles read back the same") {
  Writer out;
  out.begin_array().value(std::numeric_limits<std::uint64_t>::max());
  out.value(std::numeric_limits<std::int64_t>::min()).value(0.1).value(1e300);
  out.value(std::numeric_limits<double>::infinity());
  const std::string text = out.end_array().take();
  CHECK(text == "[18446744073709551615,-9223372036854775808,0.1,1e300,null]");
  CHECK(*read(text)->root()[2].as_number() == 0.1);
}

TEST_CASE("strings are escaped as little as JSON allows") {
  CHECK(quoted("\"\\\n\x01/\xc3\xa9\x7f") == "\"\\\"\\\\\\n\\u0001/\xc3\xa9\x7f\"");
  CHECK(quoted("") == "\"\"");
  CHECK(quoted(std::string_view("a\0b", 3)) == "\"a\\u0000b\"");
}

TEST_CASE("bytes that are not UTF-8 become replacement characters") {
  CHECK(quoted("a\xff") == "\"a\xef\xbf\xbd\"");
  CHECK(quoted("\xed\xa0\x80") == "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
  CHECK(quoted("\xe2\x82") == "\"\xef\xbf\xbd\xef\xbf\xbd\"");
  CHECK(quoted("\xf0\x9f\x90\xb6") == "\"\xf0\x9f\x90\xb6\"");
}

TEST_CASE("what was read is written again, numbers as spelled") {
  const std::string text = R"({"b":[1.50,1E40,-0,"x"],"a":{"c":null,"d":false}})";
  const auto document = read(text);
  REQUIRE(document);
  CHECK(write(document->root()) == text);
  CHECK(write(document->root()["b"][3]) == "\"x\"");
  CHECK(write(document->root()["nothing"]) == "null");
}

TEST_CASE("the pretty layout has a line for each value") {
  const auto document = read(R"({"a":[1,2],"b":{}})");
  REQUIRE(document);
  CHECK(write(document->root(), Writer::Layout::pretty) ==
        "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {}\n}");
}

}  // namespace
}  // namespace dogpipe::json
