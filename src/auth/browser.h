// Opening a URL in the user's browser, without a shell.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/loop.h"
#include "event/process.h"
#include "http/url.h"

namespace dogpipe::auth {

// The machine, as far as it matters here; tests bring their own.
struct BrowserHost {
  std::function<std::optional<std::string>(const std::string& name)>
      variable;                                             // of the environment
  std::function<bool(const std::string& path)> is_program;  // an executable file is there
  std::function<bool(const std::string& path)> exists;
  // A socket of this user's or the system's. Anybody can put one where displays have theirs, and
  // would see and steer the browser that connects to it.
  std::function<bool(const std::string& path)> is_trusted_socket;
  unsigned user_id = 0;
};
BrowserHost this_machine();

// The commands to try, in order, each with an absolute path.
//
// Those of BROWSER: alternatives separated by colons; words by spaces, without quoting; %s in a
// word after the first is the URL, %% a percent sign; without any %s the URL is a last word. A
// first word without a slash is looked up in PATH. Where BROWSER names nothing that can be
// executed, and where it is not set: open on macOS, else xdg-open, gio open, x-www-browser,
// sensible-browser and wslview, from PATH and from where systems keep them.
//
// The environment is an allow-list by name, without any setting of ours. Hosts leave out most of
// the desktop's: a display, the session bus and their folder are put in where they can be found.
//
// Empty: there is no browser to be had. So it is, too, without any display, unless BROWSER is set.
std::vector<event::Command> browser_commands(const http::Url& url, const BrowserHost& host);

// Tries the commands until one has opened the URL: has ended well, or has not ended within two
// seconds (some programs stay until the browser is closed). Calls done once, on a later turn;
// destroying this gives up before that. What was started runs on.
class BrowserLaunch {
 public:
  BrowserLaunch(event::Loop& loop, event::Spawner& spawner, std::vector<event::Command> commands,
                std::function<void(bool opened)> done);
  BrowserLaunch(const BrowserLaunch&) = delete;
  BrowserLaunch& operator=(const BrowserLaunch&) = delete;
  ~BrowserLaunch();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dogpipe::auth
