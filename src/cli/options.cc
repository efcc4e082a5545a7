#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <optional>
#include <utility>

#include "cli/interpret.h"
#include "cli/settings.h"
#include "cli/usage.h"

namespace dogpipe::cli {
namespace {

using base::Result;

bool is_on(const std::string& value) {
  return value == "1" || value == "true" || value == "yes" || value == "on";
}

std::string version_text() {
  return "dogpipe " DOGPIPE_VERSION
         "\nA bridge to Datadog's MCP server. Not affiliated with or endorsed by Datadog, Inc.";
}

constexpr const char* kFooter =
    "Each option can also be set in the environment or in ~/.datadog-mcp/.env as DOGPIPE_ and its\n"
    "name in capitals: DOGPIPE_LOG_LEVEL=debug. Datadog's own DD_SITE, DD_API_KEY,\n"
    "DD_APPLICATION_KEY, DD_MCP_DOMAIN and DD_MCP_TOOLSETS, and the usual HTTPS_PROXY, NO_PROXY "
    "and\n"
    "SSL_CERT_FILE, are read too.";

// declare -> parse -> fill in what the command line does not say -> interpret.
class CommandLine {
 public:
  explicit CommandLine(Environment environment) : environment_(std::move(environment)) {}

  Result<std::variant<Options, Printout>> read(int argc, const char* const* argv) {
    CLI::App app(
        "A bridge to Datadog's MCP server: a stdio MCP server that carries every message there.",
        "dogpipe");
    declare(app);
    declare_verbs(app);
    if (auto done = parse(app, argc, argv); !done) return std::move(done).error();
    if (printout_) return std::variant<Options, Printout>(std::move(*printout_));
    take_address();
    if (auto known = take_profile(); !known) return std::move(known).error();
    fill_in();
    ProfileSettings profile = profile_settings();
    auto options = interpret(std::move(settings_), environment_);
    if (!options) return std::move(options).error();
    options->verb = verb_;
    options->json = json_;
    options->all = all_;
    options->paste = paste_;
    options->profile_settings = std::move(profile);
    return std::variant<Options, Printout>(std::move(*options));
  }

 private:
  void declare(CLI::App& app) {
    app.set_version_flag("-V,--version", version_text());
    // "dogpipe URL [PORT]", as mcp-remote is called.
    app.add_option("address", settings_.address, "The same as --url");
    app.add_option("port", settings_.port, "Accepted and unused");
    for (Setting* setting : settings_.values()) {
      app.add_option(setting->flag, setting->value, setting->help)
          ->each([setting](const std::string&) { setting->in_arguments = true; });
    }
    app.add_option("-H,--header", settings_.headers,
                   "Header field 'Name: value' for every request; ${VAR} is filled in; repeatable")
        ->expected(1)
        ->take_all();
    for (Switch* one : settings_.switches()) app.add_flag(one->flag, one->on, one->help);
    app.footer(kFooter);
  }

  // Their options may also stand before them, and all others behind.
  void declare_verbs(CLI::App& app) {
    const auto verb = [&](const char* name, Verb which, const char* help) {
      CLI::App* sub = app.add_subcommand(name, help);
      sub->fallthrough();
      sub->callback([this, which] { verb_ = which; });
      return sub;
    };
    CLI::App* login = verb("login", Verb::login, "Sign in with a browser, once for all hosts");
    login->add_flag("--device", device_, "Show a code to enter on another device instead");
    login->add_flag("--paste", paste_,
                    "Read the address that the browser ends at from standard input, for machines "
                    "that the browser cannot reach");
    CLI::App* logout = verb("logout", Verb::logout, "Revoke and forget the sign-in");
    logout->add_flag("--all", all_, "That of every profile");
    CLI::App* status = verb("status", Verb::status, "Show who is signed in, and for how long");
    for (CLI::App* one : {login, logout, status}) {
      one->add_flag("--json", json_, "Write JSON, one object a line");
    }
    app.require_subcommand(0, 1);
  }

  Result<void> take_profile() {
    Setting& profile = settings_.profile;
    if (!profile.in_arguments) profile.value = environment_.get(profile.variables).value_or("");
    if (profile.value.empty()) return {};
    return environment_.take_profile(profile.value);
  }

  // Where a named profile signs in is a part of it from then on.
  ProfileSettings profile_settings() {
    ProfileSettings kept;
    if (verb_ != Verb::login || settings_.profile.value.empty()) return kept;
    for (const Setting* one :
         {&settings_.url, &settings_.site, &settings_.domain, &settings_.path, &settings_.toolsets,
          &settings_.omit_tools, &settings_.organization, &settings_.scope, &settings_.client_id,
          &settings_.client_metadata_url, &settings_.redirect_uri, &settings_.grant,
          &settings_.allow_issuer}) {
      if (one->in_arguments) kept.emplace_back(one->variables.front(), one->value);
    }
    if (!kept.empty() && settings_.allow_http.on) {
      kept.emplace_back(settings_.allow_http.variable, "1");
    }
    return kept;
  }

  Result<void> parse(CLI::App& app, int argc, const char* const* argv) {
    try {
      app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
      printout_ = Printout{app.help()};
    } catch (const CLI::CallForVersion&) {
      printout_ = Printout{version_text() + "\n"};
    } catch (const CLI::ExtrasError&) {
      return usage(describe_unknown(app));
    } catch (const CLI::ParseError&) {
      // Its text quotes the argument, which may be a secret in the wrong place.
      return usage("the command line cannot be read: see dogpipe --help");
    }
    return {};
  }

  // The name of the option that was not understood, without what may follow.
  static std::string describe_unknown(const CLI::App& app) {
    for (const std::string& one : app.remaining()) {
      if (one.substr(0, 1) != "-") continue;
      const bool is_long = one.substr(0, 2) == "--";
      return "unknown option: " +
             base::printable(is_long ? one.substr(0, one.find('=')) : one.substr(0, 2));
    }
    return "an argument too many: see dogpipe --help";
  }

  void take_address() {
    if (settings_.address.empty() || settings_.url.in_arguments) return;
    settings_.url.value = settings_.address;
    settings_.url.in_arguments = true;
  }

  void fill_in() {
    const bool target =
        settings_.url.in_arguments || settings_.site.in_arguments || settings_.domain.in_arguments;
    const bool token = settings_.token.in_arguments || settings_.token_file.in_arguments;
    const bool level = settings_.debug.on || settings_.quiet.on;
    for (Setting* setting : settings_.values()) {
      // Of settings that say the same thing in other ways, one on the command line beats the others
      // in the environment.
      const bool beaten =
          (target && (setting == &settings_.url || setting == &settings_.site ||
                      setting == &settings_.domain)) ||
          (token && (setting == &settings_.token || setting == &settings_.token_file)) ||
          (level && setting == &settings_.log_level) || setting == &settings_.profile;
      if (setting->in_arguments || beaten) continue;
      setting->value = environment_.get(setting->variables).value_or("");
    }
    for (Switch* one : settings_.switches()) {
      if (!one->on) one->on = is_on(environment_.get({one->variable}).value_or(""));
    }
    if (device_) settings_.grant.value = "device_code";
    settings_.headers_in_arguments = !settings_.headers.empty();
    if (settings_.headers_in_arguments) return;
    if (const auto one = environment_.get({"DOGPIPE_HEADER"})) settings_.headers.push_back(*one);
  }

  Environment environment_;
  Settings settings_;
  Verb verb_ = Verb::bridge;
  bool json_ = false;
  bool all_ = false;
  bool paste_ = false;
  bool device_ = false;
  std::optional<Printout> printout_;
};

}  // namespace

Result<std::variant<Options, Printout>> read_options(int argc, const char* const* argv) {
  auto environment = Environment::read();
  if (!environment) return std::move(environment).error();
  return read_options(argc, argv, *environment);
}

Result<std::variant<Options, Printout>> read_options(int argc, const char* const* argv,
                                                     const Environment& environment) {
  return CommandLine(environment).read(argc, argv);
}

}  // namespace dogpipe::cli
