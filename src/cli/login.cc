// `dogpipe login`: a sign-in with words.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "auth/refresh.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/exit_code.h"
#include "cli/sign_in_session.h"
#include "cli/state.h"
#include "cli/verbs.h"
#include "event/signals.h"
#include "event/stdio.h"
#include "json/writer.h"

namespace dogpipe::cli {
namespace {

using namespace std::chrono_literals;
using base::Result;

constexpr base::Duration kTick = 1s;
constexpr std::size_t kLongestPaste = 16u << 10;

// lock -> words -> [paste] -> outcome. If another sign-in is open, waits for what comes of that
// one.
class LoginVerb {
 public:
  explicit LoginVerb(Options options)
      : options_(std::move(options)),
        state_(options_),
        context_(state_.context()),
        clock_(state_.loop, [this] { tick(); }),
        live_(!options_.json && ::isatty(STDERR_FILENO) == 1) {}

  int run() {
    const event::StopSignals signals(state_.loop, [this](int number) {
      wipe_countdown();
      end(kSignalBase + number);
    });
    ends_ = state_.loop.now() + options_.sign_in.patience;
    begin();
    if (options_.paste) read_pasted();
    clock_.start(kTick);
    state_.loop.run();
    return status_;
  }

 private:
  void begin() {
    SignInSession::Events events;
    events.sign_in.on_url = [this](const std::string& url) { on_url(url); };
    events.sign_in.on_browser = [this](bool opened) { on_browser(opened); };
    events.sign_in.on_device = [this](const std::string& page, const std::string& code,
                                      const std::string& complete) {
      on_device(page, code, complete);
    };
    events.on_granted = [this](const auth::Grant&, bool stored) { stored_ = stored; };
    session_ = std::make_unique<SignInSession>(
        context_, options_, options_.sign_in, std::move(events),
        [this](Result<std::optional<auth::Grant>> outcome) { on_done(std::move(outcome)); });
  }

  void on_url(const std::string& url) {
    if (options_.json) {
      json::Writer out;
      return print(out.begin_object().member("authorization_url", url).end_object().take());
    }
    say("To sign in, open this address in a browser:\n\n  {}\n", url);
    if (options_.paste) {
      say("Then paste the address that the browser ends at (it may show an error there), and "
          "press Enter:\n");
    }
  }

  void on_browser(bool opened) {
    if (options_.json) return;
    say("{}", opened ? "It has been opened in your browser."
                     : "No browser could be opened here. Over SSH, --paste helps.");
  }

  void on_device(const std::string& page, const std::string& code, const std::string& complete) {
    if (options_.json) {
      json::Writer out;
      out.begin_object().member("verification_uri", page).member("user_code", code);
      if (!complete.empty()) out.member("verification_uri_complete", complete);
      return print(out.end_object().take());
    }
    say("To sign in, open {} on any device and enter the code\n\n  {}\n", page, code);
    if (!complete.empty()) say("or open {}\n", complete);
  }

  void read_pasted() {
    input_ = std::make_unique<event::Input>(
        state_.loop, STDIN_FILENO,
        event::Input::Events{[this](std::string_view data) { on_pasted(data); },
                             [](const Result<void>&) {}});
  }

  void on_pasted(std::string_view data) {
    pasted_ += data;
    for (auto end = pasted_.find('\n'); end != std::string::npos; end = pasted_.find('\n')) {
      const std::string line(base::trimmed(std::string_view(pasted_).substr(0, end)));
      pasted_.erase(0, end + 1);
      if (line.empty()) continue;
      if (auto taken = session_->paste(line); !taken) say("{}", taken.error().what);
    }
    if (pasted_.size() > kLongestPaste) pasted_.clear();
  }

  void on_done(Result<std::optional<auth::Grant>> outcome) {
    wipe_countdown();
    if (!outcome) return end(complain(outcome.error(), options_.json));
    if (*outcome) return welcome(**outcome);
    if (!other_seen_) announce_other();
    session_.reset();  // and look again at the next tick
  }

  // Another sign-in for the same profile and server is open: one tab is enough.
  void announce_other() {
    other_seen_ = true;
    before_ = token_of(auth::stored_grant(state_.store, options_.sign_in));
    const auto url = state_.store.note_of(lock());
    if (!options_.json) {
      say("A sign-in is open already{}", url && !url->empty() ? ":\n\n  " + *url + "\n" : ".");
    }
  }

  void tick() {
    clock_.start(kTick);
    const auto left =
        std::chrono::duration_cast<std::chrono::seconds>(ends_ - state_.loop.now()).count();
    if (live_ && left > 0) {
      fmt::print(stderr, "\rWaiting, for {}:{:02} more ... ", left / 60, left % 60);
      countdown_ = true;
    }
    if (session_) return;
    if (left <= 0) {
      wipe_countdown();
      return end(complain({base::Kind::timed_out, "nobody has signed in in time"}, options_.json));
    }
    const auto grant = auth::stored_grant(state_.store, options_.sign_in);
    if (grant && !grant->access_token.empty() && token_of(grant) != before_) {
      wipe_countdown();
      return welcome(*grant);
    }
    begin();
  }

  std::string lock() const {
    return auth::lock_name("sign-in", options_.sign_in.profile,
                           auth::endpoint_of(options_.sign_in.trusted));
  }
  static std::string token_of(const std::optional<auth::Grant>& grant) {
    return grant ? auth::fingerprint(grant->access_token) : "";
  }

  void welcome(const auth::Grant& grant) {
    if (options_.json) {
      json::Writer out;
      out.begin_object().member("signed_in", true).member("profile", grant.profile);
      out.member("endpoint", grant.endpoint).member("user", grant.user);
      out.member("organization", grant.organization);
      out.member("organization_name", grant.organization_name).member("stored", stored_);
      print(out.end_object().take());
    } else {
      const std::string& name =
          grant.organization_name.empty() ? grant.organization : grant.organization_name;
      say("Signed in{}{}.", grant.user.empty() ? "" : " as " + grant.user,
          name.empty() ? "" : " to " + name);
      if (grant.refresh_token.empty()) {
        say("The server gave no refresh token: when the token ends you will be asked again.");
      }
      if (!stored_) say("But it could not be stored, so it is of no use to other programs.");
    }
    keep_profile();
    end(stored_ ? kDone : kUnexpected);
  }

  void keep_profile() {
    if (options_.profile_settings.empty()) return;
    auto kept =
        save_profile(options_.state_folder, options_.sign_in.profile, options_.profile_settings);
    if (!kept) say("The profile's settings could not be kept: {}.", kept.error().what);
  }

  void end(int status) {
    status_ = status;
    clock_.stop();
    state_.loop.stop();
  }

  // What a server has named is cleaned as for the log.
  template <class... Args>
  void say(fmt::format_string<Args...> format, Args&&... args) {
    wipe_countdown();
    const std::string text = fmt::format(format, std::forward<Args>(args)...);
    std::string_view rest = text;
    for (;;) {
      const std::size_t line = std::min(rest.find('\n'), rest.size());
      fmt::print(stderr, "{}\n", whole_printable(rest.substr(0, line)));
      if (line == rest.size()) return;
      rest.remove_prefix(line + 1);
    }
  }

  // printable() cuts long text, and the address must stay whole.
  static std::string whole_printable(std::string_view line) {
    constexpr std::size_t kPiece = 256;
    std::string out;
    for (; !line.empty(); line.remove_prefix(std::min(kPiece, line.size()))) {
      out += base::printable(line.substr(0, kPiece));
    }
    return out;
  }

  static void print(const std::string& line) {
    fmt::print("{}\n", line);
    std::fflush(stdout);
  }

  void wipe_countdown() {
    if (std::exchange(countdown_, false)) fmt::print(stderr, "\r\033[K");
  }

  const Options options_;
  State state_;
  const auth::SignInContext context_;
  base::Time ends_;
  event::Timer clock_;
  bool live_;
  bool countdown_ = false;
  bool stored_ = true;
  bool other_seen_ = false;
  std::string before_;
  std::string pasted_;
  std::unique_ptr<event::Input> input_;
  std::unique_ptr<SignInSession> session_;
  int status_ = kUnexpected;
};

}  // namespace

int run_login(Options options) {
  event::ignore_broken_pipes();
  if (!options.oauth) {
    return complain({base::Kind::usage,
                     "a token or keys are set, so there is nothing to sign in for: remove them "
                     "from the environment and the settings first"},
                    options.json);
  }
  options.sign_in.ask_for_challenge = true;
  if (options.paste) options.sign_in.open_browser = false;
  // What could not be kept would be of no use: better said before the user has signed in.
  base::PosixFiles files(home_folder());
  if (auto room = auth::FileTokenStore(files, options.state_folder).draft(); !room) {
    return complain_of_store(room.error(), options.json);
  }
  return LoginVerb(std::move(options)).run();
}

}  // namespace dogpipe::cli
