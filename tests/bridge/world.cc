#include "world.h"

#include <fmt/format.h>

#include <stdexcept>

#include "base/log.h"

namespace dogpipe::bridge {
namespace {

Endpoint endpoint_of(const World::Settings& settings) {
  Endpoint endpoint;
  endpoint.url = "https://mcp.example/v1/mcp";
  endpoint.patience = settings.patience;
  endpoint.longest_message = settings.longest_message;
  return endpoint;
}

EraStore* known(FakeEraStore& store, ServerEra era) {
  if (era != ServerEra::unknown) store.record = EraRecord{era, {}, 0, {}};
  return &store;
}

// Ids of the bridge's own: "b1", "b2", ...
Mint mint() {
  return [count = 0]() mutable { return fmt::format(R"("b{}")", ++count); };
}

}  // namespace

World::World(const Settings& settings)
    : output([this](std::string_view line) { note_line(line); }),
      router({loop, client, authorizer, budget, endpoint_of(settings), settings.trust_hints},
             output, {settings.policy, known(eras, settings.era), mint(), "mcp.example"},
             {[this] { ++idle; }, [this] { ++incompatible; }}),
      lines_(settings.longest_line) {
  static_cast<void>(base::open_log({.level = base::LogLevel::off, .file = {}}));
  client.on_send = [this](fakes::FakeRequest& request) { note_request(request); };
  client.on_cancel = [this](fakes::FakeRequest& request) {
    transcript_ += fmt::format("#{} cancelled\n", number_of(request));
  };
}

void World::open(std::string_view revision, std::string_view id, std::string_view capabilities) {
  open_with_stream(revision, id, capabilities);
  if (requests() == 3) reply(3, 405);
  restart_count();
}

void World::open_with_stream(std::string_view revision, std::string_view id,
                             std::string_view capabilities) {
  host(kInitialize);
  const std::string result =
      fmt::format(R"({{"id":0,"result":{{"protocolVersion":"{}","capabilities":{}}}}})", revision,
                  capabilities);
  reply(1, 200, "application/json", full(result), {{"Mcp-Session-Id", std::string(id)}});
  host(kInitialized);
  reply(2, 202);
  forget();
}

void World::host(std::string_view line) {
  lines_.feed(full(line) + '\n', [this](rpc::Line&& read) { router.on_line(std::move(read)); });
  turn();
}

void World::json(std::size_t n, std::string_view body, int status) {
  reply(n, status, "application/json", full(body));
}

void World::reply(std::size_t n, int status, std::string_view media_type, std::string_view body,
                  const std::vector<http::Header>& fields) {
  request(n).answer(status, media_type, body, fields);
  turn();
}

void World::stream(std::size_t n, std::string_view events) {
  request(n).head(200, "text/event-stream");
  more(n, events);
}

void World::more(std::size_t n, std::string_view events) {
  if (!events.empty()) request(n).data(events);
  turn();
}

void World::end(std::size_t n) {
  request(n).end();
  turn();
}

void World::fail(std::size_t n, base::Kind kind, bool body_left) {
  request(n).fail(kind, body_left);
  turn();
}

std::string World::transcript() { return std::exchange(transcript_, {}); }

void World::restart_count() {
  forget();
  first_ = client.count();
}

void World::note_request(fakes::FakeRequest& request) {
  const auto or_dash = [](const std::string& text) { return text.empty() ? "-" : text; };
  transcript_ += fmt::format(
      "#{} {} {} {}", number_of(request), fakes::method_name(request.request().method),
      or_dash(request.field("Mcp-Session-Id")), or_dash(request.field("MCP-Protocol-Version")));
  const std::string last = request.field("Last-Event-ID");
  if (!last.empty()) transcript_ += " last=" + last;
  if (!request.body().empty()) transcript_ += ' ' + brief(request.body());
  transcript_ += '\n';
}

void World::note_line(std::string_view line) { transcript_ += "< " + summary(line) + '\n'; }

std::size_t World::number_of(const fakes::FakeRequest& request) {
  for (std::size_t i = first_; i < client.count(); ++i) {
    if (&client.at(i) == &request) return i - first_ + 1;
  }
  throw std::logic_error("a request of an earlier count");
}

}  // namespace dogpipe::bridge
