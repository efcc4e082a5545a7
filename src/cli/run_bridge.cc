// START READING HERE: what exists while the bridge runs, from the bottom up.
#include "cli/run_bridge.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/file_token_store.h"
#include "auth/oauth.h"
#include "auth/static_credential.h"
#include "base/files.h"
#include "base/log.h"
#include "bridge/bridge.h"
#include "bridge/era_store.h"
#include "cli/exit_code.h"
#include "cli/state.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "event/parent.h"
#include "event/process.h"
#include "event/signals.h"
#include "event/uv_loop.h"
#include "http/curl_client.h"

namespace dogpipe::cli {

namespace {

// All that a worker needs of the environment and that holds no secret; the rest comes by its
// errand.
std::vector<std::string> worker_environment() {
  constexpr const char* kNames[] = {"HOME",           "USER",
                                    "LOGNAME",        "SHELL",
                                    "PATH",           "LANG",
                                    "TERM",           "TMPDIR",
                                    "DISPLAY",        "WAYLAND_DISPLAY",
                                    "XAUTHORITY",     "DBUS_SESSION_BUS_ADDRESS",
                                    "BROWSER",        "DESKTOP_SESSION",
                                    "NO_PROXY",       "no_proxy",
                                    "SSL_CERT_FILE",  "SSL_CERT_DIR",
                                    "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS",
                                    "DOGPIPE_HOME",   "WSL_DISTRO_NAME",
                                    "WSL_INTEROP",    "ASAN_OPTIONS",
                                    "LSAN_OPTIONS",   "UBSAN_OPTIONS"};
  std::vector<std::string> environment;
  for (const char* name : kNames) {
    const char* value = std::getenv(name);
    if (value != nullptr) environment.push_back(std::string(name) + '=' + value);
  }
  for (char** one = environ; *one != nullptr; ++one) {
    const std::string_view text = *one;
    if (text.substr(0, 4) == "XDG_" || text.substr(0, 3) == "LC_") environment.emplace_back(text);
  }
  return environment;
}

std::unique_ptr<auth::Authorizer> make_authorizer(const Options& options, event::Loop& loop,
                                                  auth::TokenStore& store, event::Spawner& spawner,
                                                  crypto::Random& random) {
  if (!options.oauth) return std::make_unique<auth::StaticCredential>(options.secrets);
  auth::OAuth::Settings settings;
  settings.profile = options.sign_in.profile;
  settings.endpoint = auth::endpoint_of(options.sign_in.trusted);
  settings.worker = {"/proc/self/exe", {"worker"}, worker_environment()};
  settings.worker_settings = options.worker_settings;
  settings.login_command = options.login_command;
  settings.with_user = options.sign_in.method != auth::SignInMethod::client_credentials;
  settings.may_sign_in = options.may_sign_in;
  settings.scope_chosen = !options.sign_in.scope.empty();
  return std::make_unique<auth::OAuth>(loop, store, spawner, random, std::move(settings));
}

// Which server it is, without what a query may give away.
std::string server_name(const http::Url& url) {
  std::string name = url.origin() + url.path;
  if (!url.query.empty()) name += "?sha256=" + crypto::sha256_hex(url.query);
  return name;
}

// Whose answers are kept: what a server says to one may be nobody else's business.
std::string identity(const Options& options) {
  if (options.oauth) return "profile " + options.sign_in.profile;
  const auth::StaticSecrets& secrets = options.secrets;
  std::string text;
  for (const base::Secret* secret : {&secrets.token, &secrets.api_key, &secrets.application_key}) {
    text += fmt::format("{}:", secret->reveal().size());
    text += secret->reveal();
  }
  for (const http::Header& field : options.fields) text += field.name + ':' + field.value + '\n';
  return text;
}

}  // namespace

int run_bridge(Options options) {
  event::ignore_broken_pipes();
  event::UvLoop loop;
  http::CurlClient client(loop, std::move(options.network));
  crypto::SystemRandom random;
  base::PosixFiles files(home_folder());
  auth::FileTokenStore store(files, options.state_folder);
  bridge::FileEraStore era_store(files, options.state_folder, server_name(options.url),
                                 identity(options));
  event::UvSpawner spawner(loop);
  const std::unique_ptr<auth::Authorizer> authorizer =
      make_authorizer(options, loop, store, spawner, random);

  bridge::Settings settings;
  settings.endpoint.url = options.url.text();
  settings.endpoint.fields = std::move(options.fields);
  settings.endpoint.patience = options.patience;
  settings.endpoint.longest_message = options.longest_to_host;
  settings.longest_line = options.longest_from_host;
  settings.trust_hints = options.trust_hints;
  settings.eras = options.eras;
  settings.era_store = &era_store;
  settings.mint = bridge::make_mint(random);
  settings.server_name = options.url.host;
  bridge::Bridge bridge(loop, client, *authorizer, std::move(settings));

  int caught = 0;
  const event::StopSignals signals(loop, [&](int number) {
    caught = number;
    bridge.stop();
  });
  const event::ParentWatch parent(loop, [&] { bridge.stop(); });

  base::log(base::LogLevel::info, "bridging to {}", options.url.origin() + options.url.path);
  loop.run();

  if (bridge.failed()) return kUnexpected;
  return caught != 0 && bridge.lost_work() ? kSignalBase + caught : kDone;
}

}  // namespace dogpipe::cli
