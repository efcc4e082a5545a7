#include "rpc/text.h"

#include <doctest/doctest.h>

#include <string>

#include "corpus.h"

namespace dogpipe::rpc {
namespace {

TEST_CASE("a string token stands for its text") {
  CHECK(string_value(R"("")") == "");
  CHECK(string_value(R"("plain")") == "plain");
  CHECK(string_value(R"("\"\\\/\b\f\n\r\t")") == "\"\\/\b\f\n\r\t");
  CHECK(string_value(R"("\u0041\u00e9\u20AC\ud83d\ude00")") ==
        "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
  CHECK(string_value(R"("a\u0000b")") == std::string("a\0b", 3));
  CHECK(string_value("\"\xC3\xA9\"") == "\xC3\xA9");
}

TEST_CASE("a lone surrogate becomes U+FFFD") {
  CHECK(string_value(R"("\ud800")") == "\xEF\xBF\xBD");
  CHECK(string_value(R"("\udc00x")") == "\xEF\xBF\xBDx");
  CHECK(string_value(R"("\ud800\ud83d\ude00")") == "\xEF\xBF\xBD\xF0\x9F\x98\x80");
  CHECK(string_value(R"("\udc00\udc00")") == "\xEF\xBF\xBD\xEF\xBF\xBD");
  CHECK(string_value(R"("\ud800\u0041")") ==
        "\xEF\xBF\xBD"
        "A");
  CHECK(string_value(R"("\ud800\n")") == "\xEF\xBF\xBD\n");
  CHECK(string_value(R"("\ud800\\ud83d")") == "\xEF\xBF\xBD\\ud83d");
}

TEST_CASE("other values have no text") {
  for (const char* raw : {"", "1", "null", "{}", "[\"a\"]", "\""}) {
    CHECK_FALSE(string_value(raw).has_value());
  }
}

TEST_CASE("a token spells exactly its text") {
  CHECK(spells("", ""));
  CHECK(spells("id", "id"));
  CHECK(spells("tools\\/call", "tools/call"));
  CHECK(spells("\\u0069\\u0064", "id"));
  CHECK_FALSE(spells("ID", "id"));
  CHECK_FALSE(spells("idx", "id"));
  CHECK_FALSE(spells("i", "id"));
  CHECK_FALSE(spells("", "id"));
  CHECK_FALSE(spells("\\n", "\\n"));
  CHECK(spells("\\n", "\n"));
  CHECK(spells("\\\\n", "\\n"));
}

TEST_CASE("quoted text is a token that stands for it") {
  std::string all;
  for (char c = 0; c < 0x7F; ++c) all += c;
  all += "\x7F\xC3\xA9\xE2\x80\xA8\xF0\x9F\x98\x80";
  for (std::size_t begin = 0; begin < all.size(); ++begin) {
    const std::string text = all.substr(begin, all.find('\xC3') > begin ? std::string::npos : 0);
    CHECK(is_json(quoted(text)));
    CHECK(string_value(quoted(text)) == text);
  }
  CHECK(quoted("a\"b\\c\n\x01") == R"("a\"b\\c\n\u0001")");
}

TEST_CASE("quoting replaces what is no UTF-8") {
  CHECK(quoted("\xFF") == "\"\xEF\xBF\xBD\"");
  CHECK(quoted("a\xC3") == "\"a\xEF\xBF\xBD\"");
  CHECK(quoted("\xC3\"") == "\"\xEF\xBF\xBD\\\"\"");
  CHECK(quoted("\xED\xA0\x80") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string pair = {static_cast<char>(first), static_cast<char>(second)};
      REQUIRE(is_json(quoted(pair)));
    }
  }
}

}  // namespace
}  // namespace dogpipe::rpc
