#include "bridge/router.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "bridge/failure.h"
#include "mcp/codes.h"
#include "mcp/revision.h"
#include "rpc/id.h"
#include "rpc/members.h"
#include "rpc/reply.h"

namespace dogpipe::bridge {
namespace {

using base::log;
using base::LogLevel;

constexpr std::size_t kMostInFlight = 1024;
constexpr std::size_t kMostServerRequests = 10'000;

std::string plain_method(std::string_view escaped) {
  return escaped.find('\\') == std::string_view::npos ? std::string(escaped)
                                                      : rpc::unescape(escaped);
}

// A request of the revisions from 2026-07-28 on says so in its own metadata.
bool is_modern(std::string_view method, std::string_view raw_params) {
  if (method == "server/discover") return true;
  if (raw_params.empty()) return false;
  const auto meta = rpc::member(raw_params, "_meta");
  return meta && rpc::member(*meta, mcp::kModernClaim).has_value();
}

std::int64_t milliseconds_since(base::Time start, base::Time now) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(now - start).count();
}

}  // namespace

Router::Router(const Call::Context& context, Session& session, event::Output& output,
               bool trust_hints, Events events)
    : context_(context),
      session_(session),
      events_(std::move(events)),
      replies_(output, session),
      catalogue_(trust_hints),
      pending_(context.loop),
      lifecycle_(context, session, static_cast<Lifecycle::Owner&>(*this)) {}

// ---- the host's side

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
  if (!forget_server_request(line.id())) return;
  Call::Spec spec;
  spec.text = std::make_shared<const base::Bytes>(
      rpc::write_error(line.id(), mcp::kInternalError, "the client's response is too large", ""));
  submit(std::move(spec));
}

// An error that is ours, for a message that goes no further. Where its id is that of a request
// under way, the id will be answered by that one.
void Router::refuse(std::string_view raw_id, int code, std::string_view message) {
  if (raw_id.empty() || pending_.find(raw_id) != nullptr) {
    return replies_.complain(write_refusal("", code, message));
  }
  replies_.answer(raw_id, write_refusal(raw_id, code, message));
}

void Router::take(base::Bytes&& text, const rpc::Envelope& envelope) {
  switch (envelope.shape) {
    case rpc::Shape::request:
      return take_request(std::move(text), envelope);
    case rpc::Shape::notification:
      return take_notification(std::move(text), envelope);
    case rpc::Shape::response:
    case rpc::Shape::error:
      return take_response(std::move(text), envelope);
    case rpc::Shape::batch:
      return;
  }
}

void Router::take_request(base::Bytes&& text, const rpc::Envelope& envelope) {
  const std::string_view bytes = text.view();
  const std::string_view raw_id = envelope.id.in(bytes);
  const std::string_view raw_params = envelope.params.in(bytes);
  Call::Spec spec;
  spec.method = plain_method(envelope.method.in(bytes));
  log(LogLevel::debug, "host -> {} id={} bytes={}", spec.method, raw_id, bytes.size());
  if (pending_.find(raw_id) != nullptr) {
    const std::string data = fmt::format(R"({{"source":"dogpipe","duplicateOf":{}}})", raw_id);
    return replies_.complain(write_refusal("", mcp::kInvalidRequest,
                                           "a request with this id is under way already", data));
  }
  if (is_modern(spec.method, raw_params)) {
    return replies_.answer(
        raw_id, write_refusal(raw_id, mcp::kMethodNotFound,
                              "this bridge speaks the revisions of MCP up to 2025-11-25: "
                              "send initialize"));
  }
  if (spec.method == "ping") return replies_.answer(raw_id, rpc::write_result(raw_id, "{}"));
  if (pending_.requests() >= kMostInFlight) {
    Failure busy;
    busy.code = mcp::kRateLimited;
    busy.kind = "busy";
    busy.message = fmt::format("{} requests are under way: wait for answers", kMostInFlight);
    busy.retryable = true;
    return replies_.answer(raw_id, write_failure(raw_id, busy));
  }
  spec.raw_id = raw_id;
  spec.opens_session = spec.method == "initialize";
  if (spec.opens_session) catalogue_.forget();
  spec.safety = safety_of(
      spec.method, spec.method == "tools/call" ? catalogue_.hints_for(raw_params) : ToolHints{});
  spec.text = std::make_shared<const base::Bytes>(std::move(text));
  submit(std::move(spec));
}

void Router::take_notification(base::Bytes&& text, const rpc::Envelope& envelope) {
  const std::string_view bytes = text.view();
  Call::Spec spec;
  spec.method = plain_method(envelope.method.in(bytes));
  log(LogLevel::debug, "host -> {} bytes={}", spec.method, bytes.size());
  if (spec.method == "notifications/cancelled") {
    return cancel(std::move(text), envelope.params.in(bytes));
  }
  spec.text = std::make_shared<const base::Bytes>(std::move(text));
  submit(std::move(spec));
}

void Router::take_response(base::Bytes&& text, const rpc::Envelope& envelope) {
  const std::string_view bytes = text.view();
  log(LogLevel::debug, "host -> response id={} bytes={}", envelope.id.in(bytes), bytes.size());
  if (!forget_server_request(envelope.id.in(bytes))) {
    return log(LogLevel::warn,
               "dropped the host's response to a request that the server did not make");
  }
  Call::Spec spec;
  spec.text = std::make_shared<const base::Bytes>(std::move(text));
  submit(std::move(spec));
}

// A host may spell the id in its own way, as servers do.
bool Router::forget_server_request(std::string_view raw_id) {
  auto at = server_requests_.find(std::string(raw_id));
  if (at == server_requests_.end()) {
    at = std::find_if(server_requests_.begin(), server_requests_.end(),
                      [&](const std::string& one) { return rpc::same_id(one, raw_id); });
  }
  if (at == server_requests_.end()) return false;
  server_requests_.erase(at);
  return true;
}

void Router::take_batch(std::string_view text) {
  if (!mcp::has_batches(session_.revision())) return refuse_batch(text);
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
  if (request && pending_.find(raw_id) == nullptr) replies_.expect(raw_id);
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

void Router::cancel(base::Bytes&& text, std::string_view raw_params) {
  const auto raw_id = rpc::member(raw_params, "requestId");
  Call* call = raw_id ? pending_.find_same(*raw_id) : nullptr;
  if (call == nullptr || call->method() == "initialize")
    return;  // answered meanwhile, or forbidden
  const bool tell = !lifecycle_.waits(*call) && call->may_have_arrived();
  call->drop();
  lifecycle_.withdraw(*call);
  replies_.withhold(call->raw_id());
  finish(*call);
  if (!tell) return;
  Call::Spec spec;
  spec.method = "notifications/cancelled";
  spec.text = std::make_shared<const base::Bytes>(std::move(text));
  submit(std::move(spec));
}

void Router::submit(Call::Spec spec) {
  Call& call = pending_.add(
      std::make_unique<Call>(context_, static_cast<Call::Owner&>(*this), std::move(spec)));
  lifecycle_.admit(call);
}

// ---- the server's side

void Router::on_other_message(Call&, Message& message) { on_server_message(message); }

void Router::on_server_message(Message& message) {
  const std::string_view method = message.envelope.method.in(message.text);
  switch (message.envelope.shape) {
    case rpc::Shape::request:
      if (server_requests_.size() < kMostServerRequests) {
        server_requests_.emplace(message.envelope.id.in(message.text));
      }
      break;
    case rpc::Shape::notification:
      if (rpc::spells(method, "notifications/tools/list_changed")) catalogue_.forget();
      if (rpc::spells(method, "notifications/cancelled")) {
        const auto raw_id = rpc::member(message.envelope.params.in(message.text), "requestId");
        if (raw_id) forget_server_request(*raw_id);
      }
      break;
    default:
      return log(LogLevel::warn, "dropped an answer on a stream where none may come");
  }
  log(LogLevel::debug, "server -> {} bytes={}", method, message.text.size());
  replies_.deliver(message);
}

void Router::on_answer(Call& call, Message& message) {
  log(LogLevel::debug, "server -> answer to {} id={} status={} ms={} bytes={}", call.method(),
      call.raw_id(), call.status(), milliseconds_since(call.started(), context_.loop.now()),
      message.text.size());
  if (message.envelope.shape == rpc::Shape::response) {
    if (call.method() == "tools/list") {
      catalogue_.observe(message.envelope.result.in(message.text));
    }
    note_settings(call);
  }
  lifecycle_.answered(call, message);
  replies_.answer(call.raw_id(), message);
  finish(call);
}

// What a later session must be told again.
void Router::note_settings(const Call& call) {
  if (call.method() == "logging/setLevel") return session_.remember_level(call.text());
  const bool subscribe = call.method() == "resources/subscribe";
  if (!subscribe && call.method() != "resources/unsubscribe") return;
  const std::string_view text = call.text()->view();
  const auto params = rpc::member(text, "params");
  const auto uri = params ? rpc::member(*params, "uri") : std::nullopt;
  if (!uri) return;
  if (subscribe) {
    session_.remember_subscription(std::string(*uri), call.text());
  } else {
    session_.forget_subscription(std::string(*uri));
  }
}

void Router::on_accepted(Call& call) {
  log(LogLevel::debug, "server -> accepted {} status={} ms={}",
      call.method().empty() ? "response" : call.method(), call.status(),
      milliseconds_since(call.started(), context_.loop.now()));
  lifecycle_.accepted(call);
  finish(call);
}

void Router::on_failure(Call& call, const Failure& failure) {
  log(call.raw_id().empty() ? LogLevel::warn : LogLevel::debug, "{} failed: {} ({})",
      call.method().empty() ? "response" : call.method(), failure.message, failure.code);
  if (failure.timed_out && call.may_have_arrived()) tell_server_cancelled(call);
  if (!call.raw_id().empty()) replies_.answer(call.raw_id(), write_failure(call.raw_id(), failure));
  lifecycle_.failed(call);
  finish(call);
}

void Router::on_not_possible(Call& call, const Failure& failure) {
  if (!call.raw_id().empty()) replies_.answer(call.raw_id(), write_failure(call.raw_id(), failure));
  finish(call);
}

void Router::on_session_lost(Call& call) { lifecycle_.session_lost(call); }

void Router::on_session_gone() { server_requests_.clear(); }

void Router::on_new_session() {
  catalogue_.forget();
  for (const std::string& kind : session_.announced_lists()) {
    replies_.write_line(rpc::write_call("", "notifications/" + kind + "/list_changed", ""));
  }
}

void Router::on_incompatible_session() { events_.on_incompatible(); }

void Router::tell_server_cancelled(const Call& call) {
  if (call.method() == "initialize" || call.raw_id().empty()) return;
  Call::Spec spec;
  spec.method = "notifications/cancelled";
  spec.text = std::make_shared<const base::Bytes>(
      rpc::write_call("", spec.method, fmt::format(R"({{"requestId":{}}})", call.raw_id())));
  submit(std::move(spec));
}

void Router::abandon() {
  for (Call* call : pending_.all_requests()) {
    if (!lifecycle_.waits(*call) && call->may_have_arrived()) tell_server_cancelled(*call);
    call->drop();
    lifecycle_.withdraw(*call);
    pending_.remove(*call);
  }
}

void Router::finish(Call& call) {
  pending_.remove(call);
  if (pending_.empty() && events_.on_idle) events_.on_idle();
}

}  // namespace dogpipe::bridge
