#include "auth/scope.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace dogpipe::auth {
namespace {

using List = std::optional<std::vector<std::string>>;

TEST_CASE("the ladder: chosen, challenge, the resource's list, nothing") {
  struct Row {
    ScopeSources sources;
    const char* scope;
  };
  for (const Row& row : {
           Row{{"c", "x", List({"r"}), List({"s"}), ""}, "c"},
           Row{{"", "x y", List({"r"}), List({"s"}), ""}, "x y"},
           Row{{"", "", List({"r", "q"}), List({"s"}), ""}, "r q"},
           // The server's list is never asked for: at Datadog it is every permission there is.
           Row{{"", "", {}, List({"mcp_all"}), ""}, ""},
           Row{{"", "", List(std::vector<std::string>()), {}, ""}, ""},
           Row{{"", " ", List({"r"}), {}, ""}, "r"},
           Row{{"  ", "x", {}, {}, ""}, "x"},
           Row{{}, ""},
       }) {
    CAPTURE(row.scope);
    CHECK(choose_scope(row.sources) == row.scope);
  }
}

TEST_CASE("offline_access is added where the server lists it and anything else is asked for") {
  const List offline = List({"a", "offline_access"});
  CHECK(choose_scope({"", "x", {}, offline, ""}) == "x offline_access");
  CHECK(choose_scope({"", "", List({"r"}), offline, ""}) == "r offline_access");
  CHECK(choose_scope({"", "", {}, offline, "b"}) == "b offline_access");
  CHECK(choose_scope({"", "offline_access x", {}, offline, ""}) == "offline_access x");
  CHECK(choose_scope({"", "", {}, offline, ""}).empty());
  CHECK(choose_scope({"c", "", {}, offline, ""}) == "c");
  CHECK(choose_scope({"", "x", {}, List({"offline_accessed"}), ""}) == "x");
  CHECK(choose_scope({"", "x", offline, {}, ""}) == "x");
}

TEST_CASE("a step up asks for what there was and what is wanted besides") {
  CHECK(choose_scope({"", "w r", {}, {}, "r a"}) == "r a w");
  CHECK(choose_scope({"", "", List({"p"}), {}, "r"}) == "r p");
  CHECK(choose_scope({"", "", {}, {}, "r"}) == "r");
  CHECK(choose_scope({"c", "w", {}, {}, "r"}) == "c");
}

TEST_CASE("a resource's list that fits no URL is taken for none") {
  const auto list = [](std::size_t size) { return List({std::string(size, 'x')}); };
  CHECK(choose_scope({"", "", list(4095), {}, ""}).size() == 4095);
  CHECK(choose_scope({"", "", list(4096), {}, ""}).empty());
  CHECK(choose_scope({"", "", list(4096), {}, "b"}) == "b");
}

TEST_CASE("a union has each scope once, in the order of first mention") {
  CHECK(unite("a b", "c") == "a b c");
  CHECK(unite("b a", "a c b") == "b a c");
  CHECK(unite("a  a ", " ") == "a");
  CHECK(unite("", "a") == "a");
  CHECK(unite("", "").empty());
  CHECK(unite("A", "a") == "A a");
  CHECK(unite("https://h/scope:x", "y") == "https://h/scope:x y");
}

TEST_CASE("what is no scope is left out") {
  CHECK(unite("a \"b\" c\\ d\t\xc3\xa9 \x7f e", "f\ng") == "a e");
  CHECK(choose_scope({"", "", List({"a", "\n", "b c", "\"", ""}), {}, ""}) == "a b c");
}

TEST_CASE("scopes include each of their words, and nothing") {
  CHECK(includes("a b c", "c a"));
  CHECK(includes("a b", "a"));
  CHECK(includes("a", ""));
  CHECK(includes("", ""));
  CHECK_FALSE(includes("ab", "a"));
  CHECK_FALSE(includes("a", "ab"));
  CHECK_FALSE(includes("a b", "a c"));
  CHECK_FALSE(includes("", "a"));
  CHECK_FALSE(includes("A", "a"));
}

}  // namespace
}  // namespace dogpipe::auth
