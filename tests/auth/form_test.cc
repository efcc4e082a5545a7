#include "auth/form.h"

#include <doctest/doctest.h>

#include <string>

namespace dogpipe::auth {
namespace {

std::string all_bytes() {
  std::string out;
  for (int byte = 0; byte < 256; ++byte) out += static_cast<char>(byte);
  return out;
}

TEST_CASE("the example of RFC 6749 appendix B") {
  const std::string text = " %&+\xC2\xA3\xE2\x82\xAC";
  CHECK(form_encoded(text) == "+%25%26%2B%C2%A3%E2%82%AC");
  CHECK(form_decoded("+%25%26%2B%C2%A3%E2%82%AC") == text);
}

TEST_CASE("letters, digits and four signs go as they are, nothing else does") {
  const std::string plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._*";
  CHECK(form_encoded(plain) == plain);
  CHECK(form_encoded("~/:=?#@!'()\r\n") == "%7E%2F%3A%3D%3F%23%40%21%27%28%29%0D%0A");
  CHECK(form_encoded({}).empty());
}

TEST_CASE("every byte comes back") {
  CHECK(form_decoded(form_encoded(all_bytes())) == all_bytes());
}

TEST_CASE("digits of either case decode; a percent sign without two of them does not") {
  CHECK(form_decoded("%7e%7E%00x") == std::string("~~\0x", 4));
  CHECK(form_decoded("a=b&c") == "a=b&c");
  for (const char* text : {"%", "a%", "%4", "%4g", "%g4", "%%41", "%+1", "% 1", "%-1", "%0x"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(form_decoded(text));
  }
}

TEST_CASE("a form joins its fields in their order") {
  Form form;
  CHECK(form.take().empty());
  form.add("a", "1 2").add_unless_empty("none", "").add("b&", "").add_unless_empty("c", "=");
  CHECK(form.take().reveal() == "a=1+2&b%26=&c=%3D");
}

}  // namespace
}  // namespace dogpipe::auth
