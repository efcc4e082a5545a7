#include "crypto/digest.h"

#include <doctest/doctest.h>

#include <string>

namespace dogpipe::crypto {
namespace {

TEST_CASE("the examples of FIPS 180-4") {
  struct Row {
    std::string text;
    const char* digest;
  };
  for (const Row& row : {
           Row{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
           Row{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
           Row{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
               "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
           Row{std::string(1'000'000, 'a'),
               "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
           Row{std::string(1, '\0'),
               "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
       }) {
    CAPTURE(row.text.substr(0, 64));
    CHECK(sha256_hex(row.text) == row.digest);
  }
}

TEST_CASE("the digest's bytes are those of its digits") {
  const auto digest = sha256("abc");
  CHECK(digest.front() == 0xba);
  CHECK(digest.back() == 0xad);
}

TEST_CASE("texts are equal only if every byte is") {
  CHECK(equal_in_constant_time("", ""));
  CHECK(equal_in_constant_time("state", "state"));
  CHECK_FALSE(equal_in_constant_time("state", "State"));
  CHECK_FALSE(equal_in_constant_time("state", "statf"));
  CHECK_FALSE(equal_in_constant_time("state", "stat"));
  CHECK_FALSE(equal_in_constant_time("stat", "state"));
  CHECK_FALSE(equal_in_constant_time("", "s"));
  CHECK_FALSE(equal_in_constant_time({"a\0b", 3}, {"a\0c", 3}));
}

}  // namespace
}  // namespace dogpipe::crypto
