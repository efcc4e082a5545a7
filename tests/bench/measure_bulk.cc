#include <algorithm>
#include <map>
#include <thread>

#include "measure.h"
#include "payload.h"

namespace bench {
namespace {

constexpr std::size_t kMegabyte = std::size_t{1} << 20;
constexpr std::size_t kLargest = 64 * kMegabyte;

double seconds_since(Clock::time_point at) {
  return std::chrono::duration<double>(Clock::now() - at).count();
}

const std::string& expected_text(std::size_t bytes) {
  static std::map<std::size_t, std::string> texts;
  auto& text = texts[bytes];
  if (text.empty()) text = bulk_text(bytes);
  return text;
}

std::string bulk_arguments(std::size_t bytes, bool as_events) {
  return R"("arguments":{"bytes":)" + std::to_string(bytes) + (as_events ? R"(,"sse":true})" : "}");
}

// The whole line where the bridge must not touch it, the payload where it may print anew.
bool is_expected(std::string_view line, std::uint64_t id, std::size_t bytes, Era era,
                 bool verbatim) {
  const auto& text = expected_text(bytes);
  if (!verbatim) return result_text(line) == text;
  const auto head = R"({"jsonrpc":"2.0","id":)" + std::to_string(id) +
                    R"(,"result":{"content":[{"type":"text","text":")";
  const auto tail = result_close(era);
  return line.size() == head.size() + text.size() + tail.size() && line.starts_with(head) &&
         line.substr(head.size(), text.size()) == text && line.ends_with(tail);
}

// One result; `seconds` is from the request written to the last byte read.
Trouble fetch(Stand& stand, Bridge& bridge, std::size_t bytes, bool as_events, double& seconds) {
  std::string_view line;
  const auto arguments = bulk_arguments(bytes, as_events);
  const auto began = Clock::now();
  if (auto trouble = bridge.call(arguments, line)) return trouble;
  seconds = seconds_since(began);
  std::uint64_t id = message_id(line).value_or(0);
  if (is_expected(line, id, bytes, bridge.era(), stand.subject().verbatim)) return std::nullopt;
  return "wrong bytes in a result of " + std::to_string(bytes) + ": " +
         std::string{line.substr(0, 120)};
}

Trouble measure_size(Stand& stand, Bridge& bridge, std::size_t bytes, bool as_events,
                     const std::string& name, std::size_t times) {
  const auto suffix = std::string{as_events ? "_sse_" : "_json_"} + name;
  if (!stand.wants("bulk" + suffix)) return std::nullopt;
  double seconds = 0;
  // The first makes the server build its text, and shows how many there is time for.
  if (auto trouble = fetch(stand, bridge, bytes, as_events, seconds)) return trouble;
  constexpr double kMostSeconds = 8;
  if (seconds * static_cast<double>(times) > kMostSeconds) times = 1;
  const auto cpu_before = bridge.cpu_seconds();
  double total = 0;
  for (std::size_t i = 0; i < times; ++i) {
    if (auto trouble = fetch(stand, bridge, bytes, as_events, seconds)) return trouble;
    total += seconds;
  }
  const auto megabytes = static_cast<double>(bytes * times) / 1e6;
  stand.add("bulk" + suffix, megabytes / total);
  stand.add("bulk_cpu" + suffix, (bridge.cpu_seconds() - cpu_before) * 1e3 / megabytes);
  return std::nullopt;
}

// Takes the next data line off an event stream as the server writes it.
std::string_view next_event(std::string_view& stream) {
  constexpr std::string_view kOpen = "event: message\ndata: ";
  stream.remove_prefix(std::min(kOpen.size(), stream.size()));
  const auto line = stream.substr(0, stream.find('\n'));
  stream.remove_prefix(std::min(line.size() + 2, stream.size()));
  return line;
}

bool same_progress(std::string_view a, std::string_view b) {
  const auto number = [](std::string_view line) {
    constexpr std::string_view kName = R"("progress":)";
    const auto at = line.find(kName);
    if (at == std::string_view::npos) return std::string_view{};
    line.remove_prefix(at + kName.size());
    return line.substr(0, line.find_first_of(",}"));
  };
  return number(a) == number(b);
}

// Every event must stand where it was sent, before the result of call `id`.
Trouble check_events(Host& host, std::string_view token, std::uint64_t count, std::uint64_t id,
                     bool verbatim) {
  const auto all = progress_events(token, count);
  std::string_view expected = all;
  std::uint64_t seen = 0;
  while (const auto line = host.take_line()) {
    if (message_id(*line) == id) {
      if (seen == count) return std::nullopt;
      return "lost events: " + std::to_string(seen) + " of " + std::to_string(count) + " came";
    }
    if (line->find("notifications/progress") == std::string_view::npos) continue;
    const auto wanted = next_event(expected);
    if (verbatim ? *line != wanted : !same_progress(*line, wanted)) {
      return "not the event that comes next: " + std::string{line->substr(0, 200)};
    }
    ++seen;
  }
  return "the result is missing";
}

struct Flood {
  double seconds = 0;
  double cpu_seconds = 0;
};

// All lines are kept and looked at when the clock has stopped.
Trouble flood(Stand& stand, Bridge& bridge, std::uint64_t count, Flood& figures) {
  const std::string_view token = "flood";
  const auto id = bridge.take_id();
  std::string request;
  append_call(
      request, id,
      R"("_meta":{"progressToken":"flood"},"arguments":{"progress":)" + std::to_string(count) + "}",
      bridge.era());
  const auto cpu_before = bridge.cpu_seconds();
  const auto began = Clock::now();
  const auto deadline = patience();
  if (!bridge.host().send(request, deadline)) return "went away before the events";
  do {  // bounded by the deadline of fill()
    if (!bridge.host().fill(deadline)) return "never answered after its events";
  } while (message_id(bridge.host().last_line()) != id);
  figures.seconds = seconds_since(began);
  figures.cpu_seconds = bridge.cpu_seconds() - cpu_before;
  return check_events(bridge.host(), token, count, id, stand.subject().verbatim);
}

double grown_mb(pid_t pid, std::int64_t rss_before_kib) {
  return static_cast<double>(process::peak_rss_kib(pid) - rss_before_kib) / 1024;
}

void settle() { std::this_thread::sleep_for(std::chrono::milliseconds{200}); }

}  // namespace

Trouble measure_bulk(Stand& stand, const Scale& scale) {
  struct Size {
    const char* name;
    std::size_t bytes;
  };
  std::optional<Bridge> bridge;
  if (auto trouble = stand.start(bridge)) return trouble;
  bridge->host().make_room(kLargest + kMegabyte);
  for (const auto& size : {Size{"100k", 100 << 10}, Size{"1m", kMegabyte},
                           Size{"10m", 10 * kMegabyte}, Size{"64m", kLargest}}) {
    const auto times = std::clamp<std::size_t>(scale.bulk_bytes / size.bytes, 2, 200);
    for (const bool as_events : {false, true}) {
      if (auto trouble = measure_size(stand, *bridge, size.bytes, as_events, size.name, times)) {
        return trouble;
      }
    }
  }
  return std::nullopt;
}

// Each form of result finds a bridge of its own, still at its smallest.
Trouble measure_peak(Stand& stand, const Scale&) {
  for (const bool as_events : {false, true}) {
    std::optional<Bridge> bridge;
    if (auto trouble = stand.start(bridge)) return trouble;
    settle();
    process::forget_peak(bridge->pid());
    const auto before_kib = process::peak_rss_kib(bridge->pid());
    double seconds = 0;
    if (auto trouble = fetch(stand, *bridge, kLargest, as_events, seconds)) return trouble;
    const auto grown = grown_mb(bridge->pid(), before_kib);
    const std::string form = as_events ? "_sse" : "_json";
    stand.add("peak_rss_mb" + form, static_cast<double>(before_kib) / 1024 + grown);
    stand.add("peak_growth_x" + form, grown / (static_cast<double>(kLargest) / kMegabyte));
  }
  return std::nullopt;
}

Trouble measure_progress(Stand& stand, const Scale& scale) {
  std::optional<Bridge> bridge;
  if (auto trouble = stand.start(bridge)) return trouble;
  bridge->host().make_room(static_cast<std::size_t>(scale.progress) * 160);
  Flood figures;
  // A first small one, so that growth is what the number of events costs, not the first event.
  if (auto trouble = flood(stand, *bridge, 1000, figures)) return trouble;
  settle();
  process::forget_peak(bridge->pid());
  const auto before_kib = process::peak_rss_kib(bridge->pid());
  if (auto trouble = flood(stand, *bridge, scale.progress, figures)) return trouble;
  stand.add("progress_growth_mb", grown_mb(bridge->pid(), before_kib));
  // Once more for the speed, now that the server has its events at hand.
  if (auto trouble = flood(stand, *bridge, scale.progress, figures)) return trouble;
  const auto count = static_cast<double>(scale.progress);
  stand.add("progress_s", count / figures.seconds);
  stand.add("progress_cpu_us", figures.cpu_seconds * 1e6 / count);
  stand.add("progress_delivered", count);
  return std::nullopt;
}

}  // namespace bench
