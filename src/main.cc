// dogpipe: a bridge to Datadog's MCP server. Reads the command line and hands over to a verb in
// cli/.
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>

#include "base/log.h"
#include "base/memory.h"
#include "cli/exit_code.h"
#include "cli/options.h"
#include "cli/run_bridge.h"
#include "cli/verbs.h"

namespace {

using dogpipe::base::log;
namespace cli = dogpipe::cli;

// Variables by which whoever configures the host could make libraries of ours write secrets to a
// file or load code.
void forget_dangerous_variables() {
  for (const char* name : {"SSLKEYLOGFILE", "OPENSSL_CONF", "OPENSSL_MODULES", "OPENSSL_ENGINES",
                           "CURL_HOME", "CURL_SSL_BACKEND", "CURL_ENTROPY"}) {
    ::unsetenv(name);
  }
}

// Tokens must not end up in a file because something of ours crashed, nor be read by whoever runs
// as the same user and is curious. Sanitizers trace their own process and need it readable.
void keep_memory_private() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

int refuse(const dogpipe::base::Error& error) {
  fmt::print(stderr, "dogpipe: {}\n", dogpipe::base::printable(error.what));
  return cli::kUsage;
}

int run(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "worker") return cli::run_worker();
  auto read = cli::read_options(argc, argv);
  if (!read) return refuse(read.error());
  if (const auto* printout = std::get_if<cli::Printout>(&*read)) {
    fmt::print("{}", printout->text);
    return cli::kDone;
  }
  auto& options = std::get<cli::Options>(*read);
  if (auto opened = dogpipe::base::open_log(options.log); !opened) return refuse(opened.error());
  for (const auto& remark : options.remarks) log(remark.level, "{}", remark.text);
  switch (options.verb) {
    case cli::Verb::login:
      return cli::run_login(std::move(options));
    case cli::Verb::logout:
      return cli::run_logout(options);
    case cli::Verb::status:
      return cli::run_status(options);
    case cli::Verb::bridge:
      break;
  }
  return cli::run_bridge(std::move(options));
}

}  // namespace

int main(int argc, char** argv) {
  ::umask(077);
  keep_memory_private();
  forget_dangerous_variables();
  dogpipe::base::tune_allocator();
  try {
    return run(argc, argv);
  } catch (const std::exception& unexpected) {
    // Nothing of ours throws: this is the standard library out of memory.
    fmt::print(stderr, "dogpipe: {}\n", unexpected.what());
    return cli::kUnexpected;
  }
}
