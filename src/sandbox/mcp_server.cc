#include "sandbox/mcp_server.h"

#include <utility>

#include "sandbox/form.h"
#include "sandbox/gate.h"
#include "sandbox/modern_gate.h"
#include "sandbox/oauth_reply.h"

namespace dogpipe::sandbox {

void McpServer::serve(event::HttpRequest request, event::HttpAnswer answer) {
  if (request.path.rfind("/sandbox/", 0) == 0) return serve_tests(request, std::move(answer));
  const bool sse = context_.quirks.era == Era::sse && SseWire::is_message_path(request.path);
  if (!sse && oauth_.serve(OAuthServer::Host::mcp, request, answer)) return;
  ++context_.ledger.http[request.method];
  context_.ledger.note(request);
  auto admission = check_credentials(request, context_.quirks, oauth_.tokens(), context_.loop.now(),
                                     context_.origins);
  if (auto* refusal = std::get_if<event::HttpReply>(&admission)) {
    return reception_.refuse(std::move(answer), std::move(*refusal));
  }
  serve_endpoint(std::move(request), std::get<Caller>(admission), std::move(answer));
}

void McpServer::serve_endpoint(event::HttpRequest request, const Caller& caller,
                               event::HttpAnswer answer) {
  const Era era = context_.quirks.era;
  if (era == Era::sse) return sse_.serve(request, caller, std::move(answer));
  if (request.method == "POST") return serve_post(std::move(request), caller, std::move(answer));
  if (era != Era::modern && request.method == "GET") return legacy_.get(request, std::move(answer));
  if (era != Era::modern && request.method == "DELETE") {
    return legacy_.end(request, std::move(answer));
  }
  event::HttpReply reply = plain_error(405, "Method Not Allowed");
  reply.fields.add("Allow", era == Era::modern ? "POST" : "GET, POST, DELETE");
  reception_.refuse(std::move(answer), std::move(reply));
}

void McpServer::serve_post(event::HttpRequest request, const Caller& caller,
                           event::HttpAnswer answer) {
  auto letter = reception_.receive(request, answer);
  if (!letter) return;
  if (is_modern(request, *letter)) {
    modern_.post(request, caller, *letter, std::move(answer));
  } else {
    legacy_.post(request, caller, *std::move(letter), std::move(answer));
  }
}

bool McpServer::is_modern(const event::HttpRequest& request, const Letter& letter) const {
  const Era era = context_.quirks.era;
  return era == Era::modern || (era == Era::dual && claims_modern(request, letter));
}

void McpServer::serve_app(const event::HttpRequest& request, event::HttpAnswer answer) {
  if (request.path.rfind("/sandbox/", 0) == 0) return serve_tests(request, std::move(answer));
  oauth_.serve(OAuthServer::Host::app, request, answer);
}

// What tests ask of the sandbox itself.
void McpServer::serve_tests(const event::HttpRequest& request, event::HttpAnswer answer) {
  if (oauth_.serve_tests(request, answer)) return;
  Ledger& ledger = context_.ledger;
  const auto reply = [&](std::string json) { answer.respond(json_reply(200, std::move(json))); };
  if (request.path == "/sandbox/ledger") return reply(ledger.calls_json());
  if (request.path == "/sandbox/stats") return reply(ledger.stats_json());
  if (request.path == "/sandbox/journal") return reply(ledger.journal_json());
  if (request.path == "/sandbox/last") return reply(ledger.last_post);
  if (request.method == "POST" && change_for_tests(request)) return reply("{}");
  answer.respond(plain_error(404, "Not found"));
}

bool McpServer::change_for_tests(const event::HttpRequest& request) {
  const Form query(request.query);
  if (request.path == "/sandbox/kill-sessions") {
    legacy_.kill_sessions();
  } else if (request.path == "/sandbox/ask") {
    const auto what = find_ask(query.value("what"));
    if (!what) return false;
    legacy_.ask(*what);
  } else if (request.path == "/sandbox/end-listens") {
    modern_.end_listens();
  } else if (request.path == "/sandbox/kill-listens") {
    modern_.kill_listens();
  } else if (request.path == "/sandbox/list-changed") {
    const auto change = list_change(query.has("list") ? query.value("list") : "tools");
    if (!change) return false;
    context_.changes.announce(*change);
  } else if (request.path == "/sandbox/resource-updated") {
    context_.changes.announce({Change::Kind::resource, query.value("uri")});
  } else {
    return false;
  }
  return true;
}

}  // namespace dogpipe::sandbox
