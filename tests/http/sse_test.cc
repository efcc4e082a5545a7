#include "http/sse.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace dogpipe::http {
namespace {

// Everything that a stream reports, in one line: "type|data;" for each event, then "(id)" and
// "(id, retry)".
class Reading final : private SseReader::Events {
 public:
  void feed(std::string_view more) { reader_.feed(more); }

  std::string text() const {
    std::string out = text_ + '(' + reader_.last_event_id();
    if (reader_.retry()) out += ", " + std::to_string(reader_.retry()->count());
    return out + ')';
  }
  const std::string& unfinished() const { return data_; }

 private:
  void on_event_data(std::string_view piece) override { data_ += piece; }
  void on_event(std::string_view type) override {
    text_ += std::string(type) + '|' + data_ + ';';
    data_.clear();
  }

  std::string data_;
  std::string text_;
  SseReader reader_{static_cast<SseReader::Events&>(*this)};
};

std::string read(std::string_view stream) {
  Reading reading;
  reading.feed(stream);
  return reading.text();
}

TEST_CASE("events are read as the standard has them") {
  const struct {
    std::string_view stream, events;
  } rows[] = {
      {"data: a\n\n", "|a;()"},
      {"data:a\n\n", "|a;()"},
      {"data:  a \n\n", "| a ;()"},
      {"data: a\ndata: b\ndata:\ndata: c\n\n", "|a\nb\n\nc;()"},
      {"data\ndata\n\n", "|\n;()"},
      {"data: a\ndata\n\n", "|a\n;()"},
      {"event: x\ndata: a\n\ndata: b\n\n", "x|a;|b;()"},
      {"event:x\nevent: y\ndata: a\n\n", "y|a;()"},
      {"event\ndata: a\n\n", "|a;()"},
      {"id: 1\ndata: a\n\n", "|a;(1)"},
      {"id: 1\ndata: a\n\ndata: b\n\n", "|a;|b;(1)"},
      {"id: 1\ndata: a\n\nid\ndata: b\n\n", "|a;|b;()"},
      {"id: 1\ndata: a\n\nid:\n\n", "|a;()"},
      {"id: 1\ndata: a\n\nid: 2\n", "|a;(1)"},
      {"retry: 250\n\n", "(, 250)"},
      {"retry: 25x\nretry: -1\nretry: +1\nretry:\nretry: 1.5\nretry:  7\n\n", "()"},
      {"retry: 99999999999999999999\n\n", "()"},
      {"retry: 3\nretry: x\n\n", "(, 3)"},
      {"retry: 9300000000000\n\n", "(, 3600000)"},
      {": comment\n:\n\ndata: a\n\n", "|a;()"},
      {"dat: a\ndatabase: b\nDATA: c\n data: d\nxdata: e\n\n", "()"},
      {"\n\n\ndata: a\n\n\n", "|a;()"},
      {"data: a: b\n\n", "|a: b;()"},
      {"\xef\xbb\xbf"
       "data: a\n\n",
       "|a;()"},
      {"\xef\xbb\xbf\n\xef\xbb\xbf"
       "data: a\n\n",
       "()"},
      {"\xef\xbb\xbf\xef\xbb\xbf"
       "data: a\n\n",
       "()"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.stream);
    CHECK(read(row.stream) == row.events);
  }
}

TEST_CASE("lines end with LF, CR or both") {
  const std::string_view stream = "id: 7\ndata: a\ndata: b\n\nevent: x\ndata: c\n\n";
  const std::string events = read(stream);
  CHECK(events == "|a\nb;x|c;(7)");
  for (const std::string_view end : {"\r", "\r\n"}) {
    std::string other;
    for (const char c : stream) other += c == '\n' ? std::string(end) : std::string(1, c);
    CHECK(read(other) == events);
  }
  CHECK(read("data: a\r\n\ndata: b\r\rdata: c\n\r") == "|a;|b;|c;()");
  CHECK(read("data: a\n\r\n") == "|a;()");
}

TEST_CASE("an event that is not ended by an empty line is not reported, nor is its id") {
  CHECK(read("id: 1\ndata: a\n\nid: 2\ndata: b\n") == "|a;(1)");
  CHECK(read("data: a") == "()");
  CHECK(read("data: a\n") == "()");
}

TEST_CASE("a priming event gives its id and nothing else") {
  CHECK(read("id: p1\ndata:\n\n") == "(p1)");
  CHECK(read("id: p1\ndata: \n\n") == "(p1)");
  CHECK(read("id: p1\ndata\n\n") == "(p1)");
  CHECK(read("id: p1\nretry: 5\n\n") == "(p1, 5)");
  CHECK(read("event: x\nid: p1\n\ndata: a\n\n") == "|a;(p1)");
}

TEST_CASE("an id that holds a NUL is ignored") {
  using std::string_literals::operator""s;
  CHECK(read("id: 1\n\nid: a\0b\ndata: a\n\n"s) == "|a;(1)");
  CHECK(read("id: \0\ndata: a\n\n"s) == "|a;()");
}

TEST_CASE("every split of a stream gives the same events") {
  using std::string_literals::operator""s;
  const std::string stream =
      "\xef\xbb\xbf: hi\r\nid: 1\ndata: {\"a\":1}\r\n\r\nevent: x\rdata: \xf0\x9f\x90\xb6\rdata\r\r"
      "data:\n\nid: p\ndata:\n\nretry: 40\ndata: b\n data: no\ndatax: no\ndata:c\n\n"
      "id: n\0l\ndata:  two\n\n\n\ndata: end\n\nid: cut\ndata: cut off"s;
  const std::string whole = read(stream);
  CHECK(whole == "|{\"a\":1};x|\xf0\x9f\x90\xb6\n;|b\nc;| two;|end;(p, 40)");
  for (std::size_t size = 1; size < stream.size(); ++size) {
    Reading reading;
    for (std::size_t at = 0; at < stream.size(); at += size) reading.feed(stream.substr(at, size));
    CAPTURE(size);
    CHECK(reading.text() == whole);
  }
  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (std::size_t second = first; second <= stream.size(); ++second) {
      Reading reading;
      reading.feed(stream.substr(0, first));
      reading.feed(stream.substr(first, second - first));
      reading.feed(stream.substr(second));
      if (reading.text() != whole) {
        CAPTURE(first);
        CAPTURE(second);
        CHECK(reading.text() == whole);
      }
    }
  }
}

TEST_CASE("data may be of any size and are handed on as they come") {
  const std::string large(1 << 20, 'x');
  Reading reading;
  reading.feed("data: ");
  for (std::size_t at = 0; at < large.size(); at += 1000) reading.feed(large.substr(at, 1000));
  CHECK(reading.unfinished() == large);
  reading.feed("\ndata: y\n\n");
  CHECK(reading.text() == '|' + large + "\ny;()");
}

TEST_CASE("what is not data is cut at 64 KiB, and the next line is read") {
  const std::string large(100'000, 'x');
  CHECK(read("id: " + large + "\ndata: a\n\n").size() == SseReader::kLongestField - 4 + 5);
  CHECK(read(large + "\ndata: a\n\n") == "|a;()");
  CHECK(read(":" + large + "\ndata: a\n\n") == "|a;()");
  std::string bytewise;
  Reading reading;
  for (const char c : "event: " + large + "\ndata: a\n\n") reading.feed({&c, 1});
  CHECK(reading.text().size() == SseReader::kLongestField - 7 + 5);
}

}  // namespace
}  // namespace dogpipe::http
