// dogpipe: a bridge to Datadog's MCP server. Reads the command line and hands over to a verb in
// cli/.
#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "base/log.h"
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

// Each transfer takes a buffer of 256 KiB and gives it back. glibc would return that memory to the
// kernel and fault it in again for every call; and it would learn from one large result to put the
// next one where growing means copying. Measured at 64 calls in flight: half of all CPU time.
void tune_allocator() {
#ifdef __GLIBC__
  ::mallopt(M_MMAP_THRESHOLD, 1 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 32 << 20);
#endif
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
  tune_allocator();
  try {
    return run(argc, argv);
  } catch (const std::exception& unexpected) {
    // Nothing of ours throws: this is the standard library out of memory.
    fmt::print(stderr, "dogpipe: {}\n", unexpected.what());
    return cli::kUnexpected;
  }
}
