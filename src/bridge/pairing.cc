#include "bridge/pairing.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "bridge/ascent/modern_params.h"
#include "bridge/failure.h"
#include "mcp/codes.h"
#include "mcp/request_fields.h"
#include "mcp/revision.h"
#include "rpc/members.h"
#include "rpc/reply.h"

namespace dogpipe::bridge {
namespace {

using namespace std::chrono_literals;
using SignIn = EraProbe::SignIn;

// Hosts give up on server/discover from 10 s on, on initialize from 5 s.
constexpr base::Duration kForDiscover = 8s;
constexpr base::Duration kForInitialize = 3s;
// Longer than a request waits for somebody to sign in.
constexpr base::Duration kForSignIn = 40s;
// Not every request that is refused is worth a probe.
constexpr base::Duration kBeyondDoubt = 60s;

bool is_request(const HostMessage& message) {
  return message.envelope.shape == rpc::Shape::request;
}

HostSays says(const HostMessage& message) {
  return host_says(message.method, message.raw_params());
}

bool is_initialize(const HostMessage& message) {
  return is_request(message) && says(message) == HostSays::initialize;
}

bool is_object(std::string_view raw) { return raw.starts_with('{'); }

// Whether the claim is as it should be. A server of the newer era refuses any other just as an
// older one refuses all: its answer would say nothing.
bool is_sound(const HostMessage& discover) {
  const auto claim = mcp::read_claim(discover.raw_params());
  return claim && mcp::valid_revision(claim->revision) && is_object(claim->raw_capabilities) &&
         (claim->raw_client_info.empty() || is_object(claim->raw_client_info));
}

// The same claim as the host's request bears, or would bear if it were of that era, as far as it is
// sound.
std::string discover_params(const HostMessage& message) {
  if (says(message) == HostSays::initialize) {
    const auto revision = rpc::member(message.raw_params(), "protocolVersion");
    const std::string plain = revision ? rpc::string_value(*revision).value_or("") : "";
    return ascent::with_claim({}, ascent::read_claim(message.raw_params(), plain));
  }
  const auto said = mcp::read_claim(message.raw_params());
  ascent::Claim claim;
  claim.raw_capabilities =
      said && is_object(said->raw_capabilities) ? said->raw_capabilities : "{}";
  if (said && is_object(said->raw_client_info)) claim.raw_client_info = said->raw_client_info;
  return ascent::with_claim({}, claim);
}

Message message_of(base::Bytes&& text) {
  Message message;
  message.owned = std::move(text);
  message.text = message.owned.view();
  if (const rpc::Scanned scanned = rpc::scan(message.text)) message.envelope = *scanned;
  return message;
}

bool speaks_modern(const ProbeFinding& finding) {
  return finding.means == ProbeFinding::Means::modern ||
         finding.means == ProbeFinding::Means::incompatible;
}

bool lists_legacy(const ProbeFinding& finding) {
  return std::any_of(finding.supported.begin(), finding.supported.end(),
                     [](const std::string& revision) { return !mcp::is_modern(revision); });
}

}  // namespace

Pairing::Pairing(const ServerContext& context, Replies& replies, Settings settings, Events events)
    : context_(context),
      replies_(replies),
      settings_(std::move(settings)),
      events_(std::move(events)),
      known_(context.loop, settings_.store) {}

// ---- the host's messages

void Pairing::take_request(HostMessage&& message) {
  if (!waits_behind_probe(message)) return dispatch(std::move(message));
  undecided_.push_back(std::move(message));
}

void Pairing::take_notification(HostMessage&& message) {
  if (!waits_behind_probe(message)) return dispatch(std::move(message));
  undecided_.push_back(std::move(message));
}

void Pairing::take_response(HostMessage&& message) {
  if (opened_ != nullptr) return opened_->take_response(std::move(message));
  base::log(base::LogLevel::warn,
            "dropped the host's response to a request that the server did not make");
}

// Nothing overtakes an initialize that waits; what is of the newer era waits for the verdict alone.
bool Pairing::waits_behind_probe(const HostMessage& message) const {
  if (!asking_) return false;
  const HostSays what = says(message);
  if (what == HostSays::discover || what == HostSays::modern_request) return asking_->undecided;
  return std::any_of(undecided_.begin(), undecided_.end(), is_initialize);
}

void Pairing::cancel(std::string_view raw_id, HostMessage&&) {
  std::erase_if(undecided_,
                [&](const HostMessage& one) { return is_request(one) && one.raw_id() == raw_id; });
  if (undecided_.empty()) {
    asking_.reset();
  } else if (asking_ && asking_->raw_id == raw_id) {
    asking_->raw_id.clear();  // the id may come again, for something else
  }
}

void Pairing::dispatch(HostMessage&& message) {
  if (is_request(message)) return dispatch_request(std::move(message));
  const bool modern = is_modern(message) || (opened_ == nullptr && modern_host_);
  if (!modern)
    return (opened_ != nullptr ? *opened_ : legacy_relay()).take_notification(std::move(message));
  const bool down =
      route(HostSays::modern_request, known_.era(), settings_.policy) == Route::descend;
  Leg& leg = down ? static_cast<Leg&>(descent_leg()) : modern_relay();
  leg.take_notification(std::move(message));
}

void Pairing::dispatch_request(HostMessage&& message) {
  const HostSays what = says(message);
  modern_host_ = modern_host_ || what == HostSays::modern_request;
  if (what == HostSays::legacy_request && opened_ != nullptr)
    return hand(std::move(message), *opened_);
  const bool opens = what == HostSays::initialize;
  if (opens) older_refused_ = newer_refused_ = false;
  switch (route(what, known_.era(), settings_.policy)) {
    case Route::legacy_relay:
      if (opens) opened_ = &legacy_relay();
      if (opens) legacy_relay().suspect(known_.era() == ServerEra::modern);
      return hand(std::move(message), legacy_relay());
    case Route::ascend:
      if (opens) opened_ = &ascent_leg();
      return hand(std::move(message), ascent_leg());
    case Route::modern_relay:
      if (what == HostSays::discover && is_sound(message)) {
        return ask(std::move(message), SignIn::never);
      }
      return hand(std::move(message), modern_relay());
    case Route::descend:
      return hand(std::move(message), descent_leg());
    case Route::probe:
      return ask(std::move(message),
                 what == HostSays::modern_request ? SignIn::allowed : SignIn::never);
    case Route::decline_discover:
      return decline_discover(message);
  }
}

void Pairing::hand(HostMessage&& request, Leg& leg) {
  replies_.hand_over(request.raw_id(), leg);
  leg.take_request(std::move(request));
}

// ---- the probe

void Pairing::ask(HostMessage&& message, SignIn sign_in) {
  EraProbe::Question question;
  const HostSays what = says(message);
  asking_ = Asking();
  asking_->sign_in = sign_in;
  asking_->undecided = known_.era() == ServerEra::unknown;
  question.sign_in = sign_in;
  question.deadline = what == HostSays::initialize ? kForInitialize : kForDiscover;
  if (sign_in == SignIn::allowed) question.deadline = kForSignIn;
  if (what == HostSays::discover && is_sound(message)) {
    asking_->raw_id = message.raw_id();
    question.text = std::make_shared<const base::Bytes>(message.text.view());
  } else {
    question.ours = true;
    question.text = std::make_shared<const base::Bytes>(
        rpc::write_call(settings_.mint(), "server/discover", discover_params(message)));
  }
  undecided_.push_front(std::move(message));
  asking_->probe = std::make_unique<EraProbe>(
      context_, std::move(question), [this](const EraProbe::Report& report) { on_probed(report); });
}

void Pairing::on_probed(const EraProbe::Report& report) {
  const Asking asked = std::move(*std::exchange(asking_, std::nullopt));
  const ProbeFinding& finding = report.finding;
  note(report);
  // What the user has decided holds, whatever the server says of itself.
  const bool modern_by_decree =
      settings_.policy.override_era == Override::modern && finding.means != Means::no_evidence;
  auto waiting = std::exchange(undecided_, {});
  for (HostMessage& message : waiting) {
    const bool asked_by_host = is_request(message) && message.raw_id() == asked.raw_id;
    if (asking_ && waits_behind_probe(message)) {
      undecided_.push_back(std::move(message));
    } else if (asked_by_host && (speaks_modern(finding) || modern_by_decree)) {
      // Without an answer that can be passed on it is a request like any other; asking for the era
      // once more would only repeat this.
      report.answer ? answer_with(asked.raw_id, *report.answer)
                    : hand(std::move(message), modern_relay());
    } else if (finding.means == Means::no_evidence && is_request(message)) {
      go_without_verdict(std::move(message), asked.sign_in, report.impediment);
    } else {
      dispatch(std::move(message));
    }
  }
  events_.on_idle();
}

void Pairing::note(const EraProbe::Report& report) {
  const ProbeFinding& finding = report.finding;
  const Message* answer = report.answer;
  if (finding.means != Means::no_evidence) judged_ = context_.loop.now();
  switch (finding.means) {
    case Means::modern:
      // One that names an older revision too lets hosts of that era in without translation.
      known_.note(lists_legacy(finding) ? ServerEra::modern : ServerEra::modern_only,
                  finding.revision);
      if (answer != nullptr && answer->envelope.shape == rpc::Shape::response) {
        known_.note_discovered(answer->envelope.result.in(answer->text));
      }
      return;
    case Means::incompatible:
      return known_.note(ServerEra::modern_only, {});
    case Means::legacy:
      return known_.note(ServerEra::legacy, {});
    case Means::mend_and_retry:
    case Means::no_evidence:
      return;
  }
}

void Pairing::doubt() {
  if (judged_ && context_.loop.now() - *judged_ < kBeyondDoubt) return;
  base::log(base::LogLevel::info, "the server is not of the era that it was taken for");
  known_.forget();
}

// Nobody knows yet what the server is: it wants a credential, or is in trouble.
void Pairing::go_without_verdict(HostMessage&& message, SignIn sign_in,
                                 const std::optional<auth::Impediment>& impediment) {
  switch (says(message)) {
    case HostSays::initialize:
      older_refused_ = newer_refused_ = false;
      opened_ = &legacy_relay();
      return hand(std::move(message), legacy_relay());
    case HostSays::discover:
      return decline_discover(message);
    case HostSays::modern_request:
      if (sign_in == SignIn::never) return ask(std::move(message), SignIn::allowed);
      if (impediment) {
        return replies_.answer(message.raw_id(),
                               write_failure(message.raw_id(), read_failure(*impediment)));
      }
      return hand(std::move(message), modern_relay());
    case HostSays::legacy_request:
      return dispatch(std::move(message));
  }
}

// Hosts that can do both go on with initialize, which needs no translation; and what is known from
// an earlier time is better than nothing.
void Pairing::decline_discover(const HostMessage& message) {
  const std::string_view raw_id = message.raw_id();
  const auto& stored = known_.discovered();
  if (stored && known_.era() != ServerEra::legacy) {
    return replies_.answer(raw_id, rpc::write_result(raw_id, stored->raw_result));
  }
  replies_.answer(raw_id, write_refusal(raw_id, mcp::kMethodNotFound,
                                        "the server opens with initialize: send that"));
}

void Pairing::answer_with(std::string_view raw_id, Message& answer) {
  if (answer.envelope.id.in(answer.text) == raw_id) return replies_.answer(raw_id, answer);
  Message renamed = message_of(rpc::with_id(answer.text, answer.envelope, raw_id));
  replies_.answer(raw_id, renamed);
}

// ---- initialize, refused

void Pairing::on_refused(LegacyRelay::Refused refused) {
  older_refused_ = true;
  refusal_ = std::move(refused.answer);
  if (newer_refused_ || settings_.policy.override_era == Override::legacy) {
    return give_up(std::move(refused.given_back));
  }
  opened_ = &ascent_leg();
  start_over(std::move(refused.given_back));
}

void Pairing::on_legacy_server(std::vector<HostMessage> given_back) {
  newer_refused_ = true;
  legacy_relay().suspect(false);
  known_.note(ServerEra::legacy, {});
  opened_ = &legacy_relay();
  relay_legacy_server_->expect_legacy();
  if (older_refused_) relay_legacy_server_->expect_refusal(refusal_);
  start_over(std::move(given_back));
}

void Pairing::start_over(std::vector<HostMessage> messages) {
  for (HostMessage& message : messages) {
    if (is_request(message)) {
      hand(std::move(message), *opened_);
    } else {
      opened_->take_notification(std::move(message));
    }
  }
}

// Neither era will do: the host hears what the server has said to its own initialize.
void Pairing::give_up(std::vector<HostMessage> given_back) {
  opened_ = &legacy_relay();  // says that no session is open
  // Of several that crossed, it may be another one's refusal.
  Message refusal = message_of(base::Bytes(refusal_));
  answer_with(given_back.front().raw_id(), refusal);
  given_back.erase(given_back.begin());
  start_over(std::move(given_back));
}

}  // namespace dogpipe::bridge
