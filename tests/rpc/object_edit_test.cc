#include "rpc/object_edit.h"

#include <doctest/doctest.h>

using dogpipe::rpc::ObjectEdit;

TEST_CASE("members that are not touched keep their bytes") {
  ObjectEdit edit(
      R"({ "a" : 1e400 , "\u0062":"\ud800", "c":{"x":[1, 2]}, "big":12345678901234567890 })");
  CHECK(edit.remove("a"));
  CHECK(edit.write() == R"({"\u0062":"\ud800","c":{"x":[1, 2]},"big":12345678901234567890})");
}

TEST_CASE("a member is set in its place, or as the last one") {
  ObjectEdit edit(R"({"a":1,"\u0062":2,"c":3})");
  edit.set("b", "[]");
  edit.set("d\"", "true");
  edit.set("e", "null");
  CHECK(edit.write() == R"({"a":1,"\u0062":[],"c":3,"d\"":true,"e":null})");
  CHECK(edit.get("b") == "[]");
  CHECK(edit.get("d\"") == "true");
  CHECK(edit.get("c") == "3");
  CHECK_FALSE(edit.get("f"));
}

TEST_CASE("a member is removed however its name is spelled, and as often as it is there") {
  ObjectEdit edit(R"({"a":1,"\u0061":2,"b":3})");
  CHECK(edit.remove("a"));
  CHECK_FALSE(edit.remove("a"));
  CHECK_FALSE(edit.empty());
  CHECK(edit.remove("b"));
  CHECK(edit.empty());
  CHECK(edit.write() == "{}");
}

TEST_CASE("members go by a rule on their names") {
  ObjectEdit edit(R"({"x/a":1,"b":2,"x/c":3})");
  edit.remove_if([](std::string_view key) { return key.substr(0, 2) == "x/"; });
  CHECK(edit.write() == R"({"b":2})");
}

TEST_CASE("what is no object counts as an empty one") {
  for (const char* text : {"", "[1]", "null", "3", "\"a\""}) {
    CAPTURE(text);
    ObjectEdit edit(text);
    CHECK(edit.empty());
    edit.set("a", "1");
    CHECK(edit.write() == R"({"a":1})");
  }
}
