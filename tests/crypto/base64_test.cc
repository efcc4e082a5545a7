#include "crypto/base64.h"

#include <doctest/doctest.h>

#include <array>
#include <string>

namespace dogpipe::crypto {
namespace {

TEST_CASE("the examples of RFC 4648 section 10") {
  struct Row {
    const char* bytes;
    const char* padded;
    const char* bare;
  };
  for (const Row& row : {
           Row{"", "", ""},
           Row{"f", "Zg==", "Zg"},
           Row{"fo", "Zm8=", "Zm8"},
           Row{"foo", "Zm9v", "Zm9v"},
           Row{"foob", "Zm9vYg==", "Zm9vYg"},
           Row{"fooba", "Zm9vYmE=", "Zm9vYmE"},
           Row{"foobar", "Zm9vYmFy", "Zm9vYmFy"},
       }) {
    CAPTURE(row.bytes);
    CHECK(base64(row.bytes) == row.padded);
    CHECK(base64url(std::string_view(row.bytes)) == row.bare);
    CHECK(*read_base64url(row.bare) == row.bytes);
  }
}

TEST_CASE("the alphabets differ in their last two digits") {
  CHECK(base64("\xfb\xff\xbe") == "+/++");
  CHECK(base64url(std::string_view("\xfb\xff\xbe")) == "-_--");
  const std::array<unsigned char, 3> bytes = {0xfb, 0xff, 0xbe};
  CHECK(base64url(bytes) == "-_--");
}

// RFC 7515 appendix C.
TEST_CASE("bytes of all kinds are written and read") {
  const std::string bytes("\x03\xec\xff\xe0\xc1", 5);
  CHECK(base64url(bytes) == "A-z_4ME");
  CHECK(*read_base64url("A-z_4ME") == bytes);
  std::string all;
  for (int byte = 0; byte < 256; ++byte) {
    all += static_cast<char>(byte);
    CAPTURE(byte);
    CHECK(*read_base64url(base64url(all)) == all);
  }
}

TEST_CASE("what base64url would not have written is refused") {
  for (const char* text : {
           "A",                                                    // no length of whole bytes
           "AAAAA", "Zg==", "Zm8=", "Zm9v=", "=",                  // padding
           "Zh", "Zm9", "Zm9vYh", "_w-",                           // bits left over
           "+/++", "Zm 9v", "Zm9v\n", "Zm9v.", "\xc3\xa9\xc3\xa9"  // other characters
       }) {
    CAPTURE(text);
    const auto bytes = read_base64url(text);
    REQUIRE_FALSE(bytes);
    CHECK(bytes.error().kind == base::Kind::malformed);
  }
  CHECK_FALSE(read_base64url({"AA\0A", 4}));
}

TEST_CASE("every text that is read is the one that is written") {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  int read = 0;
  for (const char first : kDigits) {
    for (const char second : kDigits) {
      const std::string text = {first, second};
      if (const auto bytes = read_base64url(text)) {
        ++read;
        CHECK(base64url(*bytes) == text);
      }
    }
  }
  CHECK(read == 256);
}

}  // namespace
}  // namespace dogpipe::crypto
