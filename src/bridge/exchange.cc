#include "bridge/exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "mcp/headers.h"

namespace dogpipe::bridge {
namespace {

// Enough of an error page or object to recognize what it is about.
constexpr std::size_t kErrorBodyBytes = 4096;

bool is_success(int status) { return status >= 200 && status < 300; }

std::size_t read_size(std::string_view digits) {
  std::size_t size = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), size);
  return size;
}

}  // namespace

Exchange::Exchange(std::size_t longest_message, Listener& listener)
    : longest_message_(longest_message), listener_(listener), assembly_(longest_message) {}

void Exchange::start(http::Client& client, http::Request request) {
  transfer_ = client.send(std::move(request), *this);
}

void Exchange::on_head(const http::ResponseHead& head) {
  outcome_.status = head.status();
  outcome_.media_type = head.media_type();
  outcome_.session_id = head.field(mcp::kSessionId).value_or("");
  if (head.status() == 401 || head.status() == 403) {
    outcome_.challenge = head.fields("www-authenticate");
  }
  if (const auto wait = head.field("retry-after")) outcome_.retry_after = std::string(*wait);
  outcome_.announced_bytes = read_size(head.field("content-length").value_or(""));
  json_ = outcome_.media_type == "application/json";
  outcome_.event_stream = outcome_.status == 200 && outcome_.media_type == "text/event-stream";
  if (outcome_.event_stream) {
    sse_.emplace(static_cast<http::SseReader::Events&>(*this));
  } else if (json_) {
    assembly_.expect(outcome_.announced_bytes);
  }
  if (!closed_) listener_.on_open(*this);
}

http::Receiver::Flow Exchange::on_data(std::string_view piece) {
  if (closed_) return Flow::more;
  outcome_.body_bytes += piece.size();
  if (sse_) {
    sse_->feed(piece);
    assembly_.keep();  // the piece is about to go
    return stop_if_too_large();
  }
  if (!is_success(outcome_.status)) {
    outcome_.error_body +=
        piece.substr(0, kErrorBodyBytes - std::min(kErrorBodyBytes, outcome_.error_body.size()));
  }
  if (!json_) return Flow::more;
  assembly_.add(piece);
  assembly_.keep();
  return stop_if_too_large();
}

http::Receiver::Flow Exchange::stop_if_too_large() {
  if (!assembly_.too_large() || closed_) return Flow::more;
  const std::size_t known = std::max(outcome_.announced_bytes, assembly_.size());
  outcome_.error = base::Error{
      base::Kind::too_large,
      fmt::format(
          "the server's message has {} bytes or more; the limit is {} (--max-message raises "
          "it, but hosts have limits of their own)",
          known, longest_message_)};
  return Flow::stop;
}

void Exchange::on_event_data(std::string_view piece) { assembly_.add(piece); }

void Exchange::on_event(std::string_view type) {
  if (assembly_.too_large()) return;  // reported once the piece has been read
  if (!(type.empty() || type == "message")) {
    const std::string data = assembly_.finish_text();
    if (!closed_) listener_.on_other_event(*this, type, data);
    return;
  }
  auto message = assembly_.finish();
  if (closed_) return;
  if (!message) {
    if (!outcome_.error) outcome_.error = std::move(message).error();
    return;
  }
  listener_.on_message(*this, *message);
}

void Exchange::on_end(const http::End& end) {
  ended_ = true;
  if (closed_) return;
  outcome_.body_left = end.body_left;
  if (!outcome_.error) outcome_.error = end.error;
  if (sse_) {
    outcome_.last_event_id = sse_->last_event_id();
    outcome_.retry = sse_->retry();
  } else if (!outcome_.error && json_ && assembly_.size() > 0) {
    end_of_body();
  }
  if (!closed_) listener_.on_end(*this, outcome_);
}

void Exchange::end_of_body() {
  auto message = assembly_.finish();
  if (is_success(outcome_.status)) {
    if (!message) {
      outcome_.error = std::move(message).error();
      return;
    }
    listener_.on_message(*this, *message);
  } else if (message) {
    outcome_.message = std::move(*message);
  }
}

}  // namespace dogpipe::bridge
