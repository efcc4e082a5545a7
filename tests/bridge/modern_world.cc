#include "modern_world.h"

#include <fmt/format.h>

#include <stdexcept>

#include "base/log.h"
#include "bridge/leg.h"

namespace dogpipe::bridge {
namespace {

constexpr std::string_view kMeta = R"({"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                                   R"("io.modelcontextprotocol/clientCapabilities":{}})";
constexpr std::string_view kSubscription = R"("io.modelcontextprotocol/subscriptionId")";

ServerContext context_of(ModernWorld& world, const ModernWorld::Settings& settings) {
  Endpoint endpoint;
  endpoint.url = "https://mcp.example/v1/mcp";
  endpoint.fields = settings.fields;
  endpoint.patience = settings.patience;
  endpoint.longest_message = settings.longest_message;
  return {world.loop, world.client, world.authorizer, world.budget, endpoint, settings.trust_hints};
}

}  // namespace

std::string modern(std::string_view text) {
  std::string out = replaced(full(text), "$M", kMeta);
  return replaced(std::move(out), "$S", kSubscription);
}

std::string modern_brief(std::string_view text) {
  std::string out = replaced(brief(text), kMeta, "$M");
  return replaced(std::move(out), kSubscription, "$S");
}

ModernWorld::ModernWorld(const Settings& settings)
    : mint([count = 0]() mutable { return fmt::format(R"("m{}")", ++count); }),
      server(context_of(*this, settings), mint) {
  static_cast<void>(base::open_log({.level = base::LogLevel::off, .file = {}}));
  client.on_send = [this](fakes::FakeRequest& request) { note_request(request); };
  client.on_cancel = [this](fakes::FakeRequest& request) {
    transcript_ += fmt::format("#{} cancelled\n", number_of(request));
  };
  server.attach(*this);
}

void ModernWorld::host(std::string_view line) {
  Request request;
  request.text = std::make_shared<const base::Bytes>(modern(line));
  const std::string_view text = request.text->view();
  const rpc::Scanned scanned = rpc::scan(text);
  if (!scanned) throw std::logic_error("no message: " + std::string(line));
  request.raw_id = scanned->id.in(text);
  request.method = rpc::unescape(scanned->method.in(text));
  server.send(std::move(request));
  turn();
}

void ModernWorld::cancel(std::string_view raw_id) {
  server.cancel(raw_id, nullptr);
  turn();
}

std::string ModernWorld::own_fields(std::size_t n) {
  std::string out;
  for (const http::Header& field : request(n).request().headers->fields()) {
    const bool own = field.name.starts_with("Mcp-") || field.name.starts_with("MCP-");
    if (own) out += fmt::format("{}: {}\n", field.name, field.value);
  }
  return out;
}

void ModernWorld::json(std::size_t n, std::string_view body, int status) {
  reply(n, status, "application/json", modern(body));
}

void ModernWorld::reply(std::size_t n, int status, std::string_view media_type,
                        std::string_view body, const std::vector<http::Header>& fields) {
  request(n).answer(status, media_type, body, fields);
  turn();
}

void ModernWorld::stream(std::size_t n, std::string_view message) {
  request(n).head(200, "text/event-stream");
  more(n, message);
}

void ModernWorld::more(std::size_t n, std::string_view message) {
  if (!message.empty()) request(n).data("data: " + modern(message) + "\n\n");
  turn();
}

void ModernWorld::end(std::size_t n) {
  request(n).end();
  turn();
}

void ModernWorld::fail(std::size_t n, base::Kind kind, bool body_left) {
  request(n).fail(kind, body_left);
  turn();
}

std::string ModernWorld::transcript() { return std::exchange(transcript_, {}); }

void ModernWorld::on_message(std::string_view raw_id, Message& message) {
  transcript_ += fmt::format("{} < {}\n", raw_id, modern_brief(message.text));
  if (on_report) on_report();
}

void ModernWorld::on_answer(const Request&, Message& message, int status) {
  const std::string shown = status == 200 ? "" : fmt::format("{} ", status);
  transcript_ += fmt::format("= {}{}\n", shown, modern_brief(message.text));
  if (on_report) on_report();
}

void ModernWorld::on_failure(const Request& request, const Failure& failure) {
  transcript_ += "! " + summary(write_failure(request.raw_id, failure)) + '\n';
}

void ModernWorld::note_request(fakes::FakeRequest& request) {
  transcript_ +=
      fmt::format("#{} {}", number_of(request), fakes::method_name(request.request().method));
  if (!request.field("Mcp-Session-Id").empty()) transcript_ += " session";
  if (!request.field("Last-Event-ID").empty()) transcript_ += " last-event-id";
  for (const char* name : {"MCP-Protocol-Version", "Mcp-Method", "Mcp-Name"}) {
    const std::string value = request.field(name);
    if (!value.empty()) transcript_ += ' ' + value;
  }
  transcript_ += ' ' + modern_brief(request.body()) + '\n';
}

std::size_t ModernWorld::number_of(const fakes::FakeRequest& request) {
  for (std::size_t i = 0; i < client.count(); ++i) {
    if (&client.at(i) == &request) return i + 1;
  }
  throw std::logic_error("a request of another client");
}

}  // namespace dogpipe::bridge
