#include "rpc/one_line.h"

#include <doctest/doctest.h>

#include <string>

#include "corpus.h"

namespace dogpipe::rpc {
namespace {

std::string one_line_of(std::string_view text) {
  const Scanned scanned = scan(text);
  REQUIRE(scanned);
  base::Bytes bytes{text};
  Envelope envelope = *scanned;
  one_line(bytes, envelope);
  // The offsets moved along: a new scan finds the same.
  CHECK(described(bytes.view(), Scanned(envelope)) == described(bytes.view()));
  return std::string(bytes.view());
}

TEST_CASE("a pretty-printed message becomes one line") {
  CHECK(
      one_line_of("\r\n{\n  \"jsonrpc\": \"2.0\",\n  \"id\" : \"a b\",\n\t\"method\": \"x y\",\r\n"
                  "  \"params\": {\n    \"k\\\" \": [ 1, 2 ,\n \"\\\\\" , \"\\n\" ]\n  }\n}\n") ==
      R"({"jsonrpc":"2.0","id":"a b","method":"x y","params":{"k\" ":[1,2,"\\","\n"]}})");
  CHECK(one_line_of("{ \"id\":1 , \"result\" :\n\"a  b\" , \"jsonrpc\":\"2.0\"}") ==
        R"({"id":1,"result":"a  b","jsonrpc":"2.0"})");
  CHECK(one_line_of("[ {\n} , { } ]") == "[{},{}]");
}

TEST_CASE("a message that is one line already stays as it is") {
  const std::string text = R"({"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"a b"}})";
  CHECK(one_line_of(text) == text);
}

TEST_CASE("each message of the corpus keeps its parts") {
  for (const std::string& text : corpus()) {
    if (!scan(text)) continue;
    const std::string line = one_line_of(text);
    CHECK(line.find_first_of("\r\n") == std::string::npos);
    CHECK(one_line_of(line) == line);
  }
}

}  // namespace
}  // namespace dogpipe::rpc
