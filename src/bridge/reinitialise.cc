#include "bridge/reinitialise.h"

#include <utility>

#include "base/log.h"
#include "mcp/codes.h"
#include "rpc/envelope.h"
#include "rpc/id.h"

namespace dogpipe::bridge {
namespace {

Call::Spec spec_of(const SharedBytes& text, Safety safety) {
  Call::Spec spec;
  spec.text = text;
  spec.safety = safety;
  const std::string_view bytes = text->view();
  if (const rpc::Scanned scanned = rpc::scan(bytes)) {
    spec.raw_id = scanned->id.in(bytes);
    spec.method = scanned->method.in(bytes);
  }
  return spec;
}

}  // namespace

Reinitialise::Reinitialise(const Call::Context& context, Session& session, Owner& owner)
    : context_(context), session_(session), owner_(owner), step_(context.loop, [this] { next(); }) {
  Call::Spec initialize = spec_of(session.initialize(), Safety::repeatable);
  initialize.opens_session = true;
  steps_.push_back(std::move(initialize));
  if (session.initialized()) steps_.push_back(spec_of(session.initialized(), Safety::once));
  for (const SharedBytes& text : session.settings()) {
    steps_.push_back(spec_of(text, Safety::repeatable));
  }
}

void Reinitialise::start() { next(); }

bool Reinitialise::deliver(Message& message) {
  const std::string_view id = message.envelope.id.in(message.text);
  const bool ours = call_ && !call_->raw_id().empty() && rpc::same_id(id, call_->raw_id());
  return ours && call_->deliver(message);
}

void Reinitialise::stream_lost(const base::Error& error) {
  if (call_) call_->stream_lost(error);
}

void Reinitialise::next() {
  if (steps_.empty()) return owner_.on_reinitialised(nullptr);
  Call::Spec spec = std::move(steps_.front());
  steps_.pop_front();
  call_ = std::make_unique<Call>(context_, static_cast<Call::Owner&>(*this), std::move(spec));
  call_->start();
}

void Reinitialise::on_other_message(Call&, Message& message) { owner_.on_server_message(message); }

void Reinitialise::on_answer(Call& call, Message& message) {
  if (call.method() == "initialize") {
    if (message.envelope.shape == rpc::Shape::error) {
      Failure refused;
      refused.message = "the server does not open a session any more";
      return fail(std::move(refused));
    }
    session_.opened(message.envelope.result.in(message.text), call.session_id());
  }
  step_.schedule();
}

void Reinitialise::on_accepted(Call&) { step_.schedule(); }

void Reinitialise::on_failure(Call& call, const Failure& failure) {
  // Without its settings a session still works.
  if (call.method() != "initialize" && !call.raw_id().empty()) return step_.schedule();
  fail(failure);
}

void Reinitialise::on_session_lost(Call&) {
  Failure again;
  again.message = "the server loses each new session at once";
  fail(std::move(again));
}

void Reinitialise::fail(Failure failure) {
  if (failure.code != mcp::kSignInRequired) {
    failure.code = mcp::kSessionLost;
    failure.kind = "session_lost";
    failure.message.insert(0,
                           "the session with the server was lost and could not be opened anew: ");
  }
  failure.executed = Executed::no;
  failure.timed_out = false;  // that was initialize, not the calls that hear of it
  failure.retryable = true;
  owner_.on_reinitialised(&failure);
}

}  // namespace dogpipe::bridge
