// A sign-in's surroundings: the real loop, and a network, a store and programs that the test plays.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/sign_in.h"
#include "crypto/random.h"
#include "event/uv_loop.h"
#include "fakes/fake_client.h"
#include "fakes/fake_spawner.h"
#include "fakes/fake_token_store.h"
#include "flow.h"

namespace dogpipe::auth {

struct SignInScene : QuietLog {
  SignInScene() {
    request.profile = "default";
    request.trusted = trust_in("https://mcp.datadoghq.com/v1/mcp?toolsets=all");
    request.open_browser = false;
    request.client.id = "given";
    found.server = server_at();
    found.resource = kEndpoint;
    found.scopes = std::vector<std::string>{"read", "list"};
    events.on_url = [this](const std::string& url) { urls.push_back(url); };
    events.on_browser = [this](bool opened) { browsers.push_back(opened); };
    events.on_device = [this](const std::string& page, const std::string& code,
                              const std::string& complete) {
      shown = page + ' ' + code + ' ' + complete;
    };
  }

  SignIn::Done teller() {
    return [this](base::Result<Grant> result) {
      ++times;
      grant = std::move(result);
    };
  }
  // What the loop has to do now, without waiting for anything.
  void turn() {
    for (int i = 0; i < 3; ++i) {
      event::Timer end(loop, [this] { loop.stop(); });
      end.start(base::Duration::zero());
      loop.run();
    }
  }
  // Until `over` or 20 s have passed.
  bool run_until(const std::function<bool()>& over) {
    const base::Time limit = loop.now() + std::chrono::seconds(20);
    event::Timer look(loop, [&] {
      if (over() || loop.now() > limit) return loop.stop();
      look.start(std::chrono::milliseconds(2));
    });
    look.start(base::Duration::zero());
    loop.run();
    return over();
  }
  void answer(std::size_t number, int status, std::string_view body) {
    client.at(number).answer(status, "application/json", body);
    turn();
  }
  std::string outcome() const {
    if (times != 1) return "called " + std::to_string(times) + " times";
    if (*grant) return "granted";
    switch (grant->error().kind) {
      case base::Kind::denied:
        return "denied";
      case base::Kind::untrusted:
        return "untrusted";
      case base::Kind::usage:
        return "usage";
      case base::Kind::unreachable:
        return "unreachable";
      case base::Kind::timed_out:
        return "timed out";
      case base::Kind::malformed:
        return "malformed";
      case base::Kind::file:
        return "file";
      default:
        return "another error";
    }
  }

  event::UvLoop loop;
  fakes::FakeClient client;
  crypto::SystemRandom random;
  fakes::FakeSpawner spawner;
  fakes::FakeTokenStore store;
  SignInContext context{loop, client, random, spawner, store};
  SignInRequest request;
  FoundServer found;
  SignInEvents events;
  std::vector<std::string> urls;
  std::vector<bool> browsers;
  std::string shown;
  int times = 0;
  std::optional<base::Result<Grant>> grant;
};

// The value of a parameter of a URL's query or a form, as it stands there; empty if it is not
// there.
inline std::string parameter(std::string_view text, const std::string& name) {
  text.remove_prefix(std::min(text.find('?') + 1, text.size()));
  while (!text.empty()) {
    const std::string_view piece = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(piece.size() + 1, text.size()));
    if (piece.substr(0, name.size() + 1) == name + '=') {
      return std::string(piece.substr(name.size() + 1));
    }
  }
  return {};
}

}  // namespace dogpipe::auth
