#include "json/reader.h"

#include <doctest/doctest.h>

#include <string>

namespace dogpipe::json {
namespace {

std::string complaint(const auto& result) { return result ? "" : result.error().what; }

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST_CASE("members and elements are found, and read with their types") {
  const auto document = read(R"({"a":"text","b":[1,2.5,true,null],"c":{"d":"deep"}})");
  REQUIRE(document);
  const Value root = document->root();
  CHECK(*root["a"].as_string() == "text");
  CHECK(*root["b"][0].as_integer() == 1);
  CHECK(*root["b"][1].as_number() == 2.5);
  CHECK(*root["b"][2].as_bool());
  CHECK(root["b"][3].type() == Type::null);
  CHECK(*root["c"]["d"].as_string() == "deep");
  CHECK(root.size() == 3);
  CHECK(root["b"].size() == 4);
}

TEST_CASE("an error names the place, however deep") {
  const auto document = read(R"({"servers":[{"name":7,"port":"x"}]})");
  REQUIRE(document);
  const Value server = document->root()["servers"][0];
  CHECK(complaint(server["name"].as_string()) == "$.servers[0].name: not a string");
  CHECK(complaint(server["port"].as_integer()) == "$.servers[0].port: not a number");
  CHECK(complaint(server["absent"]["below"].as_bool()) == "$.servers[0].absent: missing");
  CHECK(complaint(document->root()["servers"][3].as_string()) == "$.servers[3]: missing");
  CHECK(complaint(Value().as_string()) == "$: missing");
}

TEST_CASE("a name that is not plain does not get into an error") {
  const auto document = read("{\"\\u001b[31m\":1}");
  REQUIRE(document);
  for (const Value member : document->root()) {
    CHECK(complaint(member.as_string()) == "$.*: not a string");
  }
}

TEST_CASE("what is optional may be absent or null, and is nothing else") {
  const auto document = read(R"({"a":null,"b":"x","c":5,"d":[]})");
  REQUIRE(document);
  const Value root = document->root();
  CHECK(*root["a"].as_optional_string() == std::nullopt);
  CHECK(*root["z"].as_optional_string() == std::nullopt);
  CHECK(*root["b"].as_optional_string() == "x");
  CHECK(*root["c"].as_optional_integer() == 5);
  CHECK(complaint(root["d"].as_optional_string()) == "$.d: not a string");
  CHECK(complaint(root["d"].as_optional_integer()) == "$.d: not a number");
  CHECK(root["b"].text_or("y") == "x");
  CHECK(root["c"].text_or("y") == "y");
  CHECK(root["c"].integer_or(1) == 5);
  CHECK(root["b"].integer_or(1) == 1);
  CHECK(root["b"].bool_or(true));
}

TEST_CASE("lists of strings are read at once, or complain about the one") {
  const auto document = read(R"({"good":["a","b"],"bad":["a",1]})");
  REQUIRE(document);
  CHECK(*document->root()["good"].as_strings() == std::vector<std::string>{"a", "b"});
  CHECK(complaint(document->root()["bad"].as_strings()) == "$.bad[1]: not a string");
  CHECK(complaint(document->root()["none"].as_strings()) == "$.none: missing");
}

TEST_CASE("numbers keep their spelling, and convert only where they fit") {
  const auto document = read("[9007199254740993,-0,1.50,0.1,9223372036854775808,1e2,2.0]");
  REQUIRE(document);
  const Value root = document->root();
  CHECK(root[0].number_text() == "9007199254740993");
  CHECK(*root[0].as_integer() == 9007199254740993);
  CHECK(root[1].number_text() == "-0");
  CHECK(root[2].number_text() == "1.50");
  CHECK(*root[3].as_number() == 0.1);
  CHECK(complaint(root[4].as_integer()) == "$[4]: not a whole number of 64 bits");
  CHECK_FALSE(root[5].as_integer());
  CHECK(*root[5].as_number() == 100.0);
  CHECK_FALSE(root[6].as_integer());
}

TEST_CASE("a number that no double can hold is refused with the whole text") {
  CHECK(read("[1e400]").error().kind == base::Kind::malformed);
}

TEST_CASE("an escape of half a surrogate pair is malformed, as a value and as a name") {
  for (const char* text :
       {R"("\udc00")", R"("x\udfffy")", R"("\ud7ff\udc00")", R"({"\udc00":1})"}) {
    CAPTURE(text);
    const auto document = read(text);
    REQUIRE_FALSE(document);
    CHECK(document.error().kind == base::Kind::malformed);
  }
  CHECK(*read(R"("\ud7ff\ue000\ud83d\ude00")")->root().as_string() ==
        "\xed\x9f\xbf\xee\x80\x80\xf0\x9f\x98\x80");
}

TEST_CASE("what is not one JSON text in UTF-8 is malformed") {
  for (const char* text :
       {"",           " ",        "{",          "[1,]",     "{\"a\":1,}",   "{'a':1}",
        "01",         "+1",       "1.",         ".5",       "NaN",          "[1] []",
        "tru",        "\"\x01\"", "\"\\x\"",    "\"\xff\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"",
        "\"\xe2\x82", "// c\n1",  "\"\\ud800\""}) {
    CAPTURE(text);
    const auto document = read(text);
    REQUIRE_FALSE(document);
    CHECK(document.error().kind == base::Kind::malformed);
  }
}

TEST_CASE("a NUL does not end the text") {
  using namespace std::string_view_literals;
  CHECK_FALSE(read("{}\0garbage"sv));
  CHECK_FALSE(read("{}\0"sv));
  CHECK_FALSE(read("\"a\0b\""sv));
  CHECK(*read("\"a\\u0000b\"")->root().as_string() == "a\0b"sv);
}

TEST_CASE("a byte order mark and white space are passed over") {
  CHECK(*read("\xef\xbb\xbf \r\n\t[1] ")->root()[0].as_integer() == 1);
}

TEST_CASE("depth and length have limits") {
  CHECK(read(nested(64)));
  CHECK(read(nested(65)).error().kind == base::Kind::too_large);
  CHECK(read(nested(1000), {.depth = 1000}));
  CHECK(read(nested(1'000'000), {.depth = 2'000'000}).error().kind == base::Kind::too_large);
  CHECK(read("[1,2]", {.bytes = 4}).error().kind == base::Kind::too_large);
  CHECK(read("[1,2]", {.bytes = 5}));
}

TEST_CASE("an object that says a name twice is refused, or its last word counts") {
  const char* text = R"({"a":1,"b":2,"a":3})";
  CHECK(read(text).error().kind == base::Kind::malformed);
  CHECK_FALSE(read(R"([{"a":1,"\u0061":2}])"));
  const auto lenient = read(text, {.unique_names = false});
  REQUIRE(lenient);
  CHECK(*lenient->root()["a"].as_integer() == 3);
  CHECK(lenient->root().size() == 2);
}

TEST_CASE("loops go in the order of the text and know the names") {
  const auto document = read(R"({"z":1,"a":[10,20],"m":3})");
  REQUIRE(document);
  std::string names;
  for (const Value member : document->root()) names += member.name();
  CHECK(names == "zam");
  std::int64_t sum = 0;
  const auto items = document->root()["a"].as_array();
  REQUIRE(items);
  for (const Value item : *items) sum += *item.as_integer();
  CHECK(sum == 30);
  CHECK(document->root()["a"][1].path() == "$.a[1]");
}

TEST_CASE("values outlive a move of their document") {
  auto document = read(R"({"a":"b"})");
  REQUIRE(document);
  const Value value = document->root()["a"];
  const Document moved = *std::move(document);
  CHECK(*value.as_string() == "b");
}

TEST_CASE("a secret comes out as one") {
  const auto document = read(R"({"token":"abc"})");
  REQUIRE(document);
  CHECK(document->root()["token"].as_secret()->reveal() == "abc");
  CHECK_FALSE(document->root()["other"].as_secret());
}

}  // namespace
}  // namespace dogpipe::json
