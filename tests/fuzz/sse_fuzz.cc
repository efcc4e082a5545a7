// Any split of an event stream gives the same events, and nothing outside its bytes is read.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "http/sse.h"

namespace {

using dogpipe::http::SseReader;

struct Recorder final : SseReader::Events {
  void on_event_data(std::string_view piece) override { data += piece; }
  void on_event(std::string_view type) override {
    events.push_back(std::string(type) + '\0' + data);
    data.clear();
  }

  std::string data;
  std::vector<std::string> events;
};

struct Outcome {
  std::vector<std::string> events;
  std::string last_event_id;
  std::int64_t retry = -1;

  bool operator==(const Outcome&) const = default;
};

// The first byte of the input says how long the pieces are.
Outcome read(std::string_view text, std::size_t piece) {
  Recorder recorder;
  SseReader reader(recorder);
  for (std::size_t at = 0; at < text.size(); at += piece) reader.feed(text.substr(at, piece));
  Outcome outcome{recorder.events, reader.last_event_id()};
  if (const auto retry = reader.retry()) outcome.retry = retry->count();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = read(text, text.size());
  if (whole != read(text, 1) || whole != read(text, 1 + data[0] % 64)) std::abort();
  return 0;
}
