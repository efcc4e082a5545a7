#include "auth/oauth.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "auth/advice.h"
#include "auth/refresh.h"
#include "auth/scope.h"
#include "base/log.h"

namespace dogpipe::auth {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;

// Between two looks into the store while nothing is known to have happened.
constexpr base::Duration kShortestLook = 20ms;
constexpr base::Duration kWatch = 200ms;
constexpr int kFreeLooks = 5;
// Where the clock says that a token has expired and the server disagrees, or cannot be asked.
constexpr base::Duration kShortestRefresh = 30s;
// How long before its end a token is renewed, at most; and by how much processes differ in that.
constexpr std::int64_t kAhead = 300;
constexpr std::int64_t kJitter = 60;
constexpr std::int64_t kLongestPlan = 30 * 86400;
// In the life of a process: a server that always wants more must not keep the user busy.
constexpr int kMostStepUps = 3;

Impediment impediment(Impediment::Kind kind, std::string what, const std::string& command) {
  Impediment out;
  out.kind = kind;
  out.what = std::move(what);
  out.command = command;
  return out;
}

}  // namespace

// ---- those who wait

std::unique_ptr<OneWait> OAuth::wait(For what, Done done, std::optional<std::uint64_t> refused) {
  return std::make_unique<OneWait>(loop_, waits_, what, refused, std::move(done),
                                   [this] { return waiting_too_long(); });
}

template <class Which>
void OAuth::settle(Which which, const std::optional<Impediment>& impediment) {
  for (OneWait* one : std::vector<OneWait*>(waits_)) {
    if (which(one->what())) one->settle(impediment);
  }
}

Impediment OAuth::waiting_too_long() const {
  if (sign_in_open_) return sign_in_required();
  return impediment(Impediment::Kind::unreachable,
                    "the authorization server has not answered yet: try again", "");
}

Impediment OAuth::sign_in_required() const {
  std::string what = "signing in is needed: ";
  if (!url_.empty()) what += fmt::format("open {} in a browser, or ", url_);
  if (!code_.empty()) what = fmt::format("signing in is needed: enter {} at {}, or ", code_, url_);
  what += fmt::format("run `{}` in a terminal; then try again", settings_.login_command);
  Impediment needed =
      impediment(Impediment::Kind::sign_in_required, std::move(what), settings_.login_command);
  needed.url = url_;
  return needed;
}

// ---- what the bridge asks

OAuth::OAuth(event::Loop& loop, TokenStore& store, event::Spawner& spawner, crypto::Random& random,
             Settings settings)
    : loop_(loop),
      store_(store),
      spawner_(spawner),
      random_(random),
      settings_(std::move(settings)),
      held_(loop, store, settings_.profile, settings_.endpoint),
      ahead_(loop, [this] { refresh_ahead(); }),
      watch_(loop, [this] { watch(); }) {
  plan_ahead();
}

OAuth::~OAuth() = default;

// Whatever other processes have done: those who wait for a token go on with a new one.
void OAuth::look() {
  held_.look();
  if (known_ == held_.generation()) return;
  plan_ahead();
  if (!held_.has_token()) return;
  failure_.reset();
  settle([](For what) { return what != For::scope; }, std::nullopt);
}

std::unique_ptr<Authorizer::Wait> OAuth::prepare(Done done) {
  if (held_.idle() >= kShortestLook) look();
  if (sign_in_open_ && !held_.has_token()) return wait(For::token, std::move(done));
  if (!held_.has_expired() || !held_.can_refresh()) return nullptr;
  const bool rested = !refreshed_ || loop_.now() - *refreshed_ >= kShortestRefresh;
  if (!refreshing_ && !rested) return nullptr;
  auto one = wait(For::first_token, std::move(done));
  if (!refreshing_) refresh();
  return one;
}

std::unique_ptr<Authorizer::Wait> OAuth::mend(const Refusal& refusal, Done done) {
  look();
  const Challenge challenge = read_challenge(refusal.challenge);
  const bool newer = refusal.generation != held_.generation();
  const bool scope = refusal.status == 403;
  if (scope && (refusal.quiet || !challenge.wants_more_scope())) return nullptr;
  // A fresh token was refused: the next would be too.
  if (!scope && refusal.again && !newer) return nullptr;
  const For what = scope ? For::scope : refusal.quiet ? For::quiet_token : For::token;
  auto one = wait(what, std::move(done), refusal.generation);
  if (newer) {
    one->settle(std::nullopt);
  } else if (scope) {
    need_scope(*one, challenge);
  } else {
    need_token(*one, challenge);
  }
  return one;
}

void OAuth::need_token(OneWait& one, const Challenge& challenge) {
  if (refreshing_) return;
  if (held_.can_refresh()) {
    challenge_ = challenge;
    return refresh();
  }
  // A sign-in now could not be kept, and there may be one already.
  if (held_.trouble() && held_.trouble()->kind == base::Kind::untrusted) {
    return one.settle(impediment(Impediment::Kind::token_store, held_.trouble()->what, ""));
  }
  if (sign_in_open_) return;
  if (one.what() == For::quiet_token) return one.settle(sign_in_required());
  sign_in(challenge);
}

void OAuth::need_scope(OneWait& one, const Challenge& challenge) {
  if (sign_in_open_) return;
  const char* why = nullptr;
  if (settings_.scope_chosen) {
    why = "the server wants a scope that --scope leaves out";
  } else if (held_.grant() && includes(held_.grant()->requested_scope, challenge.scope)) {
    why =
        "the server wants a scope that was asked for but not granted: the user's role may lack "
        "the permission";
  } else if (++step_ups_ > kMostStepUps) {
    why = "the server wants more scopes again and again";
  }
  if (why == nullptr) return sign_in(challenge);
  one.settle(impediment(Impediment::Kind::sign_in_failed, why, settings_.login_command));
}

std::string OAuth::advice(int status) const {
  if (status == 403) return std::string(kForbiddenAdvice);
  return fmt::format("It does not accept the token of this sign-in: run `{}` in a terminal.",
                     settings_.login_command);
}

// A grant that a worker has brought.
void OAuth::take(const Report& report) {
  if (!report.grant) return;
  held_.take(*report.grant, report.stored);
  if (!report.stored && !std::exchange(warned_, true)) {
    base::log(base::LogLevel::warn,
              "nothing can be stored here: the sign-in lasts as long as this process");
  }
  look();
}

// ---- refreshing

void OAuth::refresh() {
  refreshed_ = loop_.now();
  Errand errand;
  errand.task = Errand::Task::refresh;
  errand.settings = settings_.worker_settings;
  errand.stale = fingerprint(held_.grant()->access_token);
  if (!held_.stored()) errand.own = held_.grant();
  refreshing_ = std::make_unique<WorkerRun>(loop_, spawner_, settings_.worker, errand,
                                            [this](const Report& report) { on_refresh(report); });
}

void OAuth::on_refresh(const Report& report) {
  if (report.means == Report::Means::granted) return take(report);
  if (report.means != Report::Means::ended) return;
  const auto ended = std::move(refreshing_);
  look();
  end_refresh(report);
}

// Those who got what they wanted wait no more.
void OAuth::end_refresh(const Report& report) {
  const auto token = [](For what) { return what != For::scope; };
  switch (report.end) {
    case Report::End::done:
    case Report::End::busy:
      return go_on();
    case Report::End::denied:
    case Report::End::unreachable:
      return settle(token, impediment(Impediment::Kind::unreachable, report.what, ""));
    case Report::End::sign_in_needed:
      break;
  }
  held_.forget_refresh_token();
  ahead_.stop();
  settle([](For what) { return what == For::quiet_token; }, sign_in_required());
  const bool wanted = std::any_of(waits_.begin(), waits_.end(),
                                  [&](const OneWait* one) { return token(one->what()); });
  if (wanted && !sign_in_open_) sign_in(challenge_);
}

// There is a token, perhaps for a while: whoever has been refused with that one too is where the
// others were before.
void OAuth::go_on() {
  for (OneWait* one : std::vector<OneWait*>(waits_)) {
    if (one->what() == For::scope) continue;
    if (one->refused() == held_.generation()) {
      need_token(*one, challenge_);
    } else {
      one->settle(std::nullopt);
    }
  }
}

// Before its end, so that no request has to wait; not all processes at once.
void OAuth::plan_ahead() {
  known_ = held_.generation();
  ahead_.stop();
  if (!held_.can_refresh() || !held_.grant()->expires_at) return;
  const Grant& grant = *held_.grant();
  const std::int64_t life = std::max<std::int64_t>(*grant.expires_at - grant.issued_at, 0);
  unsigned char chance = 0;
  if (!random_.fill({&chance, 1})) return;
  const std::int64_t jitter = std::min(kJitter, life / 10) * chance / 255;
  const std::int64_t margin = std::min(kAhead, life / 5) + jitter;
  const std::int64_t left =
      std::min(*grant.expires_at - margin - base::unix_seconds(), kLongestPlan);
  ahead_.start(std::max<base::Duration>(seconds(left), kShortestRefresh));
}

void OAuth::refresh_ahead() {
  const std::uint64_t before = held_.generation();
  look();
  if (held_.generation() != before || !held_.can_refresh()) return;
  ahead_.start(kShortestRefresh);  // should this one fail
  if (!refreshing_) refresh();
}

// ---- signing in

void OAuth::sign_in(const Challenge& challenge) {
  const auto all = [](For) { return true; };
  if (failure_) return settle(all, failure_);
  if (!settings_.may_sign_in) return settle(all, sign_in_required());
  sign_in_open_ = true;
  granted_ = false;
  url_.clear();
  code_.clear();
  free_looks_ = 0;
  challenge_ = challenge;
  const auto& grant = held_.grant();
  signed_in_before_ = grant ? grant->signed_in_at : 0;
  Errand errand;
  errand.task = Errand::Task::sign_in;
  errand.settings = settings_.worker_settings;
  errand.challenge = challenge;
  if (held_.has_token()) errand.stale = fingerprint(grant->access_token);
  if (grant && challenge.wants_more_scope()) {
    errand.scope_before = unite(grant->requested_scope, grant->granted_scope);
  }
  watch_.start(kWatch);
  signing_in_ = std::make_unique<WorkerRun>(loop_, spawner_, settings_.worker, errand,
                                            [this](const Report& report) { on_sign_in(report); });
}

void OAuth::on_sign_in(const Report& report) {
  switch (report.means) {
    case Report::Means::waiting:
      url_ = report.url;
      code_ = report.code;
      return;
    case Report::Means::granted:
      granted_ = true;
      take(report);
      return close_sign_in(std::nullopt);
    case Report::Means::ended:
      break;
  }
  const auto ended = std::move(signing_in_);
  look();
  if (granted_ && report.end == Report::End::denied) take_back(report);
  if (!sign_in_open_) return;  // it has been told already
  if (sign_in_has_succeeded()) return close_sign_in(std::nullopt);
  if (report.end != Report::End::busy) end_sign_in(report);
}

bool OAuth::sign_in_has_succeeded() const {
  return held_.has_token() && held_.grant()->signed_in_at != signed_in_before_;
}

// It has turned out whose it is; the store does not have it any more either.
void OAuth::take_back(const Report& report) {
  if (!held_.stored()) held_.withdraw();
  failure_ = failed(Impediment::Kind::sign_in_failed, report.what);
}

Impediment OAuth::failed(Impediment::Kind kind, const std::string& why) const {
  return impediment(
      kind, fmt::format("{}. To try again, run `{}` in a terminal", why, settings_.login_command),
      settings_.login_command);
}

void OAuth::end_sign_in(const Report& report) {
  const bool unreachable = report.end == Report::End::unreachable && url_.empty();
  const Impediment outcome = failed(
      unreachable ? Impediment::Kind::unreachable : Impediment::Kind::sign_in_failed, report.what);
  // Whoever has seen one tab and not signed in does not want another for each request.
  if (settings_.with_user && !url_.empty()) failure_ = outcome;
  close_sign_in(outcome);
}

// A sign-in may be another process's, which shows in the store and its lock alone.
void OAuth::watch() {
  look();
  if (sign_in_has_succeeded()) return close_sign_in(std::nullopt);
  watch_.start(kWatch);
  const auto note = store_.note_of(lock_name("sign-in", settings_.profile, settings_.endpoint));
  if (note && !note->empty()) url_ = *note;
  free_looks_ = note || signing_in_ ? 0 : free_looks_ + 1;
  if (free_looks_ < kFreeLooks) return;
  if (url_.empty()) return sign_in(challenge_);  // the other one was about something else
  Report report;
  report.end = Report::End::denied;
  report.what = "the sign-in that was open has ended without success";
  end_sign_in(report);
}

// The worker may still be busy with what comes after.
void OAuth::close_sign_in(const std::optional<Impediment>& impediment) {
  sign_in_open_ = false;
  watch_.stop();
  settle([](For) { return true; }, impediment);
}

}  // namespace dogpipe::auth
