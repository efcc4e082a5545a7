#include "sandbox/query.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

namespace dogpipe::sandbox {
namespace {

bool finds(std::string_view query) {
  const std::map<std::string, std::string, std::less<>> thing = {
      {"", "POST /checkout answered 502"}, {"service", "checkout-api"}, {"status", "error"}};
  return Query(query).matches([&](std::string_view key) {
    const auto found = thing.find(key);
    return found == thing.end() ? std::string() : found->second;
  });
}

base::Result<Range> range_of(const char* json) {
  const auto document = json::read(json);
  REQUIRE(document);
  return read_range(document->root(), kMinute);
}

TEST_CASE("a query finds by words, keys, wildcards and what it excludes") {
  for (const char* query : {"", "*", "service:checkout-api", "service:check*", "SERVICE:x*y OR",
                            "502", "\"answered 502\"", "service:checkout-api status:error",
                            "-status:info", "@status:error AND checkout", "service:*"}) {
    CAPTURE(query);
    CHECK(finds(query) == (std::string_view(query) != "SERVICE:x*y OR"));
  }
  for (const char* query : {"service:payments", "-status:error", "503", "-checkout", "team:x"}) {
    CAPTURE(query);
    CHECK_FALSE(finds(query));
  }
}

TEST_CASE("patterns match the whole text") {
  CHECK(matches_pattern("a*c", "abbc"));
  CHECK(matches_pattern("*", ""));
  CHECK(matches_pattern("A", "a"));
  CHECK(matches_pattern("*b*b*", "abab"));
  CHECK_FALSE(matches_pattern("a*c", "abcd"));
  CHECK_FALSE(matches_pattern("", "a"));
}

TEST_CASE("times are read in the forms that Datadog takes") {
  CHECK(range_of("{}")->from == kNow - kMinute);
  CHECK(range_of("{}")->to == kNow);
  CHECK(range_of(R"({"from":"now-2h"})")->from == kNow - 120 * kMinute);
  CHECK(range_of(R"({"from":"2026-10-06T13:40:00Z"})")->from == kDeployed);
  CHECK(range_of(R"({"to":1791297000})")->to == kNow);
  CHECK(range_of(R"({"to":1791297000000})")->to == kNow);
  CHECK(range_of(R"({"to":"2026-10-06"})")->to == kNow - (14 * 60 + 30) * kMinute);
  for (const char* wrong :
       {R"({"from":"yesterday"})", R"({"from":"now-x"})", R"({"to":"2026-13-01"})"}) {
    CHECK(range_of(wrong).error().kind == base::Kind::usage);
  }
}

}  // namespace
}  // namespace dogpipe::sandbox
