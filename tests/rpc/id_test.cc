#include "rpc/id.h"

#include <doctest/doctest.h>

namespace dogpipe::rpc {
namespace {

TEST_CASE("ids are the same as written, as text or as doubles") {
  CHECK(same_id("1", "1"));
  CHECK(same_id("1", "1.0"));
  CHECK(same_id("1e2", "100"));
  CHECK(same_id("9007199254740993", "9007199254740992"));
  CHECK(same_id("-0", "0"));
  CHECK(same_id("1e400", "1e400"));
  CHECK(same_id(R"("a")", R"("\u0061")"));
  CHECK(same_id(R"("\/")", R"("/")"));
  CHECK(same_id("null", "null"));
}

TEST_CASE("other ids differ") {
  CHECK_FALSE(same_id("1", R"("1")"));
  CHECK_FALSE(same_id(R"("1")", "1"));
  CHECK_FALSE(same_id("1", "2"));
  CHECK_FALSE(same_id(R"("1")", R"("1.0")"));
  CHECK_FALSE(same_id("9007199254740993", "9007199254740991"));
  CHECK_FALSE(same_id("1e400", "1e401"));
  CHECK_FALSE(same_id("null", "0"));
  CHECK_FALSE(same_id("0", "null"));
  CHECK_FALSE(same_id("", "0"));
  CHECK_FALSE(same_id(R"("a")", R"("A")"));
}

}  // namespace
}  // namespace dogpipe::rpc
