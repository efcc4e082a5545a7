#include "world.h"

#include <fmt/format.h>

#include <array>
#include <stdexcept>

#include "base/log.h"
#include "rpc/members.h"

namespace dogpipe::bridge {
namespace {

constexpr std::string_view kVersion = R"("jsonrpc":"2.0",)";

Endpoint endpoint_of(const World::Settings& settings) {
  Endpoint endpoint;
  endpoint.url = "https://mcp.example/v1/mcp";
  endpoint.patience = settings.patience;
  endpoint.longest_message = settings.longest_message;
  return endpoint;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

// An error of the bridge in short: the texts are for people and may change.
std::string summary(std::string_view line) {
  const auto error = rpc::member(line, "error");
  const auto data = error ? rpc::member(*error, "data") : std::nullopt;
  if (!data || rpc::member(*data, "source") != R"("dogpipe")") return brief(line);
  std::string out(rpc::member(line, "id").value_or("-"));
  out += ": " + std::string(rpc::member(*error, "code").value_or("?"));
  const auto kind = rpc::member(*data, "kind");
  if (kind) out += ' ' + std::string(kind->substr(1, kind->size() - 2));
  for (const char* name : {"retryable", "executed", "attempts", "retryAfterMs", "httpStatus",
                           "duplicateOf", "url", "loginCommand"}) {
    if (const auto value = rpc::member(*data, name)) out += fmt::format(" {}={}", name, *value);
  }
  return replaced(std::move(out), "\"", "");
}

}  // namespace

std::string full(std::string_view text) {
  std::string out(text);
  for (const std::string_view name : {R"({"id":)", R"({"method":)", R"({"error":)"}) {
    out = replaced(std::move(out), name, '{' + std::string(kVersion) + std::string(name.substr(1)));
  }
  return out;
}

std::string brief(std::string_view text) { return replaced(std::string(text), kVersion, ""); }

std::string event(std::string_view message) { return "data: " + full(message) + "\n\n"; }

class FakeAuthorizer::OneWait final : public auth::Authorizer::Wait {
 public:
  OneWait(FakeAuthorizer& authorizer, Done done)
      : authorizer_(authorizer), done_(std::move(done)) {}
  OneWait(const OneWait&) = delete;
  OneWait& operator=(const OneWait&) = delete;
  ~OneWait() override { std::erase(authorizer_.waits_, this); }

  // Copied: it destroys us.
  void settle(const std::optional<auth::Impediment>& impediment) {
    const Done done = done_;
    done(impediment);
  }

 private:
  FakeAuthorizer& authorizer_;
  Done done_;
};

std::unique_ptr<auth::Authorizer::Wait> FakeAuthorizer::wait(Done done) {
  auto one = std::make_unique<OneWait>(*this, std::move(done));
  waits_.push_back(one.get());
  return one;
}

std::unique_ptr<auth::Authorizer::Wait> FakeAuthorizer::prepare(Done done) {
  return stale ? wait(std::move(done)) : nullptr;
}

std::unique_ptr<auth::Authorizer::Wait> FakeAuthorizer::mend(const Refusal& refusal, Done done) {
  refusals.push_back(refusal);
  return can_mend ? wait(std::move(done)) : nullptr;
}

void FakeAuthorizer::sign_in() {
  credential_.fields = {{"Authorization", base::Secret("Bearer 1")}};
}

void FakeAuthorizer::settle(const std::optional<auth::Impediment>& impediment) {
  if (!impediment) {
    stale = false;
    ++generation_;
    credential_.fields = {{"Authorization", base::Secret("Bearer " + std::to_string(generation_))}};
  }
  while (!waits_.empty()) waits_.front()->settle(impediment);
}

World::World(const Settings& settings)
    : output([this](std::string_view line) { note_line(line); }),
      upstream(loop, client, authorizer, session, endpoint_of(settings)),
      context{loop, upstream, session, budget},
      router(context, session, output, settings.trust_hints,
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
