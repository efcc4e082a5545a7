// dogpipe: a bridge to Datadog's MCP server. Reads the command line and hands over to a verb in
// cli/.
#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "base/log.h"
#include "base/memory.h"
#include "cli/exit_code.h"
#include "cli/options.h"
#include "cli/run_bridge.h"

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

int refuse(const dogpipe::base::Error& error) {
  fmt::print(stderr, "dogpipe: {}\n", dogpipe::base::printable(error.what));
  return cli::kUsage;
}

int run(int argc, char** argv) {
  auto read = cli::read_options(argc, argv);
  if (!read) return refuse(read.error());
  if (const auto* printout = std::get_if<cli::Printout>(&*read)) {
    fmt::print("{}", printout->text);
    return cli::kDone;
  }
  auto& options = std::get<cli::Options>(*read);
  if (auto opened = dogpipe::base::open_log(options.log); !opened) return refuse(opened.error());
  for (const auto& remark : options.remarks) log(remark.level, "{}", remark.text);
  return cli::run_bridge(std::move(options));
}

}  // namespace

int main(int argc, char** argv) {
  ::umask(077);
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
