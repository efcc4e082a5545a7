#include "auth/browser.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/machine.h"

namespace dogpipe::auth {
namespace {

constexpr std::array kHandedOn = {"HOME",
                                  "USER",
                                  "LOGNAME",
                                  "SHELL",
                                  "TERM",
                                  "TMPDIR",
                                  "LANG",
                                  "LANGUAGE",
                                  "LC_ALL",
                                  "LC_ADDRESS",
                                  "LC_COLLATE",
                                  "LC_CTYPE",
                                  "LC_IDENTIFICATION",
                                  "LC_MEASUREMENT",
                                  "LC_MESSAGES",
                                  "LC_MONETARY",
                                  "LC_NAME",
                                  "LC_NUMERIC",
                                  "LC_PAPER",
                                  "LC_TELEPHONE",
                                  "LC_TIME",
                                  "XDG_CACHE_HOME",
                                  "XDG_CONFIG_DIRS",
                                  "XDG_CONFIG_HOME",
                                  "XDG_CURRENT_DESKTOP",
                                  "XDG_DATA_DIRS",
                                  "XDG_DATA_HOME",
                                  "XDG_MENU_PREFIX",
                                  "XDG_SEAT",
                                  "XDG_SESSION_CLASS",
                                  "XDG_SESSION_DESKTOP",
                                  "XDG_SESSION_ID",
                                  "XDG_SESSION_TYPE",
                                  "XDG_STATE_HOME",
                                  "XDG_VTNR",
                                  "DESKTOP_SESSION",
                                  "GDMSESSION",
                                  "GNOME_DESKTOP_SESSION_ID",
                                  "KDE_FULL_SESSION",
                                  "KDE_SESSION_UID",
                                  "KDE_SESSION_VERSION",
                                  "MATE_DESKTOP_SESSION_ID",
                                  "WSL_DISTRO_NAME",
                                  "WSL_INTEROP"};
constexpr int kMostDisplays = 10;

// An absent variable and an empty one are the same to everybody concerned.
std::string value_of(const BrowserHost& host, const std::string& name) {
  return host.variable(name).value_or("");
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(at), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

// The user's desktop: what the environment says of it, completed by a look around.
struct Desktop {
  explicit Desktop(const BrowserHost& host);

  bool has_display() const { return !x11.empty() || !wayland.empty(); }

  std::string runtime_folder;
  std::string x11;
  std::string wayland;
  std::string x11_authority;
  std::string bus;

 private:
  void look_for_displays(const BrowserHost& host);
  std::string look_for_authority(const BrowserHost& host) const;
};

Desktop::Desktop(const BrowserHost& host)
    : runtime_folder(value_of(host, "XDG_RUNTIME_DIR")),
      x11(value_of(host, "DISPLAY")),
      wayland(value_of(host, "WAYLAND_DISPLAY")),
      x11_authority(value_of(host, "XAUTHORITY")),
      bus(value_of(host, "DBUS_SESSION_BUS_ADDRESS")) {
  const std::string usual = "/run/user/" + std::to_string(host.user_id);
  if (runtime_folder.empty() && host.exists(usual)) runtime_folder = usual;
  if (!has_display()) look_for_displays(host);
  if (x11_authority.empty() && !x11.empty()) x11_authority = look_for_authority(host);
  const std::string socket = runtime_folder + "/bus";
  if (bus.empty() && !runtime_folder.empty() && host.is_trusted_socket(socket)) {
    bus = "unix:path=" + socket;
  }
}

void Desktop::look_for_displays(const BrowserHost& host) {
  for (int i = 0; i < kMostDisplays && wayland.empty() && !runtime_folder.empty(); ++i) {
    const std::string name = "wayland-" + std::to_string(i);
    if (host.is_trusted_socket(runtime_folder + '/' + name)) wayland = name;
  }
  for (int i = 0; i < kMostDisplays && x11.empty(); ++i) {
    const std::string number = std::to_string(i);
    if (host.is_trusted_socket("/tmp/.X11-unix/X" + number)) x11 = ':' + number;
  }
}

std::string Desktop::look_for_authority(const BrowserHost& host) const {
  for (const std::string& path :
       {value_of(host, "HOME") + "/.Xauthority", runtime_folder + "/gdm/Xauthority"}) {
    if (host.exists(path)) return path;
  }
  return {};
}

std::vector<std::string> environment_for(const BrowserHost& host, const Desktop& desktop) {
  std::vector<std::string> out;
  const auto add = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) out.push_back(name + '=' + value);
  };
  for (const char* name : kHandedOn) add(name, value_of(host, name));
  const std::string path = value_of(host, "PATH");
  add("PATH", path.empty() ? "/usr/local/bin:/usr/bin:/bin" : path);
  add("XDG_RUNTIME_DIR", desktop.runtime_folder);
  add("DISPLAY", desktop.x11);
  add("WAYLAND_DISPLAY", desktop.wayland);
  add("XAUTHORITY", desktop.x11_authority);
  add("DBUS_SESSION_BUS_ADDRESS", desktop.bus);
  return out;
}

// Relative folders are left out: what is started must not depend on where we were started.
std::vector<std::string> folders_of(std::string_view path) {
  std::vector<std::string> folders;
  for (const std::string_view folder : split(path, ':')) {
    if (folder.front() == '/') folders.emplace_back(folder);
  }
  return folders;
}

std::string find_program(std::string_view name, const std::vector<std::string>& folders,
                         const BrowserHost& host) {
  for (const std::string& folder : folders) {
    std::string path = folder + '/' + std::string(name);
    if (host.is_program(path)) return path;
  }
  return {};
}

// %s and %% in a word of BROWSER; any other percent sign is itself.
std::string filled_in(std::string_view word, const std::string& url, bool& placed) {
  std::string out;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const std::string_view two = word.substr(i, 2);
    const bool is_url = two == "%s";
    placed = placed || is_url;
    out += is_url ? url : std::string(1, word[i]);
    if (is_url || two == "%%") ++i;
  }
  return out;
}

std::optional<event::Command> read_alternative(std::string_view text, const std::string& url,
                                               const BrowserHost& host) {
  const auto words = split(text, ' ');
  if (words.empty()) return std::nullopt;
  event::Command command;
  if (words.front().find('/') == std::string_view::npos) {
    command.program = find_program(words.front(), folders_of(value_of(host, "PATH")), host);
  } else if (words.front().front() == '/' && host.is_program(std::string(words.front()))) {
    command.program = words.front();
  }
  if (command.program.empty()) return std::nullopt;
  bool placed = false;
  for (std::size_t i = 1; i < words.size(); ++i) {
    command.arguments.push_back(filled_in(words[i], url, placed));
  }
  if (!placed) command.arguments.push_back(url);
  return command;
}

std::vector<event::Command> commands_of_user(const std::string& url, const BrowserHost& host) {
  std::vector<event::Command> commands;
  const std::string browser = value_of(host, "BROWSER");
  for (const std::string_view alternative : split(browser, ':')) {
    auto command = read_alternative(alternative, url, host);
    if (command) commands.push_back(*std::move(command));
  }
  return commands;
}

std::vector<event::Command> commands_of_system(const std::string& url, const BrowserHost& host,
                                               const Desktop& desktop) {
  // Elsewhere than on macOS a program of this name may do anything with its argument.
  if (host.exists("/System/Library/CoreServices") && host.is_program("/usr/bin/open")) {
    return {{"/usr/bin/open", {url}, {}}};
  }
  auto folders = folders_of(value_of(host, "PATH"));
  for (const char* usual : {"/usr/bin", "/usr/local/bin", "/bin", "/snap/bin"}) {
    folders.emplace_back(usual);
  }
  const std::string home = value_of(host, "HOME");
  if (!home.empty() && home.front() == '/') folders.push_back(home + "/.local/bin");

  std::vector<event::Command> commands;
  const auto add = [&](std::string_view name, std::vector<std::string> arguments) {
    std::string program = find_program(name, folders, host);
    if (!program.empty()) commands.push_back({std::move(program), std::move(arguments), {}});
  };
  if (desktop.has_display()) {
    add("xdg-open", {url});
    add("gio", {"open", url});
    add("x-www-browser", {url});
    add("sensible-browser", {url});
  }
  add("wslview", {url});  // opens the browser of the Windows around it
  return commands;
}

}  // namespace

BrowserHost this_machine() {
  BrowserHost host;
  host.variable = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
  host.is_program = base::is_program;
  host.exists = base::path_exists;
  host.is_trusted_socket = base::is_trusted_socket;
  host.user_id = base::user_id();
  return host;
}

std::vector<event::Command> browser_commands(const http::Url& url, const BrowserHost& host) {
  const Desktop desktop(host);
  auto commands = commands_of_user(url.text(), host);
  if (commands.empty()) commands = commands_of_system(url.text(), host, desktop);
  const auto environment = environment_for(host, desktop);
  for (event::Command& command : commands) command.environment = environment;
  return commands;
}

}  // namespace dogpipe::auth
