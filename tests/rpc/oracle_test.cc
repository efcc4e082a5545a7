// RapidJSON as a second opinion on what is JSON. Where it is known not to follow RFC 8259 it is not
// asked: escapes of lone surrogates and exponents beyond a double's, which it rejects; NUL, which
// it takes for the end of the text; a byte of a BOM at the start, which it drops.
#include <doctest/doctest.h>
#include <rapidjson/encodedstream.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <random>
#include <string>

#include "corpus.h"

namespace dogpipe::rpc {
namespace {

using Random = std::mt19937_64;

enum class Opinion { json, no_json, none };

Opinion rapidjson_says(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return Opinion::none;
  if (text.find_first_of("\xEF\xBB\xBF") == 0) return Opinion::none;
  rapidjson::MemoryStream memory(text.data(), text.size());
  rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> stream(memory);
  rapidjson::GenericReader<rapidjson::UTF8<>, rapidjson::UTF8<>> reader;
  rapidjson::BaseReaderHandler<> handler;
  reader.Parse<rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag |
               rapidjson::kParseNumbersAsStringsFlag>(stream, handler);
  switch (reader.GetParseErrorCode()) {
    case rapidjson::kParseErrorNone:
      return Opinion::json;
    case rapidjson::kParseErrorNumberTooBig:
    case rapidjson::kParseErrorStringUnicodeSurrogateInvalid:
      return Opinion::none;
    default:
      return Opinion::no_json;
  }
}

std::size_t below(Random& random, std::size_t limit) { return random() % limit; }

template <std::size_t n>
const char* one_of(Random& random, const char* const (&choices)[n]) {
  return choices[below(random, n)];
}

std::string random_space(Random& random) {
  return one_of(random, {"", "", "", " ", "\n", "\t ", "\r\n  "});
}

std::string random_string(Random& random) {
  std::string out = "\"";
  for (std::size_t left = below(random, below(random, 8) == 0 ? 100 : 8); left != 0; --left) {
    out += one_of(random, {"a", "zz", " ", "]", "}", ",", ":", "\\n", "\\\"", "\\\\", "\\/",
                           "\\u00e9", "\\ud83d\\ude00", "\xC3\xA9", "\xE3\x81\x82",
                           "\xF0\x9F\x98\x80", "\x7F", "some longer text to fill a block"});
  }
  return out + "\"";
}

std::string random_scalar(Random& random) {
  if (below(random, 2) == 0) return random_string(random);
  return one_of(random, {"0", "-0", "1", "12", "-3.25", "1e5", "2E-7", "1.5e+10", "true", "false",
                         "null", "9007199254740993", "18446744073709551616"});
}

std::string random_value(Random& random, int depth) {
  const std::size_t kind = below(random, 4);
  if (depth == 0 || kind < 2) return random_scalar(random);
  const bool object = kind == 2;
  std::string out = object ? "{" : "[";
  for (std::size_t left = below(random, 5); left != 0; --left) {
    out += random_space(random);
    if (object) out += random_string(random) + random_space(random) + ":" + random_space(random);
    out += random_value(random, depth - 1) + random_space(random);
    if (left != 1) out += ",";
  }
  return out + random_space(random) + (object ? "}" : "]");
}

// One to three small injuries, of the kinds that break grammars.
std::string mutated(Random& random, std::string text) {
  static const std::string kBytes =
      "\"\\{}[],:0123456789.eE+-tfnu \n\r\t\x01\x1F\x80\xBF\xC2\xE0\xED\xF4\xFF/b";
  for (std::size_t left = 1 + below(random, 3); left != 0 && !text.empty(); --left) {
    const std::size_t at = below(random, text.size());
    const char byte = kBytes[below(random, kBytes.size())];
    switch (below(random, 5)) {
      case 0:
        text[at] = byte;
        break;
      case 1:
        text.insert(at, 1, byte);
        break;
      case 2:
        text.erase(at, 1);
        break;
      case 3:
        text.erase(at, 1 + below(random, 8));
        break;
      default:
        text.insert(below(random, text.size()), text.substr(at, below(random, 6)));
        break;
    }
  }
  return text;
}

bool is_json_in_pieces(Random& random, std::string_view text) {
  NoOutline ignored;
  Grammar grammar;
  while (!text.empty()) {
    const std::size_t size = std::min(1 + below(random, 40), text.size());
    grammar.feed(text.substr(0, size), ignored);
    text.remove_prefix(size);
  }
  return grammar.complete();
}

void compare(Random& random, const std::string& text) {
  const bool ours = is_json(text);
  CAPTURE(text);
  REQUIRE(is_json_in_pieces(random, text) == ours);
  const Opinion theirs = rapidjson_says(text);
  if (theirs != Opinion::none) REQUIRE(ours == (theirs == Opinion::json));
}

TEST_CASE("random documents are JSON to us and to RapidJSON") {
  Random random(1);
  for (int round = 0; round < 20000; ++round) {
    const std::string text = random_space(random) + random_value(random, 5) + random_space(random);
    REQUIRE(is_json(text));
    compare(random, text);
  }
}

TEST_CASE("random documents with injuries are JSON to us exactly where RapidJSON says so") {
  Random random(2);
  int json = 0;
  int no_json = 0;
  for (int round = 0; round < 100000; ++round) {
    const std::string text = mutated(random, random_value(random, 4));
    compare(random, text);
    ++(is_json(text) ? json : no_json);
  }
  // Both must come often, or the comparison says little.
  CHECK(json > 10000);
  CHECK(no_json > 10000);
}

}  // namespace
}  // namespace dogpipe::rpc
