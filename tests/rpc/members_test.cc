#include "rpc/members.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "corpus.h"

namespace dogpipe::rpc {
namespace {

std::vector<std::string> elements(std::string_view array) {
  std::vector<std::string> out;
  for_each_element(array, [&out](std::string_view element) { out.emplace_back(element); });
  return out;
}

using Strings = std::vector<std::string>;

TEST_CASE("a member is found by name at the top level only") {
  const char* const object =
      R"({"a":{"b":1,"c":"}"},"b":[2,{"b":3}],"c":"\"d\":1","d":-1.5e3,"e":null})";
  CHECK(member(object, "a") == R"({"b":1,"c":"}"})");
  CHECK(member(object, "b") == R"([2,{"b":3}])");
  CHECK(member(object, "c") == R"("\"d\":1")");
  CHECK(member(object, "d") == "-1.5e3");
  CHECK(member(object, "e") == "null");
  CHECK_FALSE(member(object, "f"));
  CHECK_FALSE(member(object, "A"));
}

TEST_CASE("whitespace, escapes and repeated keys do not mislead") {
  CHECK(member(" { \"a\" : 1 , \"b\" :\n[ 1 , 2 ] } ", "b") == "[ 1 , 2 ]");
  CHECK(member(R"({"\u0061":1,"a":2})", "a") == "1");
  CHECK(member(R"({"x\\":1,"y\"":2})", "y\"") == "2");
  CHECK(member(R"({"":1})", "") == "1");
  CHECK(member("{\"a\":true\n}", "a") == "true");
}

TEST_CASE("what is no object has no members") {
  for (const char* text : {"", " ", "[]", "1", "\"a\"", "null", "{}", " { } ", "[{\"a\":1}]"}) {
    CHECK_FALSE(member(text, "a"));
  }
}

TEST_CASE("the elements of an array come in order as written") {
  CHECK(elements("[]").empty());
  CHECK(elements(" [ ] ").empty());
  CHECK(elements("{\"a\":1}").empty());
  CHECK(elements("[1]") == Strings{"1"});
  CHECK(elements(R"([1, "a,]" ,[2,[3]],{"b":"]"} , null,true])") ==
        Strings{"1", R"("a,]")", "[2,[3]]", R"({"b":"]"})", "null", "true"});
}

TEST_CASE("long values are skipped whole, wherever their ends fall") {
  for (std::size_t length = 0; length < 80; ++length) {
    const std::string filler(length, 'x');
    const std::string text = "{\"s\":\"" + filler + "\\\"\",\"o\":{\"" + filler + "\":[" +
                             "\"]}\"," + std::string(length, ' ') + "{}]},\"z\":1}";
    REQUIRE(is_json(text));
    CHECK(member(text, "s") == "\"" + filler + "\\\"\"");
    CHECK(member(text, "z") == "1");
  }
}

TEST_CASE("text that was cut off is not read beyond its end") {
  const std::string text = R"({"a":[1,{"b":"c\"d"}],"e":"\\","f":12})";
  for (std::size_t size = 0; size < text.size(); ++size) {
    // A copy of exact size, so that a sanitizer sees every byte beyond.
    const std::vector<char> copy(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size));
    const std::string_view view(copy.data(), copy.size());
    static_cast<void>(member(view, "none"));
    static_cast<void>(elements(view.substr(std::min<std::size_t>(5, size))));
  }
}

}  // namespace
}  // namespace dogpipe::rpc
