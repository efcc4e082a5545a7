#include "rpc/grammar.h"

#include <doctest/doctest.h>

#include <iterator>
#include <random>
#include <string>

#include "corpus.h"

namespace dogpipe::rpc {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

// RFC 3629 by the book: decodes, then checks the range.
bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at++]);
    if (lead < 0x80) continue;
    const int left = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if (lead < 0xC0 || lead >= 0xF8) return false;
    unsigned code = lead & (0x3Fu >> left);
    for (int i = 0; i < left; ++i, ++at) {
      if (at == text.size() || (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80) return false;
      code = code << 6 | (static_cast<unsigned char>(text[at]) & 0x3Fu);
    }
    static constexpr unsigned kLeast[] = {0, 0x80, 0x800, 0x10000};
    if (code < kLeast[left] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return false;
  }
  return true;
}

TEST_CASE("what RFC 8259 allows is accepted") {
  for (const char* text : {"{}",
                           "[]",
                           "[[]]",
                           "[{}]",
                           "{\"\":{}}",
                           "null",
                           "true",
                           "false",
                           "0",
                           "\"\"",
                           " [] ",
                           "\t[\n1\r,2 ]",
                           "{ \"a\" : 1 , \"b\" : [ ] }",
                           "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]",
                           "[\"\\u0000\\uD834\\uDD1E\\uffff\"]",
                           "[\"\\ud800\"]",
                           "[\"\\udc00\\ud800x\"]",
                           "[\"\xE2\x80\xA8\xE2\x80\xA9\"]",
                           "[\"\x7F\"]",
                           "{\"a\":1,\"a\":2}",
                           "[1,-1,0,-0]",
                           "[1.5,0.25,-0.0]",
                           "[1e1,1E1,1e+1,1E-1,1.5e10,0e0,0E+1]",
                           "[\"\xEF\xBB\xBF\"]",
                           "[\"\xEF\xBF\xBF\xF4\x8F\xBF\xBF\"]",
                           "[true,false,null]",
                           "[[[[[[]]]]],{}]"}) {
    CAPTURE(text);
    CHECK(is_json(text));
  }
}

TEST_CASE("what RFC 8259 does not allow is rejected") {
  for (const char* text : {"",
                           " ",
                           "{",
                           "}",
                           "[",
                           "]",
                           "[}",
                           "{]",
                           "[1}",
                           "{\"a\":1]",
                           "[1,]",
                           "[,1]",
                           "[,]",
                           "[1,,2]",
                           "[1 2]",
                           "[1;2]",
                           "{,}",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{\"a\":1,}",
                           "{\"a\" 1}",
                           "{\"a\"::1}",
                           "{1:1}",
                           "{a:1}",
                           "{'a':1}",
                           "{null:1}",
                           "{\"a\":1 \"b\":2}",
                           "{[]:1}",
                           "[\"a\":1]",
                           "[] []",
                           "{}{}",
                           "[]]",
                           "{}}",
                           "1 2",
                           "nul",
                           "nulll",
                           "True",
                           "NaN",
                           "[NaN]",
                           "[Infinity]",
                           "[-Infinity]",
                           "[undefined]",
                           "[tru]",
                           "[truee]",
                           "[01]",
                           "[-01]",
                           "[00]",
                           "[+1]",
                           "[.5]",
                           "[1.]",
                           "[1.e1]",
                           "[-.5]",
                           "[-]",
                           "[--1]",
                           "[1e]",
                           "[1e+]",
                           "[1e1.5]",
                           "[0x10]",
                           "[1_000]",
                           "[1e1e1]",
                           "[1.2.3]",
                           "[0-1]",
                           "[1+1]",
                           "[-a]",
                           "\"",
                           "\"a",
                           "[\"a]",
                           "[\"\\\"]",
                           "[\"\\x\"]",
                           "[\"\\u12\"]",
                           "[\"\\u12g4\"]",
                           "[\"\\U1234\"]",
                           "[\"\\'\"]",
                           "[\"\\0\"]",
                           "[\"\\",
                           "['a']",
                           "[\"a\nb\"]",
                           "[\"a\tb\"]",
                           "[\"\x1F\"]",
                           "[\"a\" \"b\"]",
                           "[1]//",
                           "/**/[1]",
                           "[1]#",
                           "\xEF\xBB\xBF[]",
                           "\xFE\xFF",
                           "[\xC2\xA0]",
                           "[\x0C]",
                           "[\v1]",
                           "*",
                           "-",
                           "1.",
                           "1e",
                           "[1\xC3\xA9]"}) {
    CAPTURE(text);
    CHECK_FALSE(is_json(text));
  }
}

TEST_CASE("NUL is rejected wherever it stands") {
  for (const std::string& text :
       {std::string("[\"a\"]"), std::string("[1,2]"), std::string("{\"a\":true}")}) {
    for (std::size_t at = 0; at <= text.size(); ++at) {
      std::string with_nul = text;
      with_nul.insert(at, 1, '\0');
      CHECK_FALSE(is_json(with_nul));
    }
  }
}

TEST_CASE("numbers that doubles cannot hold are JSON all the same") {
  const std::string zeros(39, '0');
  for (const std::string& number :
       {std::string("9007199254740993"), std::string("18446744073709551616"), std::string("-0"),
        std::string("1e400"), std::string("0e99999999999"), std::string("0.30000000000000004"),
        "0." + zeros + "1e-2147483639", std::string(100000, '7'), "1e" + std::string(1000, '9')}) {
    CHECK(is_json(number));
    CHECK(is_json("[" + number + "]"));
    CHECK_FALSE(is_json("[" + number + "x]"));
  }
}

TEST_CASE("nesting of 512 is accepted, of 513 rejected") {
  CHECK(is_json(repeated("[", 512) + repeated("]", 512)));
  CHECK_FALSE(is_json(repeated("[", 513) + repeated("]", 513)));
  CHECK(is_json(repeated("{\"a\":[", 256) + repeated("]}", 256)));
  CHECK_FALSE(is_json(repeated("{\"a\":[", 256) + "[]" + repeated("]}", 256)));
  CHECK_FALSE(is_json(repeated("[{\"a\":", 256) + repeated("]}", 256)));
  CHECK(is_json("[" + repeated("[],[[]],", 1000) + "1]"));
}

TEST_CASE("a million brackets are rejected without recursion") {
  CHECK_FALSE(is_json(repeated("[", 1000000)));
  CHECK_FALSE(is_json(repeated("{\"a\":", 1000000)));
}

TEST_CASE("all pairs of bytes in a string are judged as RFC 3629 has it") {
  for (int first = 0x20; first < 256; ++first) {
    for (int second = 0x20; second < 256; ++second) {
      const std::string pair = {static_cast<char>(first), static_cast<char>(second)};
      if (pair.find_first_of("\"\\") != std::string::npos) continue;
      const bool expected = is_utf8(pair);
      REQUIRE(is_json("\"" + pair + "\"") == expected);
      REQUIRE(is_json("\"" + pair + " and more behind it\"") == expected);
    }
  }
}

TEST_CASE("three and four bytes round every boundary are judged as RFC 3629 has it") {
  static constexpr unsigned char kEdges[] = {0x20, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF,
                                             0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED,
                                             0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF};
  for (const auto a : kEdges) {
    for (const auto b : kEdges) {
      for (const auto c : kEdges) {
        for (const auto d : kEdges) {
          const std::string four = {static_cast<char>(a), static_cast<char>(b),
                                    static_cast<char>(c), static_cast<char>(d)};
          const bool expected = is_utf8(four);
          REQUIRE(is_json("\"" + four + "\"") == expected);
          REQUIRE(is_json("\"" + four + std::string(70, 'x') + "\"") == expected);
          REQUIRE(is_json("\"" + repeated("\xE3\x81\x82", 30) + four + "\"") == expected);
        }
      }
    }
  }
}

TEST_CASE("sequences of Markus Kuhn's stress test are judged right") {
  for (const char* good : {"\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5", "\xC2\x80",
                           "\xE0\xA0\x80", "\xF0\x90\x80\x80", "\xDF\xBF", "\xED\x9F\xBF",
                           "\xEE\x80\x80", "\xEF\xBF\xBD", "\xEF\xBF\xBE"}) {
    CHECK(is_json("\"" + std::string(good) + "\""));
  }
  for (const char* bad : {"\xF8\x88\x80\x80\x80",
                          "\xFC\x84\x80\x80\x80\x80",
                          "\xF4\x90\x80\x80",
                          "\x80",
                          "\xBF",
                          "\x80\xBF\x80",
                          "\xC0 ",
                          "\xE0 ",
                          "\xF0 ",
                          "\xC0",
                          "\xE0\x80",
                          "\xF0\x80\x80",
                          "\xDF",
                          "\xEF\xBF",
                          "\xF7\xBF\xBF",
                          "\xFE",
                          "\xFF",
                          "\xC0\xAF",
                          "\xE0\x80\xAF",
                          "\xF0\x80\x80\xAF",
                          "\xC1\xBF",
                          "\xE0\x9F\xBF",
                          "\xF0\x8F\xBF\xBF",
                          "\xC0\x80",
                          "\xED\xA0\x80",
                          "\xED\xBF\xBF",
                          "\xED\xA0\x80\xED\xB0\x80"}) {
    CHECK_FALSE(is_json("\"" + std::string(bad) + "\""));
    CHECK_FALSE(is_json("\"" + std::string(bad) + std::string(40, 'x') + "\""));
  }
}

TEST_CASE("random text, sound and with one wrong byte, is judged as RFC 3629 has it") {
  static const char* const kPieces[] = {"a",
                                        " ",
                                        "\x7F",
                                        "\xC2\x80",
                                        "\xDF\xBF",
                                        "\xD0\xB6",
                                        "\xE3\x81\x82",
                                        "\xE3\x81\x82",
                                        "\xE1\x80\x80",
                                        "\xE0\xA0\x80",
                                        "\xED\x9F\xBF",
                                        "\xEF\xBF\xBF",
                                        "\xEE\x80\x80",
                                        "\xF0\x90\x80\x80",
                                        "\xF4\x8F\xBF\xBF"};
  std::mt19937_64 random(3);
  int sound = 0;
  for (int round = 0; round < 200000; ++round) {
    // Few kinds of piece in one text, so that there are runs of each.
    const std::size_t first = random() % std::size(kPieces);
    const std::size_t kinds = 1 + random() % 3;
    std::string text;
    for (std::size_t left = random() % 40; left != 0; --left) {
      text += kPieces[(first + random() % kinds) % std::size(kPieces)];
    }
    REQUIRE(is_json("\"" + text + "\""));
    if (text.empty()) continue;
    char& byte = text[random() % text.size()];
    byte = static_cast<char>(random() % 2 == 0
                                 ? 0x80 + random() % 0x80
                                 : static_cast<unsigned char>(byte) ^ (1U << random() % 8));
    if (static_cast<unsigned char>(byte) < 0x20 || byte == '"' || byte == '\\') continue;
    REQUIRE(is_json("\"" + text + "\"") == is_utf8(text));
    sound += is_utf8(text) ? 1 : 0;
  }
  CHECK(sound > 10000);
}

TEST_CASE("a string may end, and be wrong, at each place of a block") {
  for (std::size_t at = 0; at <= 70; ++at) {
    CAPTURE(at);
    const std::string text(at, 'x');
    const std::string behind(70 - at, 'y');
    CHECK(is_json("\"" + text + "\""));
    CHECK_FALSE(is_json("\"" + text + "\"" + behind + "\""));
    CHECK(is_json("\"" + text + "\\\"" + behind + "\""));
    CHECK(is_json("\"" + text + "\\u0041\\\\" + behind + "\""));
    CHECK_FALSE(is_json("\"" + text + "\\q" + behind + "\""));
    CHECK_FALSE(is_json("\"" + text + "\n" + behind + "\""));
    CHECK_FALSE(is_json("\"" + text + "\x1F" + behind + "\""));
    CHECK(is_json("\"" + text + "\x7F" + behind + "\""));
    for (const std::string good : {"\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"}) {
      CHECK(is_json("\"" + text + good + behind + "\""));
      CHECK(is_json("\"" + text + good + good + "\\n" + behind + "\""));
      CHECK_FALSE(is_json("\"" + text + good.substr(0, good.size() - 1) + behind + "\""));
      CHECK_FALSE(is_json("\"" + text + good + "\xBF" + behind + "\""));
    }
  }
}

TEST_CASE("whitespace and line ends are told apart") {
  NoOutline ignored;
  Grammar grammar;
  grammar.feed("[ 1,\t\"a\\n\" ]", ignored);
  CHECK_FALSE(grammar.multi_line());
  grammar.reset();
  for (const char* text : {"\n[]", "[]\r", "[1,\n2]", "{\"a\"\r:1}"}) {
    grammar.feed(text, ignored);
    CHECK(grammar.complete());
    CHECK(grammar.multi_line());
    grammar.reset();
  }
}

TEST_CASE("the flaw is named") {
  const auto flaw = [](std::string_view text) {
    NoOutline ignored;
    Grammar grammar;
    grammar.feed(text, ignored);
    CHECK_FALSE(grammar.complete());
    return std::string(grammar.flaw());
  };
  CHECK(flaw("") == "no text at all");
  CHECK(flaw("[1") == "JSON that ends too early");
  CHECK(flaw("[1,]") == "not the grammar of JSON");
  CHECK(flaw("[1.]") == "not a JSON number");
  CHECK(flaw("[\"\xFF\"]") == "not UTF-8");
  CHECK(flaw(repeated("[", 600)) == "JSON nested too deep");
}

}  // namespace
}  // namespace dogpipe::rpc
