#include "bridge/router.h"

#include <fmt/format.h>

#include <utility>

#include "base/log.h"
#include "bridge/failure.h"
#include "mcp/codes.h"
#include "mcp/revision.h"
#include "rpc/members.h"
#include "rpc/reply.h"
#include "rpc/text.h"

namespace dogpipe::bridge {
namespace {

using base::log;
using base::LogLevel;

constexpr std::size_t kMostInFlight = 1024;

std::string plain_method(std::string_view escaped) {
  return escaped.find('\\') == std::string_view::npos ? std::string(escaped)
                                                      : rpc::unescape(escaped);
}

Failure busy() {
  Failure failure;
  failure.code = mcp::kRateLimited;
  failure.kind = "busy";
  failure.message = fmt::format("{} requests are under way: wait for answers", kMostInFlight);
  failure.retryable = true;
  return failure;
}

}  // namespace

Router::Router(const ServerContext& context, event::Output& output, Pairing::Settings settings,
               Events events)
    : events_(std::move(events)),
      replies_(output),
      pairing_(context, replies_, std::move(settings),
               {[this] { on_idle(); }, [this] { events_.on_incompatible(); }}) {}

void Router::on_line(rpc::Line&& line) {
  if (line.too_long || !line.envelope) return refuse_unreadable(line);
  const rpc::Envelope envelope = *line.envelope;
  if (envelope.shape == rpc::Shape::batch) return take_batch(line.text.view());
  take(std::move(line.text), envelope);
}

void Router::refuse_unreadable(const rpc::Line& line) {
  if (line.too_long) return refuse_too_long(line);
  const rpc::Refusal& refusal = line.envelope.refusal();
  const int code =
      refusal.why == rpc::Refusal::Why::parse ? mcp::kParseError : mcp::kInvalidRequest;
  refuse(refusal.id, code, refusal.what);
}

void Router::refuse_too_long(const rpc::Line& line) {
  const std::string message = fmt::format(
      "the message has {} bytes, more than the limit for the host's side (--max-message raises it)",
      line.size);
  const bool response = line.envelope && (line.envelope->shape == rpc::Shape::response ||
                                          line.envelope->shape == rpc::Shape::error);
  if (!response) return refuse(line.id(), mcp::kTooLarge, message);
  // An error under its id would hit a request of the host's own; it is the server that waits.
  log(LogLevel::warn, "dropped a response of the host: {}", message);
  pairing_.take_response(HostMessage::read(base::Bytes(
      rpc::write_error(line.id(), mcp::kInternalError, "the client's response is too large", ""))));
}

// An error that is ours, for a message that goes no further. Where its id is that of a request
// under way, the id will be answered by that one.
void Router::refuse(std::string_view raw_id, int code, std::string_view message) {
  if (raw_id.empty() || replies_.awaited_from(raw_id) != nullptr) {
    return complain(write_refusal("", code, message));
  }
  replies_.answer_at_once(raw_id, write_refusal(raw_id, code, message));
}

// An error about a message that has no id to answer to. Only newer hosts can take that.
void Router::complain(std::string_view text) {
  log(LogLevel::warn, "refused a message of the host: {}", text);
  if (mcp::allows_error_without_id(pairing_.revision())) replies_.write_line(text);
}

void Router::take(base::Bytes&& text, const rpc::Envelope& envelope) {
  HostMessage message;
  message.method = plain_method(envelope.method.in(text.view()));
  message.text = std::move(text);
  message.envelope = envelope;
  switch (envelope.shape) {
    case rpc::Shape::request:
      return take_request(std::move(message));
    case rpc::Shape::notification:
      return take_notification(std::move(message));
    case rpc::Shape::response:
    case rpc::Shape::error:
      log(LogLevel::debug, "host -> response id={} bytes={}", message.raw_id(),
          message.text.view().size());
      return pairing_.take_response(std::move(message));
    case rpc::Shape::batch:
      return;
  }
}

void Router::take_request(HostMessage&& message) {
  const std::string_view raw_id = message.raw_id();
  log(LogLevel::debug, "host -> {} id={} bytes={}", message.method, raw_id,
      message.text.view().size());
  if (replies_.awaited_from(raw_id) != nullptr) {
    const std::string data = fmt::format(R"({{"source":"dogpipe","duplicateOf":{}}})", raw_id);
    return complain(write_refusal("", mcp::kInvalidRequest,
                                  "a request with this id is under way already", data));
  }
  if (message.method == "ping" && !is_modern(message)) {
    return replies_.answer_at_once(raw_id, rpc::write_result(raw_id, "{}"));
  }
  if (replies_.unanswered() >= kMostInFlight) {
    return replies_.answer_at_once(raw_id, write_failure(raw_id, busy()));
  }
  note_initialize(message);
  replies_.await(raw_id, pairing_);
  pairing_.take_request(std::move(message));
}

void Router::take_notification(HostMessage&& message) {
  log(LogLevel::debug, "host -> {} bytes={}", message.method, message.text.view().size());
  if (message.method == "notifications/cancelled") return cancel(std::move(message));
  pairing_.take_notification(std::move(message));
}

void Router::take_batch(std::string_view text) {
  if (!mcp::has_batches(pairing_.revision())) return refuse_batch(text);
  replies_.begin_batch();
  rpc::for_each_element(text, [this](std::string_view element) { take_element(element); });
  replies_.end_batch();
}

void Router::take_element(std::string_view element) {
  const rpc::Scanned scanned = rpc::scan(element);
  if (!scanned) {
    return replies_.add_to_batch(
        write_refusal(scanned.refusal().id, mcp::kInvalidRequest, scanned.refusal().what));
  }
  const std::string_view raw_id = scanned->id.in(element);
  const bool request = scanned->shape == rpc::Shape::request;
  if (request && rpc::spells(scanned->method.in(element), "initialize")) {
    return replies_.add_to_batch(
        write_refusal(raw_id, mcp::kInvalidRequest, "initialize is never part of a batch"));
  }
  if (request && replies_.awaited_from(raw_id) == nullptr) replies_.gather(raw_id);
  take(base::Bytes(element), *scanned);
}

// Whoever waits for one of its answers must not wait for ever.
void Router::refuse_batch(std::string_view text) {
  rpc::for_each_element(text, [this](std::string_view element) {
    const rpc::Scanned scanned = rpc::scan(element);
    if (!scanned || scanned->shape != rpc::Shape::request) {
      return log(LogLevel::warn, "dropped a message of a batch: this session has none");
    }
    refuse(scanned->id.in(element), mcp::kInvalidRequest,
           "batches are part of revision 2025-03-26 alone");
  });
}

// Called before the request is awaited: those that are answered, and may share its id, leave.
void Router::note_initialize(const HostMessage& request) {
  std::erase_if(initialize_ids_, [this](const std::string& raw_id) {
    return replies_.awaited_from(raw_id) == nullptr;
  });
  if (request.method == "initialize") initialize_ids_.emplace(request.raw_id());
}

// Of a request that is answered, or not known, nothing is cancelled.
void Router::cancel(HostMessage&& notification) {
  const auto named = rpc::member(notification.raw_params(), "requestId");
  const std::string raw_id(named ? replies_.find_same(*named) : "");
  if (raw_id.empty() || initialize_ids_.contains(raw_id)) return;
  Leg& leg = *replies_.awaited_from(raw_id);
  replies_.withhold(raw_id);
  leg.cancel(raw_id, std::move(notification));
  on_idle();
}

void Router::abandon() {
  pairing_.abandon();
  replies_.withhold_all();
}

void Router::on_idle() {
  if (idle() && events_.on_idle) events_.on_idle();
}

}  // namespace dogpipe::bridge
