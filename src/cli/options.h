// Everything a user can set, read from the command line, the environment and the settings file.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "auth/static_credential.h"
#include "base/log.h"
#include "base/result.h"
#include "http/message.h"
#include "http/network.h"
#include "http/url.h"

namespace dogpipe::cli {

class Environment;

struct Remark {
  base::LogLevel level;
  std::string text;
};

struct Options {
  http::Url url;                     // of the MCP endpoint, toolset parameters included
  std::vector<http::Header> fields;  // --header and what else goes with every request
  bool trust_hints = false;          // the endpoint is Datadog's, or on this machine
  auth::StaticSecrets secrets;
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
