#include "bridge/call.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "bridge/subscription.h"
#include "mcp/headers.h"
#include "rpc/envelope.h"
#include "rpc/id.h"
#include "rpc/reply.h"

namespace dogpipe::bridge {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

// Longer than this nobody waits inside a call: the client hears how long to wait instead.
constexpr milliseconds kLongestPause = 30s;
// A stream that asks to be resumed at once must not make us spin.
constexpr milliseconds kShortestRetry = 100ms;
// Longer ids are legal, but servers refuse header fields beyond 8 KiB.
constexpr std::size_t kLongestEventId = 4096;
// A server that refuses whatever it is shown must not keep us, or the user, busy.
constexpr int kMostMends = 3;

bool can_resume_from(const std::string& event_id) {
  return !event_id.empty() && event_id.size() <= kLongestEventId &&
         http::valid_field(mcp::kLastEventId, event_id);
}

}  // namespace

Call::Call(const Context& context, Owner& owner, Spec spec)
    : context_(context),
      owner_(owner),
      spec_(std::move(spec)),
      wire_id_(spec_.raw_id),
      wire_text_(spec_.text),
      started_(context.loop.now()),
      pauses_(200ms, 2s, 2s),
      resume_pauses_(500ms, 1s, 60s),
      timer_(context.loop, [this] { on_timer(); }) {}

void Call::start() {
  over_ = false;
  attempts_ = repairs_ = 0;
  attempt();
}

void Call::on_timer() {
  if (awaiting_) return end_of_patience();
  resuming_ ? resume() : attempt();
}

void Call::attempt() {
  const bool homeless = context_.upstream.answers_elsewhere() && !context_.session.open();
  if (homeless && !spec_.opens_session) return owner_.on_session_lost(*this);
  if (const auto pause = context_.upstream.pause_left(); pause > base::Duration::zero()) {
    return timer_.start(pause);
  }
  if (!wait_for_credential()) send();
}

// Before the first word; a quiet one goes with what there is.
bool Call::wait_for_credential() {
  if (spec_.modern && spec_.modern->quiet) return false;
  waiting_ = context_.upstream.authorizer().prepare(
      [this](const auto& impediment) { on_credential(impediment); });
  return waiting_ != nullptr;
}

void Call::send() {
  ++attempts_;
  status_ = 0;
  last_event_id_.clear();  // of another stream
  generation_ = context_.session.generation();
  credential_ = context_.upstream.authorizer().generation();
  const bool elsewhere = context_.upstream.answers_elsewhere();
  link_ = elsewhere ? context_.upstream.link() : 0;
  // The address for messages is that of one session too.
  session_sent_ =
      !spec_.modern && !spec_.opens_session && (elsewhere || !context_.session.id().empty());
  Upstream::Post how;
  how.may_resend = spec_.safety == Safety::repeatable;
  how.may_wait = !spec_.raw_id.empty();
  how.with_session = !spec_.opens_session;
  if (spec_.modern) {
    how.own_fields = &spec_.modern->fields;
    how.endless = spec_.modern->standing;
  }
  exchange_ = context_.upstream.post(wire_text_, how, *this);
}

void Call::resume() {
  credential_ = context_.upstream.authorizer().generation();
  exchange_ = context_.upstream.listen(last_event_id_, *this);
}

// Whether a better credential is on its way.
bool Call::mend_credential(const Outcome& outcome) {
  const bool refused = outcome.status == 401 || outcome.status == 403;
  if (!refused || mends_ >= kMostMends) return false;
  // A server that has let us in without a credential, and does not say now that it wants one, means
  // the session.
  const auth::Authorizer& authorizer = context_.upstream.authorizer();
  if (session_sent_ && outcome.challenge.empty() && authorizer.credential().fields.empty()) {
    return false;
  }
  auth::Authorizer::Refusal refusal{outcome.status, outcome.challenge, credential_};
  refusal.quiet = spec_.modern && spec_.modern->quiet;
  // Once may be bad luck: a token that ended, or was renewed again, on the way.
  refusal.again = mends_ > 1;
  waiting_ = context_.upstream.authorizer().mend(
      refusal, [this](const auto& impediment) { on_credential(impediment); });
  if (waiting_) ++mends_;
  return waiting_ != nullptr;
}

void Call::on_credential(const std::optional<auth::Impediment>& impediment) {
  waiting_.reset();
  if (!impediment) return resuming_ ? resume() : send();
  Verdict verdict;
  verdict.evidence = resuming_ ? Evidence::partial : Evidence::refused;
  verdict.failure = read_failure(*impediment);
  fail(verdict);
}

void Call::drop() {
  over_ = true;
  awaiting_ = false;
  timer_.stop();
  waiting_.reset();
  if (exchange_) exchange_->close();
}

std::string_view Call::session_id() const {
  if (link_ != 0) return {};
  return exchange_ ? std::string_view(exchange_->outcome().session_id) : std::string_view();
}

bool Call::may_have_arrived() const { return arrived_ || (exchange_ && exchange_->body_left()); }

// A server should answer a notification with 202 and nothing more. One that begins a stream instead
// has accepted it too, and nobody waits for the stream to end.
void Call::on_open(Exchange& exchange) {
  if (!spec_.raw_id.empty() || !exchange.outcome().event_stream) return;
  status_ = exchange.outcome().status;
  over_ = true;
  exchange.close();
  owner_.on_accepted(*this);
}

void Call::on_message(Exchange& exchange, Message& message) {
  status_ = exchange.outcome().status;
  take(message);
}

void Call::take(Message& message) {
  switch (message.envelope.shape) {
    case rpc::Shape::batch:
      return for_each_message(message.text, [this](Message& single) {
        if (!over_) take(single);
      });
    case rpc::Shape::response:
    case rpc::Shape::error:
      if (is_mine(message)) return take_answer(message);
      base::log(base::LogLevel::warn, "dropped an answer to a request that was not made here");
      return;
    case rpc::Shape::request:
    case rpc::Shape::notification:
      return take_other(message);
  }
}

void Call::take_other(Message& message) {
  if (spec_.modern && !spec_.modern->standing && !may_precede_answer(message)) {
    base::log(base::LogLevel::warn,
              "dropped a message of the server that may not come on this stream");
    return;
  }
  forwarded_ = true;
  owner_.on_other_message(*this, message);
}

// Its own id; or an error without one, which on this request's own stream can be about nothing
// else.
bool Call::is_mine(const Message& message) const {
  if (spec_.raw_id.empty()) return false;
  const std::string_view id = message.envelope.id.in(message.text);
  if (message.envelope.shape == rpc::Shape::error && (id.empty() || id == "null")) return true;
  return rpc::same_id(id, wire_id_);
}

void Call::take_answer(Message& message) {
  over_ = true;
  if (exchange_) exchange_->close();
  context_.budget.success();
  // The host looks for its own spelling of the id, not the server's.
  if (message.envelope.id.in(message.text) != spec_.raw_id) {
    Message mended;
    mended.owned = rpc::with_id(message.text, message.envelope, spec_.raw_id);
    mended.text = mended.owned.view();
    if (const rpc::Scanned scanned = rpc::scan(mended.text)) mended.envelope = *scanned;
    return owner_.on_answer(*this, mended);
  }
  owner_.on_answer(*this, message);
}

void Call::on_end(Exchange&, Outcome& outcome) {
  const std::unique_ptr<Exchange> ended = std::move(exchange_);  // `outcome` is a part of it
  if (over_) return;
  status_ = outcome.status;
  const bool went_on = outcome.last_event_id != last_event_id_;
  if (can_resume_from(outcome.last_event_id)) last_event_id_ = outcome.last_event_id;
  if (outcome.retry) retry_ = outcome.retry;
  if (went_on) resume_pauses_.reset();
  if (mend_credential(outcome)) return;
  arrived_ = arrived_ || outcome.body_left;
  if (resuming_) return end_of_resumption(outcome, went_on);
  Circumstances circumstances;
  circumstances.raw_id = wire_id_;
  circumstances.safety = spec_.safety;
  circumstances.session_sent = session_sent_;
  circumstances.answered_elsewhere = link_ != 0;
  if (status_ == 401 || status_ == 403) {
    circumstances.advice = context_.upstream.authorizer().advice(status_);
  }
  const Verdict verdict = judge(outcome, circumstances);
  switch (verdict.means) {
    case Verdict::Means::accepted:
      if (!spec_.raw_id.empty()) return await_answer();
      over_ = true;
      context_.budget.success();
      return owner_.on_accepted(*this);
    case Verdict::Means::in_band:
      return take_answer(*outcome.message);
    case Verdict::Means::session_lost:
    case Verdict::Means::failed:
      return act_on(verdict, outcome);
  }
}

void Call::act_on(const Verdict& verdict, Outcome& outcome) {
  if (spec_.modern && spec_.modern->quiet) return give_up(verdict, outcome);
  Attempted attempted;
  attempted.safety = spec_.safety;
  attempted.evidence = verdict.evidence;
  attempted.attempts = attempts_;
  attempted.repairs = repairs_;
  attempted.can_resume =
      !spec_.modern && link_ == 0 && !last_event_id_.empty() && !spec_.opens_session;
  attempted.forwarded = forwarded_;
  switch (decide(attempted)) {
    case Next::again_later:
      rename_after(verdict.evidence);
      return again_after(verdict.wait ? *verdict.wait : pauses_.next(), verdict, outcome);
    case Next::again_after_repair:
      return repair(verdict, outcome);
    case Next::resume:
      resuming_ = true;
      return wait_to_resume(true);
    case Next::give_up:
      return give_up(verdict, outcome);
  }
}

// ---- HTTP+SSE

void Call::await_answer() {
  awaiting_ = true;
  if (link_ != context_.upstream.link()) {
    return stream_lost({base::Kind::cut, "the server's event stream broke off"});
  }
  stream_moved();
}

bool Call::deliver(Message& message) {
  const bool asked = link_ != 0 && link_ == context_.upstream.link() && attempts_ > 0;
  if (over_ || !asked) return false;
  awaiting_ = false;
  timer_.stop();
  waiting_.reset();
  if (exchange_) {
    exchange_->close();
    context_.upstream.let_end(std::move(exchange_));
  }
  status_ = 200;
  take_answer(message);
  return true;
}

void Call::stream_moved() {
  const milliseconds idle = context_.upstream.patience().stream_idle;
  if (awaiting_ && idle > 0ms) timer_.start(idle);
}

void Call::end_of_patience() {
  stream_lost({base::Kind::timed_out, "the server's event stream has been silent for too long"});
}

// What has not been accepted yet learns from its own response what has become of it; except that an
// initialize is of no use without the stream that it was to open a session on.
void Call::stream_lost(const base::Error& error) {
  if (over_ || !(awaiting_ || (spec_.opens_session && attempts_ > 0))) return;
  awaiting_ = false;
  timer_.stop();
  waiting_.reset();
  if (exchange_) exchange_->close();
  Verdict verdict;
  verdict.evidence = Evidence::partial;
  verdict.failure = read_failure(error, Evidence::partial);
  if (spec_.opens_session) return fail(verdict);
  Outcome outcome;
  act_on(verdict, outcome);
}

// ----

// The server may have taken the request, and a second one with the same id for a mistake.
void Call::rename_after(Evidence evidence) {
  const bool seen = evidence == Evidence::unclear || evidence == Evidence::partial;
  if (!spec_.modern || spec_.raw_id.empty() || !seen) return;
  const rpc::Scanned scanned = rpc::scan(spec_.text->view());
  if (!scanned) return;
  wire_id_ = (*spec_.modern->mint)();
  wire_text_ =
      std::make_shared<const base::Bytes>(rpc::with_id(spec_.text->view(), *scanned, wire_id_));
}

void Call::repair(const Verdict& verdict, Outcome& outcome) {
  ++repairs_;
  if (verdict.means == Verdict::Means::session_lost) {
    return owner_.on_session_lost(*this);
  }
  const milliseconds pause = verdict.wait ? *verdict.wait : pauses_.next();
  if (verdict.rate_limited && pause <= kLongestPause) context_.upstream.hold_back(pause);
  again_after(pause, verdict, outcome);
}

void Call::again_after(milliseconds pause, const Verdict& verdict, Outcome& outcome) {
  const milliseconds total = context_.upstream.patience().total;
  const bool in_time = total.count() == 0 || context_.loop.now() + pause < started_ + total;
  if (pause > kLongestPause || !in_time || !context_.budget.take()) {
    return give_up(verdict, outcome);
  }
  timer_.start(pause);
}

void Call::give_up(const Verdict& verdict, Outcome& outcome) {
  if (verdict.answered) return take_answer(*outcome.message);
  fail(verdict);
}

void Call::session_restored() { attempt(); }

void Call::session_not_restored(const Failure& failure) {
  over_ = true;
  Failure own = failure;
  own.attempts = attempts_;
  owner_.on_failure(*this, own);
}

// As long as the server asks for; longer when the last time has brought nothing.
void Call::wait_to_resume(bool went_on) {
  const milliseconds wish = std::max(retry_.value_or(0ms), kShortestRetry);
  if (retry_ && went_on) return timer_.start(wish);
  timer_.start(std::max(wish, resume_pauses_.next()));
}

// The rest of the stream came to an end too. As long as the server offers it, it goes on: polling
// of that kind is how servers of 2025-11-25 answer slow calls.
void Call::end_of_resumption(Outcome& outcome, bool went_on) {
  const bool offered = outcome.status == 200 && outcome.event_stream;
  const bool unreached = outcome.status == 0;
  if (offered || (unreached && context_.budget.take())) return wait_to_resume(went_on);
  Verdict verdict;
  verdict.evidence = Evidence::partial;
  verdict.failure = read_failure(
      outcome.error.value_or(base::Error{
          base::Kind::cut, "the server's event stream broke off and cannot be resumed"}),
      Evidence::partial);
  last_event_id_.clear();
  resuming_ = false;
  act_on(verdict, outcome);
}

void Call::fail(const Verdict& verdict) {
  over_ = true;
  owner_.on_failure(*this, final_failure(verdict, spec_.safety, attempts_));
}

}  // namespace dogpipe::bridge
