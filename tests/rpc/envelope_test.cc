#include "rpc/envelope.h"

#include <doctest/doctest.h>

#include <string>

#include "corpus.h"

namespace dogpipe::rpc {
namespace {

TEST_CASE("each shape of message is told with its parts as written") {
  CHECK(described(R"({"jsonrpc":"2.0","id":1,"method":"a\/b","params":{"x": [1 ,2]}})") ==
        R"(request, id 1, method a\/b, params {"x": [1 ,2]})");
  CHECK(described(R"({"params":[],"method":"m","id":"\u0031","jsonrpc":"2.0"})") ==
        R"(request, id "\u0031", method m, params [])");
  CHECK(described(R"({"jsonrpc":"2.0","method":"n"})") == "notification, method n");
  CHECK(described(R"({"jsonrpc":"2.0","id":1.0,"result":null})") ==
        "response, id 1.0, result null");
  CHECK(described(R"( { "jsonrpc" : "2.0" , "id" : 7 , "result" : "x" } )") ==
        R"(response, id 7, result "x")");
  CHECK(described(R"({"jsonrpc":"2.0","id":null,"error":{}})") == "error, id null, error {}");
  CHECK(described(R"({"jsonrpc":"2.0","error":{"code":1}})") == R"(error, error {"code":1})");
  CHECK(described(R"([{}])") == "batch");
  CHECK(described(R"([{"jsonrpc":"2.0"} , {}])") == "batch");
}

TEST_CASE("an empty method is there all the same") {
  const Scanned scanned = scan(R"({"jsonrpc":"2.0","method":""})");
  REQUIRE(scanned);
  CHECK(scanned->method);
}

TEST_CASE("JSON that is no message is refused as such, with its id where it has one") {
  CHECK(described("{}") == "invalid: jsonrpc is missing, id ");
  CHECK(described(R"({"id":1,"method":"x"})") == "invalid: jsonrpc is missing, id 1");
  CHECK(described(R"({"jsonrpc":2.0,"id":1,"method":"x"})") ==
        "invalid: jsonrpc is not \"2.0\", id 1");
  CHECK(described(R"({"jsonrpc":"2.0 ","id":"i","method":"x"})") ==
        "invalid: jsonrpc is not \"2.0\", id \"i\"");
  CHECK(described(R"({"jsonrpc":"2.0","id":1})") ==
        "invalid: not one of method, result and error, id 1");
  CHECK(described(R"({"jsonrpc":"2.0","id":1,"method":"x","result":1})") ==
        "invalid: not one of method, result and error, id 1");
  CHECK(described(R"({"jsonrpc":"2.0","id":1,"method":["x"]})") ==
        "invalid: method is no string, id 1");
  CHECK(described(R"({"jsonrpc":"2.0","method":"x","params":"p","id":1})") ==
        "invalid: params is neither object nor array, id 1");
  CHECK(described(R"({"jsonrpc":"2.0","method":"x","params":null,"id":1})") ==
        "invalid: params is neither object nor array, id 1");
  CHECK(described(R"({"jsonrpc":"2.0","id":null,"method":"x"})") == "invalid: id is null, id ");
  CHECK(described(R"({"jsonrpc":"2.0","id":true,"method":"x"})") ==
        "invalid: id is neither string nor number, id ");
  CHECK(described(R"({"jsonrpc":"2.0","id":{},"method":"x"})") ==
        "invalid: id is neither string nor number, id ");
  CHECK(described(R"({"jsonrpc":"2.0","result":1})") == "invalid: a result without id, id ");
  CHECK(described("[]") == "invalid: an empty batch, id ");
  CHECK(described("[{},[]]") == "invalid: an element of the batch is no object, id ");
  for (const char* text : {"1", "null", "\"x\"", "-1.5e3"}) {
    CHECK(described(text) == "invalid: neither a JSON object nor an array, id ");
  }
}

TEST_CASE("envelope members of any length are judged") {
  const std::string filler(2000, 'x');
  CHECK(described(R"({"jsonrpc":")" + filler + R"(","id":1,"method":"x"})") ==
        "invalid: jsonrpc is not \"2.0\", id 1");
  CHECK(described(R"({")" + filler + R"(":"","jsonrpc":"2.0","method":")" + filler + "\"}") ==
        "notification, method " + filler);
}

TEST_CASE("what looks like a response yields no id to answer with") {
  for (const char* text :
       {R"({"jsonrpc":"2.0","id":1,"result":1,"error":{}})",
        R"({"jsonrpc":"2.0","id":1,"error":"text"})", R"({"id":1,"result":1})"}) {
    const Scanned scanned = scan(text);
    REQUIRE_FALSE(scanned);
    CHECK(scanned.refusal().why == Refusal::Why::invalid);
    CHECK(scanned.refusal().id.empty());
  }
}

TEST_CASE("a member of the envelope that is there twice refuses the message") {
  const std::string twice = "invalid: a member of the envelope is there twice, id ";
  CHECK(described(R"({"jsonrpc":"2.0","id":1,"id":2,"method":"x"})") == twice);
  CHECK(described(R"({"jsonrpc":"2.0","id":1,"\u0069d":1,"method":"x"})") == twice);
  CHECK(described(R"({"jsonrpc":"2.0","id":1,"i\u0064":1,"id":3,"method":"x"})") == twice);
  CHECK(described(R"({"jsonrpc":"2.0","id":1,"method":"x","method":"y"})") == twice + "1");
  CHECK(described(R"({"jsonrpc":"2.0","jsonrpc":"2.0","id":1,"method":"x"})") == twice + "1");
  CHECK(described(R"({"jsonrpc":"2.0","id":1,"method":"x","params":{},"p\u0061rams":[]})") ==
        twice + "1");
  CHECK(described(R"({"jsonrpc":"2.0","id":1,"result":1,"result":1})") == twice);
  CHECK(described(R"({"jsonrpc":"2.0","id":1,"error":{},"error":{}})") == twice);
}

TEST_CASE("keys elsewhere, and keys that are not the envelope's, may be there twice") {
  CHECK(scan(R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"id":1,"id":2},"ID":1,"Id":2})"));
  CHECK(scan(R"({"jsonrpc":"2.0","method":"x","_meta":1,"_meta":2,"":1,"":2})"));
  CHECK(scan(R"({"jsonrpc":"2.0","id":1,"result":{"jsonrpc":1,"jsonrpc":2,"method":"x"}})"));
}

TEST_CASE("keys are case-sensitive and compared after unescaping") {
  CHECK_FALSE(scan(R"({"jsonrpc":"2.0","id":1,"Method":"x"})"));
  CHECK_FALSE(scan(R"({"JSONRPC":"2.0","id":1,"method":"x"})"));
  CHECK(
      described(
          R"({"\u006a\u0073\u006f\u006e\u0072\u0070\u0063":"2\u002e0","id":1,"m\u0065thod":"x"})") ==
      "request, id 1, method x");
}

TEST_CASE("broken JSON is refused as such even where it is no message either") {
  for (const char* text : {R"({"jsonrpc":"2.0","id":1,"id":2,"method":"x")", "{\"id\":1}}",
                           R"({"id":1,})", "[1", ""}) {
    const Scanned scanned = scan(text);
    REQUIRE_FALSE(scanned);
    CHECK(scanned.refusal().why == Refusal::Why::parse);
    CHECK(scanned.refusal().id.empty());
    CHECK(scanned.error().kind == base::Kind::malformed);
  }
}

TEST_CASE("a scanner is as new after each message") {
  Scanner scanner;
  for (int round = 0; round < 2; ++round) {
    for (const std::string& text : corpus()) {
      scanner.feed(text);
      CHECK(described(text, scanner.finish()) == described(text));
      scanner.feed(text.substr(0, text.size() / 2));
      scanner.reset();
    }
  }
}

TEST_CASE("a message in pieces of any size has the outcome it has as a whole") {
  for (const std::string& text : corpus()) {
    for (std::size_t size = 1; size <= text.size(); ++size) {
      CAPTURE(text);
      CAPTURE(size);
      REQUIRE(described_in_pieces(text, size) == described(text));
    }
  }
}

TEST_CASE("a message cut in three anywhere has the outcome it has as a whole") {
  for (const std::string& text : corpus()) {
    const std::string whole = described(text);
    const std::string_view view = text;
    for (std::size_t a = 0; a <= text.size(); ++a) {
      for (std::size_t b = a; b <= text.size(); ++b) {
        Scanner scanner;
        scanner.feed(view.substr(0, a));
        scanner.feed(view.substr(a, b - a));
        scanner.feed(view.substr(b));
        REQUIRE(described(text, scanner.finish()) == whole);
      }
    }
  }
}

TEST_CASE("an id longer than a scanner holds is there but not to answer with, in pieces or whole") {
  for (const std::size_t length : {1022u, 1023u, 1024u, 5000u}) {
    const std::string id = "\"" + std::string(length, 'i') + "\"";
    const std::string good = R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"x"})";
    const std::string bad = R"({"id":)" + id + R"(,"method":"x"})";
    CHECK(described(good) == "request, id " + id + ", method x");
    CHECK(scan(bad).refusal().id == (id.size() <= 1024 ? id : ""));
    for (const std::size_t size : {1u, 7u, 500u, 1023u, 1024u, 1025u}) {
      CHECK(described_in_pieces(good, size) == described(good));
      CHECK(described_in_pieces(bad, size) == described(bad));
    }
  }
}

}  // namespace
}  // namespace dogpipe::rpc
