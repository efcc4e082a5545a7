#include "sandbox/mirror.h"

#include <doctest/doctest.h>

#include <utility>

namespace dogpipe::sandbox {
namespace {

constexpr std::string_view kSchema = R"({"properties":{
  "region":{"type":"string","x-mcp-header":"Region"},
  "target":{"properties":{"host":{"type":"string","x-mcp-header":"Host"}}},
  "list":{"items":{"properties":{"x":{"x-mcp-header":"Never"}}}},
  "plain":{"type":"string"}}})";

using Pairs = std::vector<std::pair<std::string, std::vector<std::string>>>;

TEST_CASE("what properties alone lead to is mirrored") {
  const auto schema = json::read(kSchema);
  REQUIRE(schema);
  Pairs found;
  for (const Mirror& mirror : mirrors_of(schema->root())) {
    found.emplace_back(mirror.field, mirror.path);
  }
  CHECK(found == Pairs{{"Mcp-Param-Region", {"region"}}, {"Mcp-Param-Host", {"target", "host"}}});
  CHECK(mirrors_of(json::Value()).empty());
}

TEST_CASE("a field is there exactly when the argument is, and says the same") {
  const auto schema = json::read(kSchema);
  REQUIRE(schema);
  const auto wrong = [&](const event::HttpFields& fields, std::string_view arguments) {
    const auto document = json::read(arguments);
    REQUIRE(document);
    return mismatch(fields, mirrors_of(schema->root()), document->root()).value_or("");
  };
  CHECK(wrong({}, "{}").empty());
  CHECK(wrong({}, R"({"region":null,"plain":"x"})").empty());
  CHECK(wrong({{"mcp-param-region", "eu"}}, R"({"region":"eu"})").empty());
  CHECK(wrong({{"Mcp-Param-Host", "a"}, {"Mcp-Param-Other", "b"}}, R"({"target":{"host":"a"}})")
            .empty());
  CHECK(wrong({}, R"({"region":"eu"})") == "Mcp-Param-Region is missing");
  CHECK(wrong({}, R"({"target":{"host":"a"}})") == "Mcp-Param-Host is missing");
  CHECK(wrong({{"Mcp-Param-Region", "eu"}}, "{}") == "Mcp-Param-Region without such an argument");
  CHECK(wrong({{"Mcp-Param-Region", "EU"}}, R"({"region":"eu"})") ==
        "Mcp-Param-Region is not what the body says");
  CHECK(wrong({{"Mcp-Param-Region", "\xe9"}}, R"({"region":"eu"})") ==
        "Mcp-Param-Region is malformed");
}

}  // namespace
}  // namespace dogpipe::sandbox
