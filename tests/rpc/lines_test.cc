#include "rpc/lines.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "corpus.h"

namespace dogpipe::rpc {
namespace {

// All lines of a stream that comes in pieces of `piece` bytes, described, with how it ended.
class Transcript {
 public:
  Transcript(std::string_view stream, std::size_t piece, std::size_t longest) : lines_(longest) {
    const Lines::OnLine add = [this](Line&& line) { this->add(line); };
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      lines_.feed(stream.substr(at, piece), add);
    }
    if (lines_.finish(add)) text_ += "dropped\n";
  }
  const std::string& text() const { return text_; }

 private:
  void add(const Line& line) {
    if (line.too_long) {
      text_ += "too long: " + std::string(line.envelope ? "readable" : "unreadable");
    } else {
      text_ += described(line.text.view(), line.envelope);
    }
    text_ += " [" + std::to_string(line.size) + "] " + std::string(line.id()) + "\n";
    CHECK(line.text.size() == (line.too_long ? 0 : line.size));
  }

  Lines lines_;
  std::string text_;
};

std::string transcript(std::string_view stream, std::size_t longest = 1000) {
  const std::string whole = Transcript(stream, stream.size() + 1, longest).text();
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    CAPTURE(piece);
    REQUIRE(Transcript(stream, piece, longest).text() == whole);
  }
  return whole;
}

const std::string kPing = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
const std::string kNote = R"({"jsonrpc":"2.0","method":"n"})";

TEST_CASE("each line is a message, by whatever line end") {
  CHECK(transcript(kPing + "\n" + kNote + "\r\n") ==
        "request, id 1, method ping [40] 1\nnotification, method n [30] \n");
}

TEST_CASE("lines of whitespace are skipped") {
  CHECK(transcript("\n\r\n  \n\t\r\n\r\r\n" + kNote + "\n\n \n") ==
        "notification, method n [30] \n");
  CHECK(transcript("  " + kNote + "\n") == "notification, method n [30] \n");
}

TEST_CASE("a CR inside a line is part of it") {
  CHECK(transcript("{\r\"jsonrpc\":\"2.0\",\"method\":\"n\"}\r\r\n") ==
        "notification, method n, several lines [32] \n");
  CHECK(transcript("{\"jsonrpc\":\"2.0\",\"method\":\"a\rb\"}\n") ==
        "parse: a control character in a JSON string, id  [32] \n");
}

TEST_CASE("a wrong line does not disturb the next") {
  CHECK(transcript("nonsense\n" + kNote + "\n\"\n" + kNote + "\n{\"id\":5}\n" + kNote + "\n") ==
        "parse: not the grammar of JSON, id  [8] \n"
        "notification, method n [30] \n"
        "parse: JSON that ends too early, id  [1] \n"
        "notification, method n [30] \n"
        "invalid: jsonrpc is missing, id 5 [8] 5\n"
        "notification, method n [30] \n");
}

TEST_CASE("at the end of input a complete message is a line, anything else is dropped") {
  CHECK(transcript(kNote) == "notification, method n [30] \n");
  CHECK(transcript(kNote + "\r") == "notification, method n [30] \n");
  CHECK(transcript("{\"id\":5}") == "invalid: jsonrpc is missing, id 5 [8] 5\n");
  CHECK(transcript(kNote + "\n" + kPing.substr(0, 20)) ==
        "notification, method n [30] \ndropped\n");
  CHECK(transcript("  \r") == "");
  CHECK(transcript("") == "");
}

TEST_CASE("a line up to the cap is kept, one beyond is counted and can still be answered") {
  const std::string front = R"({"jsonrpc":"2.0","id":"first","method":"m","params":[")";
  const std::string text = front + std::string(30, 'x') + "\"]}";
  CHECK(transcript(text + "\n", text.size()) == "request, id \"first\", method m, params [\"" +
                                                    std::string(30, 'x') + "\"] [" +
                                                    std::to_string(text.size()) + "] \"first\"\n");
  for (std::size_t cap = 0; cap < text.size(); ++cap) {
    const std::string lines = Transcript(text + "\r\n" + kNote + "\n", 7, cap).text();
    CHECK(lines.substr(0, lines.find('\n')) ==
          "too long: readable [" + std::to_string(text.size()) + "] \"first\"");
  }
}

TEST_CASE("the id of a line that is too long is found behind its params") {
  const std::string text =
      R"({"method":"m","params":[")" + std::string(100, 'x') + R"("],"id":77,"jsonrpc":"2.0"})";
  CHECK(transcript(text + "\n" + kNote + "\n", 30) == "too long: readable [" +
                                                          std::to_string(text.size()) +
                                                          "] 77\nnotification, method n [30] \n");
}

TEST_CASE("a line that is too long and no message is told from one that is") {
  CHECK(transcript(std::string(50, '[') + "\n" + kNote + "\n", 30) ==
        "too long: unreadable [50] \nnotification, method n [30] \n");
}

TEST_CASE("a batch is one line") {
  CHECK(transcript("[" + kNote + "," + kPing + "]\n") == "batch [73] \n");
}

TEST_CASE("every message of the corpus comes through lines as it does alone") {
  for (const std::string& text : corpus()) {
    if (text.find_first_of("\r\n") != std::string::npos || text.empty() || text[0] == ' ') continue;
    const std::string lines = transcript(text + "\n");
    CHECK(lines.substr(0, lines.rfind(" [")) == described(text));
  }
}

}  // namespace
}  // namespace dogpipe::rpc
