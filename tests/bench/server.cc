// bench-server: the upstream of every measurement. Prints `http PORT` and `https PORT` (0 when
// there is none) on one line, serves until standard input ends.
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string_view>

#include "server_loop.h"
#include "server_mcp.h"
#include "server_protocol.h"
#include "server_wire.h"

namespace {

constexpr int kUsageError = 2;

struct Options {
  const char* certificate = nullptr;
  const char* key = nullptr;
  bool get_stream = true;
  bool good = true;
};

Options read_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--no-get") {
      options.get_stream = false;
    } else if ((name == "--cert" || name == "--key") && i + 1 < argc) {
      (name == "--cert" ? options.certificate : options.key) = argv[++i];
    } else {
      options.good = false;
    }
  }
  return options;
}

int serve(const Options& options) {
  bench::SslContext context;
  if (options.certificate != nullptr && options.key != nullptr && bench::have_http2()) {
    context = bench::make_server_context(options.certificate, options.key);
    if (!context) return 1;
  }
  bench::McpServer mcp{options.get_stream};
  bench::ServerLoop loop{mcp, context.get()};
  const auto http = loop.listen(false);
  const auto https = context ? loop.listen(true) : std::uint16_t{0};
  if (http == 0) return 1;
  std::printf("http %u https %u\n", unsigned{http}, unsigned{https});
  std::fflush(stdout);
  loop.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto options = read_options(argc, argv);
  if (!options.good) {
    std::fprintf(stderr, "usage: bench-server [--cert FILE --key FILE] [--no-get]\n");
    return kUsageError;
  }
  try {
    return serve(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-server: %s\n", error.what());
    return 1;
  }
}
