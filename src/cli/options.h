// Everything a user can set, read from the command line, the environment and the settings file.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "auth/sign_in.h"
#include "auth/static_credential.h"
#include "base/log.h"
#include "base/result.h"
#include "bridge/era.h"
#include "cli/profile.h"
#include "http/message.h"
#include "http/network.h"
#include "http/url.h"

namespace dogpipe::cli {

class Environment;

struct Remark {
  base::LogLevel level;
  std::string text;
};

// What is to be done.
enum class Verb : std::uint8_t { bridge, login, logout, status };

struct Options {
  Verb verb = Verb::bridge;
  bool json = false;                 // the verb's outcome for programs
  bool all = false;                  // logout: every profile
  bool paste = false;                // login: the address that the browser ends at comes by hand
  http::Url url;                     // of the MCP endpoint, toolset parameters included
  std::vector<http::Header> fields;  // --header and what else goes with every request
  bool trust_hints = false;          // the endpoint is Datadog's, or on this machine
  bridge::EraPolicy eras;
  auth::StaticSecrets secrets;
  bool oauth = false;           // no other credential is given
  auth::SignInRequest sign_in;  // how, if it comes to that
  bool may_sign_in = true;      // by itself
  bool knows_users = false;     // the endpoint is Datadog's, or a stand-in's: whoami can be asked
  ProfileSettings profile_settings;  // login: what the command line says, to be kept with a profile
  std::string state_folder;          // empty: nothing can be kept
  std::string login_command;         // that signs in with these settings, for people
  std::string worker_settings;       // all of them as JSON (cli/settings_json.h)
  http::Network network;
  http::Patience patience;
  std::size_t longest_to_host = 0;  // bytes of one message
  std::size_t longest_from_host = 0;
  base::LogSettings log;
  std::vector<Remark> remarks;  // for the log, once it is open
};

// A text to print instead of running: --help, --version.
struct Printout {
  std::string text;
};

// Flags go before the environment, that before `$DOGPIPE_HOME/.env` (~/.datadog-mcp/.env).
// Errors: Kind::usage, Kind::file.
base::Result<std::variant<Options, Printout>> read_options(int argc, const char* const* argv);
// The same, with an environment that has been read already.
base::Result<std::variant<Options, Printout>> read_options(int argc, const char* const* argv,
                                                           const Environment& environment);

}  // namespace dogpipe::cli
