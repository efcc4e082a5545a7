#include "bridge/conversation.h"

#include <fmt/format.h>

#include <utility>

#include "mcp/revision.h"
#include "rpc/reply.h"

namespace dogpipe::bridge {

using base::Error;
using base::Kind;
using base::Result;

Conversation::Conversation(event::Loop& loop, http::Client& client, auth::Authorizer& authorizer,
                           Endpoint endpoint, std::string method, std::string raw_params, Done done)
    : method_(std::move(method)),
      raw_params_(std::move(raw_params)),
      done_(std::move(done)),
      upstream_(loop, client, authorizer, session_, std::move(endpoint)),
      context_{loop, upstream_, session_, budget_},
      next_(loop, [this] { next(); }) {
  next_.schedule();
}

void Conversation::next() {
  call_.reset();
  if (outcome_) return leave(std::move(*outcome_));
  switch (++step_) {
    case 1:
      return ask("0", "initialize",
                 fmt::format(R"({{"protocolVersion":"{}","capabilities":{{}},)"
                             R"("clientInfo":{{"name":"dogpipe","version":"{}"}}}})",
                             mcp::kRevision20251125, DOGPIPE_VERSION));
    case 2:
      return ask("", "notifications/initialized", "");
    default:
      return ask("1", method_, raw_params_);
  }
}

void Conversation::ask(std::string_view raw_id, const std::string& method,
                       const std::string& raw_params) {
  Call::Spec spec;
  spec.raw_id = raw_id;
  spec.method = method;
  spec.text = std::make_shared<const base::Bytes>(rpc::write_call(raw_id, method, raw_params));
  spec.safety = safety_of(method, {});
  spec.opens_session = step_ == 1;
  call_ = std::make_unique<Call>(context_, static_cast<Call::Owner&>(*this), std::move(spec));
  call_->start();
}

void Conversation::on_answer(Call& call, Message& message) {
  if (message.envelope.shape == rpc::Shape::error) {
    outcome_ = Error{Kind::denied, "the server refused " + call.method()};
  } else if (step_ == 1) {
    session_.opened(message.envelope.result.in(message.text), call.session_id());
  } else {
    outcome_ = std::string(message.envelope.result.in(message.text));
  }
  next_.schedule();
}

void Conversation::on_accepted(Call&) { next_.schedule(); }

void Conversation::on_failure(Call&, const Failure& failure) {
  outcome_ = Error{Kind::unreachable, failure.message};
  next_.schedule();
}

void Conversation::on_session_lost(Call&) {
  outcome_ = Error{Kind::unreachable, "the server lost the session"};
  next_.schedule();
}

void Conversation::leave(Result<std::string> outcome) {
  outcome_ = std::move(outcome);
  if (session_.id().empty()) {
    const Done done = std::move(done_);
    return done(std::move(*outcome_));
  }
  ending_ = upstream_.end_session(*this);
}

void Conversation::on_end(Exchange&, Outcome&) {
  const Done done = std::move(done_);
  done(std::move(*outcome_));
}

}  // namespace dogpipe::bridge
