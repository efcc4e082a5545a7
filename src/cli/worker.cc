// `dogpipe worker`: started by a bridge, reads its errand from standard input, reports on standard
// output, and does not care whether the bridge is still there.
#include <unistd.h>

#include <cstdio>
#include <string>
#include <utility>

#include "auth/errand.h"
#include "auth/refresh.h"
#include "base/log.h"
#include "cli/environment.h"
#include "cli/exit_code.h"
#include "cli/interpret.h"
#include "cli/settings_json.h"
#include "cli/sign_in_session.h"
#include "cli/state.h"
#include "cli/verbs.h"
#include "event/signals.h"

namespace dogpipe::cli {
namespace {

using auth::Errand;
using auth::Report;
using base::Result;

constexpr std::size_t kLongestErrand = 1u << 20;

Result<std::string> read_input() {
  std::string text;
  char piece[4096];
  for (;;) {
    const ssize_t got = ::read(STDIN_FILENO, piece, sizeof piece);
    if (got == 0) return text;
    if (got < 0 || text.size() > kLongestErrand) {
      return base::Error{base::Kind::malformed, "the errand cannot be read"};
    }
    text.append(piece, static_cast<std::size_t>(got));
  }
}

// In one write: the bridge reads lines. Nobody may be reading any more.
void tell(const Report& report) {
  const base::Secret line = auth::write_report(report);
  std::string_view rest = line.reveal();
  while (!rest.empty()) {
    const ssize_t put = ::write(STDOUT_FILENO, rest.data(), rest.size());
    if (put <= 0) return;
    rest.remove_prefix(static_cast<std::size_t>(put));
  }
}

void tell_end(Report::End end, const std::string& what = {}) {
  Report report;
  report.end = end;
  report.what = what;
  tell(report);
}

void tell_grant(const auth::Grant& grant, bool stored) {
  Report report;
  report.means = Report::Means::granted;
  report.grant = grant;
  report.stored = stored;
  tell(report);
}

void refresh(const Errand& errand, const Options& options) {
  State state(options);
  auth::RefreshRequest request;
  request.profile = options.sign_in.profile;
  request.endpoint = auth::endpoint_of(options.sign_in.trusted);
  request.trusted = options.sign_in.trusted;
  request.client = options.sign_in.client;
  request.stale = errand.stale;
  request.own = errand.own;
  const auth::RefreshContext context{state.loop, state.client, state.random, state.store};
  bool told = false;
  auth::Refresh refresh(
      context, std::move(request),
      [&](const auth::Grant& grant) {
        told = true;
        tell_grant(grant, !errand.own);
      },
      [&](Result<auth::Refreshed> outcome) {
        state.loop.stop();
        if (!outcome) return tell_end(auth::end_of(outcome.error()), outcome.error().what);
        if (!outcome->grant) return tell_end(Report::End::sign_in_needed);
        // That it could not be kept was not known a moment ago.
        if (!told || !outcome->stored) tell_grant(*outcome->grant, outcome->stored);
        tell_end(Report::End::done);
      });
  state.loop.run();
}

void sign_in(const Errand& errand, const Options& options) {
  State state(options);
  auth::SignInRequest request = options.sign_in;
  request.challenge = errand.challenge;
  request.scope_before = errand.scope_before;
  request.stale = errand.stale;
  SignInSession::Events events;
  events.sign_in.on_url = [](const std::string& url) {
    Report report;
    report.means = Report::Means::waiting;
    report.url = url;
    tell(report);
  };
  events.sign_in.on_browser = [](bool) {};
  events.sign_in.on_device = [](const std::string& page, const std::string& code,
                                const std::string&) {
    Report report;
    report.means = Report::Means::waiting;
    report.url = page;
    report.code = code;
    tell(report);
  };
  events.on_granted = tell_grant;
  const auth::SignInContext context = state.context();
  SignInSession session(context, options, std::move(request), std::move(events),
                        [&](Result<std::optional<auth::Grant>> outcome) {
                          state.loop.stop();
                          if (!outcome) {
                            return tell_end(auth::end_of(outcome.error()), outcome.error().what);
                          }
                          tell_end(*outcome ? Report::End::done : Report::End::busy);
                        });
  state.loop.run();
}

Result<void> work() {
  const auto text = read_input();
  if (!text) return text.error();
  const auto errand = auth::read_errand(*text);
  if (!errand) return errand.error();
  auto environment = Environment::read();
  if (!environment) return std::move(environment).error();
  Settings settings;
  if (auto read = read_settings(errand->settings, settings, *environment); !read) return read;
  if (!settings.profile.value.empty()) {
    if (auto known = environment->take_profile(settings.profile.value); !known) return known;
  }
  auto options = interpret(std::move(settings), *environment);
  if (!options) return std::move(options).error();
  // Standard error leads nowhere.
  if (options->log.file.empty()) options->log.level = base::LogLevel::off;
  if (auto opened = base::open_log(options->log); !opened) options->log.level = base::LogLevel::off;
  if (errand->task == Errand::Task::refresh) {
    refresh(*errand, *options);
  } else {
    sign_in(*errand, *options);
  }
  return {};
}

}  // namespace

int run_worker() {
  event::ignore_broken_pipes();
  if (auto done = work(); !done) {
    tell_end(Report::End::unreachable, done.error().what);
    return kUnexpected;
  }
  return kDone;
}

}  // namespace dogpipe::cli
