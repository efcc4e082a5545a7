#include "auth/browser.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/machine.h"
#include "fakes/fake_loop.h"
#include "fakes/fake_spawner.h"

namespace dogpipe::auth {
namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

const http::Url kUrl{"https", "app.datadoghq.com", 443, "/authorize", "state=a&x=%2F"};

struct World {
  std::map<std::string, std::string> variables;
  std::set<std::string> programs;
  std::set<std::string> files;
  std::set<std::string> sockets;

  BrowserHost host() const {
    BrowserHost host;
    host.variable = [this](const std::string& name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      if (found == variables.end()) return std::nullopt;
      return found->second;
    };
    host.is_program = [this](const std::string& path) { return programs.count(path) > 0; };
    host.exists = [this](const std::string& path) { return files.count(path) > 0; };
    host.is_trusted_socket = [this](const std::string& path) { return sockets.count(path) > 0; };
    host.user_id = 1000;
    return host;
  }
  std::vector<event::Command> commands(const http::Url& url = kUrl) const {
    return browser_commands(url, host());
  }
  // Each command as one line, the URL written as URL.
  Strings lines() const {
    Strings lines;
    for (const event::Command& command : commands()) {
      std::string line = command.program;
      for (const std::string& argument : command.arguments) {
        line += " [" + argument + ']';
        const std::size_t at = line.find(kUrl.text());
        if (at != std::string::npos) line.replace(at, kUrl.text().size(), "URL");
      }
      lines.push_back(line);
    }
    return lines;
  }
  // The environment of the first command, sorted.
  Strings environment() const {
    const auto all = commands();
    REQUIRE_FALSE(all.empty());
    Strings sorted = all.front().environment;
    std::sort(sorted.begin(), sorted.end());
    return sorted;
  }
};

World desktop() {
  World world;
  world.variables = {{"PATH", "/usr/bin:/bin"}, {"HOME", "/home/u"}, {"DISPLAY", ":0"}};
  world.programs = {"/usr/bin/xdg-open"};
  return world;
}

TEST_CASE("the programs of the system are tried in order, from PATH and the usual places") {
  World world = desktop();
  CHECK(world.lines() == Strings{"/usr/bin/xdg-open [URL]"});
  world.programs = {
      "/opt/x/xdg-open",    "/usr/bin/xdg-open",          "/usr/local/bin/gio",
      "/bin/x-www-browser", "/snap/bin/sensible-browser", "/home/u/.local/bin/wslview"};
  world.variables["PATH"] = "relative:/opt/x::.";
  CHECK(world.lines() == Strings{"/opt/x/xdg-open [URL]", "/usr/local/bin/gio [open] [URL]",
                                 "/bin/x-www-browser [URL]", "/snap/bin/sensible-browser [URL]",
                                 "/home/u/.local/bin/wslview [URL]"});
  world.variables.erase("PATH");
  CHECK(world.lines().front() == "/usr/bin/xdg-open [URL]");
  world.variables["PATH"] = "relative:.:";
  world.programs = {"relative/xdg-open", "./xdg-open", "xdg-open"};
  CHECK(world.lines().empty());
}

TEST_CASE("on macOS it is open, and nowhere else") {
  World world = desktop();
  world.programs.insert("/usr/bin/open");
  CHECK(world.lines() == Strings{"/usr/bin/xdg-open [URL]"});
  world.files.insert("/System/Library/CoreServices");
  world.variables.erase("DISPLAY");
  CHECK(world.lines() == Strings{"/usr/bin/open [URL]"});
}

TEST_CASE("BROWSER is read as alternatives of words") {
  const std::pair<const char*, Strings> cases[] = {
      {"firefox", {"/usr/bin/firefox [URL]"}},
      {"firefox:chromium", {"/usr/bin/firefox [URL]", "/usr/bin/chromium [URL]"}},
      {":missing::chromium:", {"/usr/bin/chromium [URL]"}},
      {"firefox  -P work  ", {"/usr/bin/firefox [-P] [work] [URL]"}},
      {"firefox %s --kiosk", {"/usr/bin/firefox [URL] [--kiosk]"}},
      {"firefox --url=%s", {"/usr/bin/firefox [--url=URL]"}},
      {"firefox %%s", {"/usr/bin/firefox [%s] [URL]"}},
      {"firefox 100%% %d %", {"/usr/bin/firefox [100%] [%d] [%] [URL]"}},
      {"firefox 'a b'", {"/usr/bin/firefox ['a] [b'] [URL]"}},
      {"firefox;id $(id)", {"/usr/bin/xdg-open [URL]"}},
      {"/opt/browser", {"/opt/browser [URL]"}},
      {"/opt/missing", {"/usr/bin/xdg-open [URL]"}},
      {"opt/relative", {"/usr/bin/xdg-open [URL]"}},
      {"./firefox", {"/usr/bin/xdg-open [URL]"}},
      {"%s", {"/usr/bin/xdg-open [URL]"}},
      {"missing:", {"/usr/bin/xdg-open [URL]"}},
      {" : ", {"/usr/bin/xdg-open [URL]"}},
      {"", {"/usr/bin/xdg-open [URL]"}},
  };
  World world = desktop();
  for (const char* path : {"/usr/bin/firefox", "/usr/bin/chromium", "/opt/browser", "opt/relative",
                           "./firefox", "/firefox"}) {
    world.programs.insert(path);
  }
  for (const auto& one : cases) {
    CAPTURE(std::string(one.first));
    world.variables["BROWSER"] = one.first;
    CHECK(world.lines() == one.second);
  }
}

TEST_CASE("one argument is the URL, whatever it holds") {
  World world = desktop();
  world.programs.insert({"/usr/bin/gio", "/usr/bin/firefox"});
  for (const char* query : {"$(id)", "`id`", "a;id", "a|b&c", "a b\tc\nd", "\"'\\", "%s%%%s%n",
                            "--help", "*?[a]{b,c}~", "\xff\xfe", "a:b:c"}) {
    for (const char* browser : {"", "firefox", "firefox %s"}) {
      CAPTURE(query);
      CAPTURE(browser);
      http::Url url = kUrl;
      url.query = query;
      world.variables["BROWSER"] = browser;
      const auto commands = world.commands(url);
      CHECK_FALSE(commands.empty());
      for (const event::Command& command : commands) {
        const auto& arguments = command.arguments;
        CHECK(std::count(arguments.begin(), arguments.end(), url.text()) == 1);
        CHECK(arguments.size() == (command.program == "/usr/bin/gio" ? 2 : 1));
      }
    }
  }
}

TEST_CASE("without a display there is no browser, unless BROWSER names one") {
  World world = desktop();
  world.variables.erase("DISPLAY");
  CHECK(world.lines().empty());
  world.variables["DISPLAY"] = "";
  CHECK(world.lines().empty());
  world.variables["WAYLAND_DISPLAY"] = "wayland-1";
  CHECK(world.lines() == Strings{"/usr/bin/xdg-open [URL]"});
  world.variables.erase("WAYLAND_DISPLAY");
  world.programs.insert("/usr/bin/wslview");
  CHECK(world.lines() == Strings{"/usr/bin/wslview [URL]"});
  world.variables["BROWSER"] = "xdg-open";
  CHECK(world.lines() == Strings{"/usr/bin/xdg-open [URL]"});
}

TEST_CASE("the environment is an allow-list") {
  World world = desktop();
  const Strings kept = {"HOME=h",
                        "LANG=de",
                        "LC_ALL=c",
                        "LOGNAME=l",
                        "PATH=/usr/bin",
                        "SHELL=s",
                        "TERM=t",
                        "TMPDIR=/t",
                        "USER=u",
                        "XDG_CURRENT_DESKTOP=KDE",
                        "XDG_SESSION_TYPE=x",
                        "DESKTOP_SESSION=d",
                        "KDE_FULL_SESSION=true",
                        "GNOME_DESKTOP_SESSION_ID=g",
                        "WSL_INTEROP=/run/w",
                        "DISPLAY=:7",
                        "WAYLAND_DISPLAY=w",
                        "XAUTHORITY=/x",
                        "XDG_RUNTIME_DIR=/r",
                        "DBUS_SESSION_BUS_ADDRESS=unix:abstract"};
  for (const std::string& variable : kept) {
    const std::size_t at = variable.find('=');
    world.variables[variable.substr(0, at)] = variable.substr(at + 1);
  }
  for (const char* canary :
       {"DD_API_KEY", "DD_APPLICATION_KEY", "DOGPIPE_TOKEN", "DOGPIPE_HOME",
        "DATADOG_CLIENT_SECRET", "AWS_SECRET_ACCESS_KEY", "LD_PRELOAD", "SSLKEYLOGFILE",
        "LC_SECRET", "XDG_SECRET", "WSL_SECRET", "BROWSER", "HTTPS_PROXY"}) {
    world.variables[canary] = canary == std::string("BROWSER") ? "/usr/bin/firefox" : "canary";
  }
  world.programs.insert("/usr/bin/firefox");
  Strings sorted = kept;
  std::sort(sorted.begin(), sorted.end());
  CHECK(world.environment() == sorted);
}

TEST_CASE("what hosts leave out of the environment is looked for") {
  World world;
  world.variables = {{"HOME", "/home/u"}, {"XAUTHORITY", ""}};
  world.programs = {"/usr/bin/xdg-open"};
  world.files = {"/run/user/1000", "/home/u/.Xauthority"};
  world.sockets = {"/run/user/1000/bus", "/run/user/1000/wayland-1", "/tmp/.X11-unix/X2",
                   "/tmp/.X11-unix/X3"};
  CHECK(world.environment() ==
        Strings{"DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus", "DISPLAY=:2",
                "HOME=/home/u", "PATH=/usr/local/bin:/usr/bin:/bin", "WAYLAND_DISPLAY=wayland-1",
                "XAUTHORITY=/home/u/.Xauthority", "XDG_RUNTIME_DIR=/run/user/1000"});

  SUBCASE("in the folder that the environment names") {
    world.variables["XDG_RUNTIME_DIR"] = "/r";
    world.sockets = {"/r/bus", "/r/wayland-0", "/run/user/1000/wayland-1"};
    CHECK(world.environment() == Strings{"DBUS_SESSION_BUS_ADDRESS=unix:path=/r/bus",
                                         "HOME=/home/u", "PATH=/usr/local/bin:/usr/bin:/bin",
                                         "WAYLAND_DISPLAY=wayland-0", "XDG_RUNTIME_DIR=/r"});
  }
  SUBCASE("no display beside one that is named") {
    world.variables["DISPLAY"] = ":5";
    CHECK(world.environment() ==
          Strings{"DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus", "DISPLAY=:5",
                  "HOME=/home/u", "PATH=/usr/local/bin:/usr/bin:/bin",
                  "XAUTHORITY=/home/u/.Xauthority", "XDG_RUNTIME_DIR=/run/user/1000"});
  }
  SUBCASE("nothing where there is nothing") {
    world.files.clear();
    world.sockets = {"/bus", "/wayland-0", "/tmp/.X11-unix/X0"};
    CHECK(world.environment() ==
          Strings{"DISPLAY=:0", "HOME=/home/u", "PATH=/usr/local/bin:/usr/bin:/bin"});
  }
}

TEST_CASE("this machine is looked at") {
  const BrowserHost host = this_machine();
  ::setenv("DOGPIPE_TEST_VARIABLE", "here", 1);
  CHECK(host.variable("DOGPIPE_TEST_VARIABLE") == "here");
  ::unsetenv("DOGPIPE_TEST_VARIABLE");
  CHECK_FALSE(host.variable("DOGPIPE_TEST_VARIABLE"));
  CHECK(host.is_program("/bin/sh"));
  CHECK_FALSE(host.is_program("/bin"));
  CHECK_FALSE(host.is_program("/etc/passwd"));
  CHECK_FALSE(host.is_program("/nowhere"));
  CHECK(host.exists("/etc/passwd"));
  CHECK_FALSE(host.exists("/nowhere"));
  CHECK(host.user_id == ::getuid());
}

TEST_CASE("a display's socket counts if it is the user's or the system's, and is no link") {
  std::string folder = (std::filesystem::temp_directory_path() / "dogpipe-test-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  const std::string path = folder + "/X0";
  std::strncpy(name.sun_path, path.c_str(), sizeof name.sun_path - 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0);
  std::filesystem::create_symlink(path, folder + "/X1");
  CHECK(base::is_trusted_socket(path));
  CHECK_FALSE(base::is_trusted_socket(folder + "/X1"));
  CHECK_FALSE(base::is_trusted_socket(folder));
  CHECK_FALSE(base::is_trusted_socket("/nowhere"));
  if (::chown(path.c_str(), 65534, 65534) == 0) CHECK_FALSE(base::is_trusted_socket(path));
  ::close(fd);
  std::filesystem::remove_all(folder);
}

struct Launching {
  fakes::FakeLoop loop;
  fakes::FakeSpawner spawner;
  std::vector<bool> outcomes;
  bool keeps = false;
  std::unique_ptr<BrowserLaunch> launch;

  void begin(Strings programs) {
    std::vector<event::Command> commands;
    for (std::string& program : programs)
      commands.push_back({std::move(program), {"URL"}, {"A=1"}});
    launch =
        std::make_unique<BrowserLaunch>(loop, spawner, std::move(commands), [this](bool opened) {
          outcomes.push_back(opened);
          if (!keeps) launch.reset();
        });
  }
  Strings started() const {
    Strings programs;
    for (const auto& start : spawner.starts) programs.push_back(start->command.program);
    return programs;
  }
};

TEST_CASE("a program that ends well has opened the URL") {
  Launching test;
  test.begin({"/a", "/b"});
  CHECK(test.spawner.starts.empty());
  test.loop.turn();
  REQUIRE(test.started() == Strings{"/a"});
  CHECK(test.spawner.starts[0]->command.arguments == Strings{"URL"});
  CHECK(test.spawner.starts[0]->command.environment == Strings{"A=1"});
  CHECK(test.spawner.starts[0]->input.empty());
  CHECK_FALSE(test.spawner.starts[0]->events.on_output);
  CHECK(test.outcomes.empty());
  test.spawner.end(0, 0);
  CHECK(test.outcomes == std::vector{true});
}

TEST_CASE("a program that stays has opened the URL, and is let go") {
  Launching test;
  test.begin({"/a", "/b"});
  test.loop.pass(1999ms);
  CHECK(test.outcomes.empty());
  CHECK(test.spawner.starts[0]->held);
  test.loop.pass(1ms);
  CHECK(test.outcomes == std::vector{true});
  CHECK_FALSE(test.spawner.starts[0]->held);
  CHECK(test.started() == Strings{"/a"});
}

TEST_CASE("a program is let go although the launch stays") {
  Launching test;
  test.keeps = true;
  test.begin({"/a"});
  test.loop.pass(2s);
  CHECK(test.outcomes == std::vector{true});
  CHECK_FALSE(test.spawner.starts[0]->held);
  test.loop.pass(5s);
  CHECK(test.outcomes == std::vector{true});
}

TEST_CASE("a program that fails or does not start gives way to the next") {
  Launching test;
  test.spawner.refused = {"/b"};
  test.begin({"/a", "/b", "/c"});
  test.loop.pass(1500ms);
  test.spawner.end(0, 3);
  test.loop.turn();
  CHECK(test.started() == Strings{"/a", "/c"});
  test.loop.pass(1999ms);
  CHECK(test.outcomes.empty());
  test.spawner.end(1, 128 + 15);
  test.loop.turn();
  CHECK(test.outcomes == std::vector{false});
}

TEST_CASE("without a command nothing is opened") {
  Launching test;
  test.begin({});
  CHECK(test.outcomes.empty());
  test.loop.turn();
  CHECK(test.outcomes == std::vector{false});
}

TEST_CASE("a launch that is given up says nothing") {
  Launching test;
  test.begin({"/a"});
  SUBCASE("before") { test.launch.reset(); }
  SUBCASE("during") {
    test.loop.turn();
    test.launch.reset();
    CHECK_FALSE(test.spawner.starts[0]->held);
  }
  test.loop.pass(5s);
  CHECK(test.outcomes.empty());
}

}  // namespace
}  // namespace dogpipe::auth
