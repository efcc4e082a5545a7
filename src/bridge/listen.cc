#include "bridge/listen.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "mcp/codes.h"
#include "rpc/id.h"
#include "rpc/members.h"
#include "rpc/reply.h"
#include "rpc/text.h"

namespace dogpipe::bridge {
namespace {

using namespace std::chrono_literals;
using base::log;
using base::LogLevel;

// A stream that lasted this long was no failure: what follows is a first break again.
constexpr base::Duration kStable = 60s;
// Between two looks whether there is another credential.
constexpr base::Duration kRefusedPause = 5s;

bool is(const Message& message, std::string_view method) {
  return message.envelope.shape == rpc::Shape::notification &&
         rpc::spells(message.envelope.method.in(message.text), method);
}

// The server has understood the request, and does not want it.
bool is_final(const Failure& failure) {
  const int status = failure.http_status.value_or(0);
  return status >= 400 && status < 500 && status != 408 && status != 421 && status != 425 &&
         status != 429;
}

// Only the user can help, who is not asked on behalf of an idle stream.
bool wants_user(const Failure& failure) {
  return failure.code == mcp::kSignInRequired || failure.code == mcp::kSignInFailed ||
         failure.code == mcp::kTokenStore;
}

Failure ended_by_server() {
  Failure failure;
  failure.code = mcp::kUnexpectedStatus;
  failure.kind = "subscription_ended";
  failure.message = "the server has ended the subscription";
  failure.retryable = true;
  return failure;
}

Message message_of(base::Bytes&& text) {
  Message message;
  message.owned = std::move(text);
  message.text = message.owned.view();
  if (const rpc::Scanned scanned = rpc::scan(message.text)) message.envelope = *scanned;
  return message;
}

}  // namespace

Listen::Listen(const Call::Context& context, const Mint& mint, Owner& owner, Request request,
               mcp::Fields fields)
    : context_(context),
      mint_(mint),
      owner_(owner),
      request_(std::move(request)),
      fields_(std::move(fields)),
      wanted_(rpc::member(request_.text->view(), "params").value_or("")),
      pauses_(1s, 2s, 60s),
      timer_(context.loop, [this] { try_again(); }) {}

void Listen::ask() {
  const bool first = !agreed_;
  asked_ = context_.loop.now();
  Call::Spec spec;
  spec.raw_id = first ? request_.raw_id : mint_();
  spec.method = request_.method;
  spec.text = first ? request_.text : text_as(spec.raw_id);
  spec.safety = Safety::repeatable;
  spec.modern.emplace();
  spec.modern->fields = fields_;
  spec.modern->mint = &mint_;
  spec.modern->standing = true;
  spec.modern->quiet = !first;
  call_ = std::make_unique<Call>(context_, static_cast<Call::Owner&>(*this), std::move(spec));
  call_->start();
}

void Listen::drop() {
  over_ = true;
  timer_.stop();
  if (call_) call_->drop();
}

SharedBytes Listen::text_as(std::string_view raw_id) const {
  const std::string_view text = request_.text->view();
  const rpc::Scanned scanned = rpc::scan(text);
  if (!scanned) return request_.text;
  return std::make_shared<const base::Bytes>(rpc::with_id(text, *scanned, raw_id));
}

void Listen::on_other_message(Call& call, Message& message) {
  if (over_) return;
  if (is(message, "notifications/subscriptions/acknowledged") && agreed_) return catch_up();
  catch_up();
  if (over_) return;
  if (is_own_cancellation(call, message)) {
    drop();
    return owner_.on_listen_failure(*this, ended_by_server());
  }
  if (!wanted_.admits(message)) {
    return log(LogLevel::warn, "dropped a message that the host has not subscribed to");
  }
  pass_on(call, message);
}

// The host has been told once what it gets; a second time it is told what it may have missed.
void Listen::catch_up() {
  if (!std::exchange(gap_, false)) return;
  for (const std::string& text : agreed_->catch_up(request_.raw_id)) {
    if (over_) return;
    Message message = message_of(base::Bytes(text));
    owner_.on_listen_message(*this, message);
  }
}

bool Listen::is_own_cancellation(const Call& call, const Message& message) const {
  if (!is(message, "notifications/cancelled")) return false;
  const auto id = rpc::member(message.envelope.params.in(message.text), "requestId");
  return id && rpc::same_id(*id, call.wire_id());
}

void Listen::pass_on(const Call& call, Message& message) {
  if (is(message, "notifications/subscriptions/acknowledged")) {
    agreed_.emplace(message.envelope.params.in(message.text));
    agreed_->limit_to(wanted_);
  }
  if (call.wire_id() == request_.raw_id) return owner_.on_listen_message(*this, message);
  Message mended =
      message_of(with_subscription_id(message.text, message.envelope, request_.raw_id));
  owner_.on_listen_message(*this, mended);
}

void Listen::on_answer(Call& call, Message& message) {
  if (over_) return;
  over_ = true;
  if (call.wire_id() == request_.raw_id) {
    return owner_.on_listen_answer(*this, message, call.status());
  }
  const Message tagged =
      message_of(with_subscription_id(message.text, message.envelope, request_.raw_id));
  Message mended = message_of(rpc::with_id(tagged.text, tagged.envelope, request_.raw_id));
  owner_.on_listen_answer(*this, mended, call.status());
}

void Listen::on_failure(Call&, const Failure& failure) {
  if (over_) return;
  if (!agreed_ || is_final(failure)) {
    over_ = true;
    return owner_.on_listen_failure(*this, failure);
  }
  gap_ = true;
  if (wants_user(failure)) {
    refused_ = context_.upstream.authorizer().generation();
    return timer_.start(kRefusedPause);
  }
  if (context_.loop.now() - asked_ > kStable) pauses_.reset();
  const auto pause = std::max(pauses_.next(), failure.retry_after.value_or(0ms));
  log(LogLevel::debug, "a subscription's stream ended ({}): again in {} ms", failure.message,
      pause.count());
  timer_.start(pause);
}

void Listen::try_again() {
  if (refused_ && *refused_ == context_.upstream.authorizer().generation()) {
    return timer_.start(kRefusedPause);
  }
  refused_.reset();
  ask();
}

}  // namespace dogpipe::bridge
