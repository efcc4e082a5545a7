// dogpipe-sandbox: argv -> quirks -> the server, until a signal.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crypto/random.h"
#include "event/http_server.h"
#include "event/parent.h"
#include "event/signals.h"
#include "event/uv_loop.h"
#include "sandbox/mcp_server.h"

namespace dogpipe::sandbox {
namespace {

constexpr std::size_t kConnections = 2000;

void allow_many_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 3 * kConnections);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

int complain(const base::Error& error) {
  fmt::print(stderr, "dogpipe-sandbox: {}\n", error.what);
  return error.kind == base::Kind::usage ? 2 : 1;
}

base::Result<event::ListenSocket> listen(int port) {
  return event::ListenSocket::bind("127.0.0.1", static_cast<std::uint16_t>(port), true);
}

std::string origin(std::uint16_t port) { return fmt::format("http://127.0.0.1:{}", port); }

event::HttpLimits limits() {
  event::HttpLimits limits;
  limits.connections = kConnections;
  limits.head_bytes = 64u << 10;
  limits.body_bytes = 64u << 20;
  limits.request_time = std::chrono::seconds(60);
  limits.idle_time = std::chrono::minutes(10);
  return limits;
}

int run(const Quirks& quirks) {
  event::ignore_broken_pipes();
  allow_many_files();
  auto socket = listen(quirks.port);
  if (!socket) return complain(socket.error());
  const bool two_hosts = quirks.oauth.place == OAuthPlace::app;
  std::optional<event::ListenSocket> app_socket;
  if (two_hosts) {
    auto bound = listen(quirks.oauth.app_port);
    if (!bound) return complain(bound.error());
    app_socket.emplace(*std::move(bound));
  }
  const std::string mcp_origin = origin(socket->port());
  const Origins origins{mcp_origin, two_hosts ? origin(app_socket->port()) : mcp_origin};

  event::UvLoop loop;
  const World world(quirks.seed);
  const Catalogue catalogue(world);
  crypto::SystemRandom random;
  Ledger ledger;
  Later later(loop);
  Changes changes(quirks.shift_schema);
  Context context{loop, quirks, world, catalogue, random, ledger, later, changes, origins};
  McpServer mcp(context);

  auto server =
      event::HttpServer::make(loop, std::move(*socket), limits(),
                              [&mcp](event::HttpRequest request, event::HttpAnswer answer) {
                                mcp.serve(std::move(request), std::move(answer));
                              });
  if (!server) return complain(server.error());
  std::unique_ptr<event::HttpServer> app;
  if (two_hosts) {
    auto made = event::HttpServer::make(
        loop, *std::move(app_socket), limits(),
        [&mcp](const event::HttpRequest& request, event::HttpAnswer answer) {
          mcp.serve_app(request, std::move(answer));
        });
    if (!made) return complain(made.error());
    app = *std::move(made);
  }

  const event::StopSignals signals(loop, [&loop](int) { loop.stop(); });
  std::unique_ptr<event::ParentWatch> parent;
  if (quirks.with_parent) {
    parent = std::make_unique<event::ParentWatch>(loop, [&loop] { loop.stop(); });
  }
  fmt::print("{}/v1/mcp\napp {}\n", origins.mcp, origins.app);
  std::fflush(stdout);
  loop.run();
  return 0;
}

}  // namespace
}  // namespace dogpipe::sandbox

int main(int argc, char** argv) try {
  using namespace dogpipe;
  const auto quirks = sandbox::read_quirks({argv + std::min(argc, 1), argv + argc});
  if (!quirks) return sandbox::complain(quirks.error());
  if (quirks->help) return std::fputs(sandbox::help_page().c_str(), stdout) < 0;
  if (quirks->version) {
    fmt::print("dogpipe-sandbox {}\n", DOGPIPE_VERSION);
    return 0;
  }
  return sandbox::run(*quirks);
} catch (const std::exception& failure) {
  fmt::print(stderr, "dogpipe-sandbox: {}\n", failure.what());
  return 1;
}
