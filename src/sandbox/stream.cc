#include "sandbox/stream.h"

#include <fmt/format.h>

#include <utility>

#include "json/reader.h"
#include "json/writer.h"

namespace dogpipe::sandbox {

std::string write_event(std::string_view id, std::string_view data, std::string_view line_end,
                        bool spread) {
  std::string laid_out;
  if (spread) {
    if (const auto document = json::read(data, {.bytes = data.size(), .depth = 1024})) {
      laid_out = json::write(document->root(), json::Writer::Layout::pretty);
      data = laid_out;
    }
  }
  std::string event;
  event.reserve(data.size() + 64);
  if (!data.empty()) event.append("event: message").append(line_end);
  if (!id.empty()) event.append("id: ").append(id).append(line_end);
  for (std::size_t begin = 0;;) {
    const std::size_t end = data.find('\n', begin);
    event.append("data: ").append(data.substr(begin, end - begin)).append(line_end);
    if (end == std::string_view::npos) break;
    begin = end + 1;
  }
  return event.append(line_end);
}

Stream::Stream(event::Loop& loop, const Quirks& quirks, Ledger& ledger, std::string id,
               const Shape& shape)
    : quirks_(quirks),
      ledger_(ledger),
      id_(std::move(id)),
      ids_(shape.ids && quirks.event_ids),
      cut_in_(shape.cut_after),
      comments_(loop, [this] { comment(); }) {
  if (shape.prime && ids_) {
    events_.push_back(write_event(id_ + "-1", "", quirks_.sse_line_end, false));
    if (cut_in_ > 0) ++cut_in_;  // it does not count
  }
  if (quirks_.comments.count() > 0) comments_.start(quirks_.comments);
}

Stream::~Stream() { close(); }

void Stream::attach(event::HttpAnswer answer, std::size_t after, const event::HttpFields& fields) {
  close();
  answer_ = std::move(answer);
  counted_ = true;
  ++ledger_.open_streams;
  answer_.on_gone([this] {
    close();
    if (gone_) gone_();
  });
  event::HttpFields all = fields;
  all.add("Content-Type", "text/event-stream");
  all.add("Cache-Control", "no-cache, no-transform");
  answer_.start_stream(200, std::move(all));
  if (quirks_.retry) {
    answer_.write(fmt::format("retry: {}{}{}", quirks_.retry->count(), quirks_.sse_line_end,
                              quirks_.sse_line_end));
  }
  sent_ = std::min(after, events_.size());
  deliver();
  if (finished_ && attached()) finish();
}

void Stream::send(std::string_view json) {
  const std::string id = ids_ ? fmt::format("{}-{}", id_, events_.size() + 1) : "";
  events_.push_back(write_event(id, json, quirks_.sse_line_end, spread_ || quirks_.multi_line_sse));
  bytes_ += events_.back().size();
  deliver();
}

void Stream::deliver() {
  while (attached() && sent_ < events_.size()) {
    answer_.write(events_[sent_++]);
    if (!ids_) events_[sent_ - 1] = {};
    if (cut_in_ > 0 && --cut_in_ == 0) return cut();
  }
}

void Stream::finish() {
  finished_ = true;
  if (!attached() || sent_ < events_.size() || quirks_.keep_stream_open) return;
  answer_.end();
  close();
}

void Stream::cut() {
  if (quirks_.cut_style == CutStyle::end) answer_.end();
  close();
}

void Stream::close() {
  if (!std::exchange(counted_, false)) return;
  --ledger_.open_streams;
  answer_ = event::HttpAnswer();
}

void Stream::comment() {
  if (attached()) answer_.write(": still here" + quirks_.sse_line_end);
  comments_.start(quirks_.comments);
}

}  // namespace dogpipe::sandbox
