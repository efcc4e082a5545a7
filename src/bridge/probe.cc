#include "bridge/probe.h"

#include <utility>

#include "base/log.h"
#include "mcp/revision.h"
#include "rpc/id.h"
#include "rpc/members.h"
#include "rpc/object_edit.h"

namespace dogpipe::bridge {
namespace {

// As for calls: a server that refuses whatever it is shown must not keep us busy.
constexpr int kMostMends = 3;

std::string_view params_of(const SharedBytes& text) {
  return rpc::member(text->view(), "params").value_or("");
}

SharedBytes in_revision(const SharedBytes& text, std::string_view revision) {
  const std::string claim = '"' + std::string(revision) + '"';
  rpc::ObjectEdit message(text->view());
  rpc::ObjectEdit params(message.get("params").value_or("{}"));
  rpc::ObjectEdit meta(params.get("_meta").value_or("{}"));
  meta.set(mcp::kModernClaim, claim);
  params.set("_meta", meta.write());
  message.set("params", params.write());
  return std::make_shared<const base::Bytes>(message.write());
}

// Whether it is valid after the call that it came in.
void own(Message& message) {
  if (!message.owned.empty()) return;
  message.owned = base::Bytes(message.text);
  message.text = message.owned.view();
}

}  // namespace

EraProbe::EraProbe(const ServerContext& context, Question question, Done done)
    : authorizer_(context.authorizer),
      upstream_(context.loop, context.client, context.authorizer, no_session_, context.endpoint),
      question_(std::move(question)),
      done_(std::move(done)),
      deadline_(context.loop, [this] { end({}); }),
      next_(context.loop, [this] { answer_ ? read_answer() : prepare(); }) {
  deadline_.start(question_.deadline);
  next_.schedule();
}

void EraProbe::prepare() {
  if (question_.sign_in == SignIn::allowed) {
    waiting_ = authorizer_.prepare([this](const auto& impediment) { on_credential(impediment); });
  }
  if (!waiting_) ask();
}

void EraProbe::on_credential(const std::optional<auth::Impediment>& impediment) {
  waiting_.reset();
  if (impediment) {
    Report report;
    report.impediment = impediment;
    return end(std::move(report));
  }
  ask();
}

void EraProbe::ask() {
  answer_.reset();
  credential_ = authorizer_.generation();
  fields_ = mcp::request_fields("server/discover", params_of(question_.text));
  Upstream::Post how;
  how.may_resend = true;
  how.may_wait = true;
  how.own_fields = &fields_;
  exchange_ = upstream_.post(question_.text, how, *this);
}

// Anything else that comes is not the answer to this.
void EraProbe::on_message(Exchange& exchange, Message& message) {
  if (!is_answer(message)) return;
  exchange.close();
  own(message);
  answer_ = std::move(message);
  status_ = exchange.outcome().status;
  next_.schedule();
}

bool EraProbe::is_answer(const Message& message) const {
  const rpc::Shape shape = message.envelope.shape;
  if (shape != rpc::Shape::response && shape != rpc::Shape::error) return false;
  const std::string_view id = message.envelope.id.in(message.text);
  if (shape == rpc::Shape::error && (id.empty() || id == "null")) return true;
  return rpc::same_id(id, rpc::member(question_.text->view(), "id").value_or(""));
}

void EraProbe::read_answer() {
  exchange_.reset();
  Message answer = *std::exchange(answer_, std::nullopt);
  const ProbeFinding finding = read_probe(answer, how_to_read());
  const bool refused = answer.envelope.shape == rpc::Shape::error;
  if (!asks_again(finding, refused)) end({finding, status_, &answer, {}});
}

void EraProbe::on_end(Exchange&, Outcome& outcome) {
  const std::unique_ptr<Exchange> ended = std::move(exchange_);  // `outcome` is a part of it
  if (mend_credential(outcome)) return;
  const ProbeFinding finding = read_probe(outcome, how_to_read());
  if (asks_again(finding, true)) return;
  const bool answered = outcome.message && is_answer(*outcome.message);
  end({finding, outcome.status, answered ? &*outcome.message : nullptr, {}});
}

bool EraProbe::mend_credential(const Outcome& outcome) {
  const bool refused = outcome.status == 401 || outcome.status == 403;
  if (question_.sign_in == SignIn::never || !refused || mends_ == kMostMends) return false;
  auth::Authorizer::Refusal refusal{outcome.status, outcome.challenge, credential_};
  refusal.again = mends_ > 1;
  waiting_ =
      authorizer_.mend(refusal, [this](const auto& impediment) { on_credential(impediment); });
  if (waiting_) ++mends_;
  return waiting_ != nullptr;
}

Probe EraProbe::how_to_read() const {
  Probe probe;
  probe.mended = mended_;
  return probe;
}

bool EraProbe::asks_again(const ProbeFinding& finding, bool refused) {
  if (finding.means == ProbeFinding::Means::mend_and_retry && !std::exchange(mended_, true)) {
    ask();
    return true;
  }
  const bool other = finding.means == ProbeFinding::Means::modern && refused &&
                     finding.revision != mcp::claimed_revision(params_of(question_.text));
  if (!question_.ours || !other || std::exchange(renegotiated_, true)) return false;
  question_.text = in_revision(question_.text, finding.revision);
  ask();
  return true;
}

void EraProbe::end(Report report) {
  deadline_.stop();
  next_.cancel();
  waiting_.reset();
  exchange_.reset();
  const Done done = std::move(done_);
  done(report);
}

}  // namespace dogpipe::bridge
