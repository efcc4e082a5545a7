// START READING HERE: what exists while the bridge runs, from the bottom up.
#include "cli/run_bridge.h"

#include <cstdio>
#include <utility>

#include "auth/static_credential.h"
#include "base/log.h"
#include "bridge/bridge.h"
#include "cli/exit_code.h"
#include "event/parent.h"
#include "event/signals.h"
#include "event/uv_loop.h"
#include "http/curl_client.h"

namespace dogpipe::cli {

int run_bridge(Options options) {
  event::ignore_broken_pipes();
  event::UvLoop loop;
  http::CurlClient client(loop, std::move(options.network));
  auth::StaticCredential credential(options.secrets);

  bridge::Settings settings;
  settings.endpoint.url = options.url.text();
  settings.endpoint.fields = std::move(options.fields);
  settings.endpoint.patience = options.patience;
  settings.endpoint.longest_message = options.longest_to_host;
  settings.longest_line = options.longest_from_host;
  settings.trust_hints = options.trust_hints;
  bridge::Bridge bridge(loop, client, credential, std::move(settings));

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
