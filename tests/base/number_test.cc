#include "base/number.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

namespace dogpipe::base {
namespace {

TEST_CASE("a number is the double nearest to what is written") {
  struct Row {
    const char* text;
    double value;
  };
  const std::vector<Row> rows{
      {"0", 0},
      {"-0", 0},
      {"30", 30},
      {"007", 7},
      {"-1.5", -1.5},
      {".5", 0.5},
      {"5.", 5},
      {"1e3", 1000},
      {"1E+3", 1000},
      {"25e-2", 0.25},
      {"0.1", 0.1},
      {"9007199254740993", 9007199254740992},
      {"1.7976931348623157e308", std::numeric_limits<double>::max()},
      {"5e-324", std::numeric_limits<double>::denorm_min()},
      {"0e-999", 0},
      {"100000000000000000000000000000000000000000000000000000000000000000000e-66", 100},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto number = read_number(row.text);
    REQUIRE(number.has_value());
    CHECK(*number == row.value);
  }
}

TEST_CASE("what is no number, or no double can hold, is nothing") {
  for (const char* text :
       {"",       " ",   " 1",    "1 ", "+1",   "-",     "--1",    "-+1",    ".",        "e3",
        "1e",     "1e+", "1.2.3", "1-", "0x10", "0b1",   "inf",    "-inf",   "infinity", "nan",
        "NAN(1)", "1,5", "1_000", "1f", "one",  "1e400", "-1e400", "1e-400", "-1e-400"}) {
    CAPTURE(text);
    CHECK(!read_number(text).has_value());
  }
  CHECK(!read_number(std::string("1\0", 2)).has_value());
  CHECK(!read_number(std::string("1\0002", 3)).has_value());
}

TEST_CASE("a number ends where its text does, whatever lies behind") {
  CHECK(read_number(std::string_view("123456").substr(0, 3)) == 123);
}

}  // namespace
}  // namespace dogpipe::base
