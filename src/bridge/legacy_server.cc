#include "bridge/legacy_server.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "base/log.h"
#include "bridge/era.h"
#include "rpc/members.h"
#include "rpc/reply.h"
#include "rpc/text.h"

namespace dogpipe::bridge {
namespace {

using base::log;
using base::LogLevel;

std::int64_t milliseconds_since(base::Time start, base::Time now) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(now - start).count();
}

Request request_of(const Call& call) { return {call.raw_id(), call.method(), call.text()}; }

std::string_view name_of(const Call& call) {
  return call.method().empty() ? std::string_view("response") : std::string_view(call.method());
}

}  // namespace

LegacyServer::LegacyServer(const ServerContext& context)
    : upstream_(context.loop, context.client, context.authorizer, session_, context.endpoint),
      context_{context.loop, upstream_, session_, context.budget},
      catalogue_(context.trust_hints),
      pending_(context.loop),
      lifecycle_(context_, session_, static_cast<Lifecycle::Owner&>(*this)) {}

void LegacyServer::send(Request request) {
  Call::Spec spec;
  spec.opens_session = request.method == "initialize" && !request.raw_id.empty();
  if (spec.opens_session) catalogue_.forget();
  ToolHints hints;
  if (request.method == "tools/call") {
    hints = catalogue_.hints_for(rpc::member(request.text->view(), "params").value_or(""));
  }
  spec.safety = request.raw_id.empty() ? Safety::once : safety_of(request.method, hints);
  spec.raw_id = std::move(request.raw_id);
  spec.method = std::move(request.method);
  spec.text = std::move(request.text);
  submit(std::move(spec));
}

void LegacyServer::submit(Call::Spec spec) {
  Call& call = pending_.add(
      std::make_unique<Call>(context_, static_cast<Call::Owner&>(*this), std::move(spec)));
  lifecycle_.admit(call);
}

void LegacyServer::cancel(std::string_view raw_id, SharedBytes notification) {
  Call* call = pending_.find(raw_id);
  if (call == nullptr) return;
  const bool in_vain = lifecycle_.has_stream() && !session_.open();  // the session went with it
  const bool tell = !in_vain && !lifecycle_.waits(*call) && call->may_have_arrived();
  call->drop();
  lifecycle_.withdraw(*call);
  const std::string id = call->raw_id();
  if (tell) tell_cancelled(id, std::move(notification));
  finish(*call);
}

void LegacyServer::tell_cancelled(std::string_view raw_id, SharedBytes notification) {
  Call::Spec spec;
  spec.method = "notifications/cancelled";
  spec.text = std::move(notification);
  if (!spec.text) {
    spec.text = std::make_shared<const base::Bytes>(
        rpc::write_call("", spec.method, fmt::format(R"({{"requestId":{}}})", raw_id)));
  }
  submit(std::move(spec));
}

void LegacyServer::abandon() {
  for (Call* call : pending_.all_requests()) {
    const bool tell = !lifecycle_.waits(*call) && call->may_have_arrived();
    if (tell && call->method() != "initialize") tell_cancelled(call->raw_id(), nullptr);
    call->drop();
    lifecycle_.withdraw(*call);
    pending_.remove(*call);
  }
}

std::vector<Request> LegacyServer::take_back() {
  std::vector<Request> requests;
  for (Call* call : lifecycle_.take_held()) {
    requests.push_back(request_of(*call));
    call->drop();
    pending_.remove(*call);
  }
  return requests;
}

// ---- the calls

void LegacyServer::on_other_message(Call& call, Message& message) {
  pass_on(call.raw_id(), message);
}

void LegacyServer::on_server_message(Message& message) { pass_on({}, message); }

void LegacyServer::pass_on(std::string_view raw_id, Message& message) {
  const std::string_view method = message.envelope.method.in(message.text);
  switch (message.envelope.shape) {
    case rpc::Shape::request:
      break;
    case rpc::Shape::notification:
      if (rpc::spells(method, "notifications/tools/list_changed")) catalogue_.forget();
      break;
    default:
      return log(LogLevel::warn, "dropped an answer on a stream where none may come");
  }
  log(LogLevel::debug, "server -> {} bytes={}", method, message.text.size());
  listener_->on_message(raw_id, message);
}

void LegacyServer::on_answer(Call& call, Message& message) {
  if (look_for_stream(call, call.status(), &message)) {
    refusal_.emplace().text.append(message.text);
    return;
  }
  report(call, message);
}

void LegacyServer::report(Call& call, Message& message) {
  if (call.method() == "initialize") refusal_.reset();
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
  listener_->on_answer(request_of(call), message, call.status());
  finish(call);
}

// What a later session must be told again.
void LegacyServer::note_settings(const Call& call) {
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

void LegacyServer::on_accepted(Call& call) {
  log(LogLevel::debug, "server -> accepted {} status={} ms={}", name_of(call), call.status(),
      milliseconds_since(call.started(), context_.loop.now()));
  lifecycle_.accepted(call);
  finish(call);
}

void LegacyServer::on_failure(Call& call, const Failure& failure) {
  if (look_for_stream(call, failure.http_status.value_or(0), nullptr)) {
    refusal_.emplace().failure = failure;
    return;
  }
  report(call, failure);
}

void LegacyServer::report(Call& call, const Failure& failure) {
  if (call.method() == "initialize") refusal_.reset();
  log(call.raw_id().empty() ? LogLevel::warn : LogLevel::debug, "{} failed: {} ({})", name_of(call),
      failure.message, failure.code);
  const bool cancels = failure.timed_out && call.may_have_arrived() && !call.raw_id().empty();
  if (cancels && call.method() != "initialize") tell_cancelled(call.raw_id(), nullptr);
  listener_->on_failure(request_of(call), failure);
  lifecycle_.failed(call);
  finish(call);
}

void LegacyServer::finish(Call& call) {
  pending_.remove(call);
  if (pending_.empty()) listener_->on_idle();
}

// ---- HTTP+SSE

bool LegacyServer::look_for_stream(Call& call, int status, const Message* answer) {
  const bool opens = call.method() == "initialize" && !call.raw_id().empty();
  if (!opens || expect_newer_ || lifecycle_.has_stream()) return false;
  if (!wants_http_sse(status, expect_legacy_ ? nullptr : answer)) return false;
  log(LogLevel::debug, "initialize was refused: looking for HTTP+SSE");
  lifecycle_.look_for_stream(call);
  return true;
}

void LegacyServer::expect_refusal(std::string_view answer) {
  refusal_.emplace().text.append(answer);
  lifecycle_.begin_with_stream();
}

// As if nobody had looked.
void LegacyServer::on_no_stream(Call& initialize, const Failure& failure, bool found) {
  const auto refusal = std::exchange(refusal_, std::nullopt);
  if (!refusal || found) return report(initialize, failure);
  if (refusal->text.empty()) return report(initialize, refusal->failure);
  // Of several that crossed, it may be another one's refusal.
  Message message;
  const rpc::Scanned written = rpc::scan(refusal->text.view());
  if (written) message.owned = rpc::with_id(refusal->text.view(), *written, initialize.raw_id());
  message.text = message.owned.view();
  if (const rpc::Scanned scanned = rpc::scan(message.text)) message.envelope = *scanned;
  report(initialize, message);
}

// With one request under way, what comes is taken to be about that: all share the stream.
void LegacyServer::on_streamed(Message& message) {
  const auto requests = pending_.all_requests();
  for (Call* call : requests) call->stream_moved();
  const rpc::Shape shape = message.envelope.shape;
  if (shape != rpc::Shape::response && shape != rpc::Shape::error) {
    return pass_on(requests.size() == 1 ? requests.front()->raw_id() : std::string(), message);
  }
  Call* const call = pending_.find_same(message.envelope.id.in(message.text));
  if (call != nullptr && call->deliver(message)) return;
  log(LogLevel::info, "dropped an answer that nobody waits for");
}

void LegacyServer::on_stream_lost(const base::Error& error) {
  for (Call* call : pending_.all_requests()) call->stream_lost(error);
}

// ---- the session

void LegacyServer::on_not_possible(Call& call, const Failure& failure) {
  listener_->on_failure(request_of(call), failure);
  finish(call);
}

void LegacyServer::on_session_lost(Call& call) { lifecycle_.session_lost(call); }

void LegacyServer::on_session_gone() { listener_->on_session_gone(); }

void LegacyServer::on_new_session() {
  catalogue_.forget();
  listener_->on_new_session();
}

void LegacyServer::on_incompatible_session() { listener_->on_incompatible_session(); }

}  // namespace dogpipe::bridge
