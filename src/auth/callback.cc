#include "auth/callback.h"

#include <optional>
#include <utility>
#include <vector>

#include "auth/callback_page.h"
#include "auth/callback_request.h"
#include "event/listen_socket.h"
#include "event/uv_loop.h"

namespace dogpipe::auth {
namespace {

constexpr int kMostTries = 20;
constexpr std::size_t kMostConnections = 16;  // on all addresses together

using Sockets = std::vector<event::ListenSocket>;

std::vector<std::string> addresses_of(const std::string& host) {
  if (host == "[::1]") return {"::1"};
  if (host == "127.0.0.1" || !event::ListenSocket::has("::1")) return {"127.0.0.1"};
  return {"127.0.0.1", "::1"};
}

// All on one port, and bound for good: a port that was only probed could be taken by another.
base::Result<Sockets> bind_all(const std::vector<std::string>& addresses, std::uint16_t port) {
  Sockets sockets;
  for (const std::string& address : addresses) {
    auto made = event::ListenSocket::bind(address, sockets.empty() ? port : sockets[0].port());
    if (!made) return std::move(made).error().during("listening for the browser");
    sockets.push_back(*std::move(made));
  }
  return sockets;
}

base::Result<Sockets> bind_any(const std::vector<std::string>& addresses,
                               std::uint16_t preferred_port) {
  auto sockets = bind_all(addresses, preferred_port);
  for (int tries = 1; !sockets && tries < kMostTries; ++tries) sockets = bind_all(addresses, 0);
  return sockets;
}

// What the listener and its visitors share: the page that /done shows, none before show().
using Board = std::optional<ResultPage>;

}  // namespace

struct Callback::State {
  using Servers = std::vector<std::unique_ptr<event::HttpServer>>;

  base::Result<void> serve(event::UvLoop& loop, Sockets sockets);
  void on_request(const event::HttpRequest& request, event::HttpAnswer answer);
  void answer_done(event::HttpAnswer answer);
  void tell_shown();

  std::string redirect_uri;
  ExpectedRequest expected;
  OnVisit on_visit;
  std::function<void()> shown;
  std::shared_ptr<Board> board = std::make_shared<Board>();
  Servers servers;
};

struct Callback::Visitor::State {
  State(event::HttpAnswer of, std::shared_ptr<Board> on, std::string path)
      : answer(std::move(of)), board(std::move(on)), done_path(std::move(path)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { answer.respond(refusal_reply(500)); }  // nothing, once it has been answered

  event::HttpAnswer answer;
  std::shared_ptr<Board> board;
  std::string done_path;
};

Callback::Visitor::Visitor(std::unique_ptr<State> state) : state_(std::move(state)) {}
Callback::Visitor::Visitor(Visitor&&) noexcept = default;
Callback::Visitor& Callback::Visitor::operator=(Visitor&&) noexcept = default;
Callback::Visitor::~Visitor() = default;

void Callback::Visitor::reject() {
  if (const auto state = std::move(state_)) state->answer.respond(refusal_reply(400));
}

void Callback::Visitor::show(ResultPage page) {
  const auto state = std::move(state_);
  if (!state) return;
  *state->board = std::move(page);
  state->answer.respond(redirect_reply(state->done_path));
}

base::Result<void> Callback::State::serve(event::UvLoop& loop, Sockets sockets) {
  event::HttpLimits limits;
  limits.connections = kMostConnections / sockets.size();
  limits.head_bytes = 8u << 10;
  for (event::ListenSocket& socket : sockets) {
    auto made = event::HttpServer::make(
        loop, std::move(socket), limits,
        [this](const event::HttpRequest& request, event::HttpAnswer answer) {
          on_request(request, std::move(answer));
        });
    if (!made) return std::move(made).error();
    servers.push_back(*std::move(made));
  }
  return {};
}

void Callback::State::on_request(const event::HttpRequest& request, event::HttpAnswer answer) {
  switch (judge_request(request, expected)) {
    case RequestVerdict::wrong_host:
      return answer.respond(refusal_reply(400));
    case RequestVerdict::wrong_method:
      return answer.respond(refusal_reply(405));
    case RequestVerdict::wrong_path:
      return answer.respond(refusal_reply(404));
    case RequestVerdict::done:
      return answer_done(std::move(answer));
    case RequestVerdict::callback:
      break;
  }
  const OnVisit tell = on_visit;  // a copy: it may destroy the Callback
  tell(request.query,
       Visitor(std::make_unique<Visitor::State>(std::move(answer), board, expected.done_path)));
}

void Callback::State::answer_done(event::HttpAnswer answer) {
  if (!*board) return answer.respond(refusal_reply(404));
  answer.respond(result_reply(**board), [this] { tell_shown(); });
}

void Callback::State::tell_shown() {
  const auto tell = std::exchange(shown, nullptr);
  if (tell) tell();
}

base::Result<std::unique_ptr<Callback>> Callback::listen(event::UvLoop& loop, const Place& place,
                                                         OnVisit on_visit) {
  RedirectUri uri{"localhost", 0, "/callback"};
  const bool fixed = !place.redirect_uri.empty();
  if (fixed) {
    auto read = read_redirect_uri(place.redirect_uri);
    if (!read) return std::move(read).error();
    uri = *std::move(read);
  }
  const auto addresses = addresses_of(uri.host);
  auto sockets = fixed ? bind_all(addresses, uri.port) : bind_any(addresses, place.preferred_port);
  if (!sockets) return std::move(sockets).error();
  uri.port = sockets->front().port();

  auto state = std::make_unique<State>();
  state->redirect_uri =
      fixed ? place.redirect_uri : "http://localhost:" + std::to_string(uri.port) + "/callback";
  state->expected = expected_requests(uri);
  state->on_visit = std::move(on_visit);
  auto served = state->serve(loop, *std::move(sockets));
  if (!served) return std::move(served).error();
  return std::unique_ptr<Callback>(new Callback(std::move(state)));
}

Callback::Callback(std::unique_ptr<State> state) : state_(std::move(state)) {}
Callback::~Callback() = default;

const std::string& Callback::redirect_uri() const { return state_->redirect_uri; }
void Callback::on_shown(std::function<void()> shown) { state_->shown = std::move(shown); }

}  // namespace dogpipe::auth
