#include "sandbox/mcp_server.h"

#include <charconv>
#include <utility>

#include "sandbox/gate.h"
#include "sandbox/message.h"
#include "sandbox/oauth_reply.h"

namespace dogpipe::sandbox {
namespace {

// "s3-17": the stream, and how many of its events have been seen.
std::optional<std::pair<std::string_view, std::size_t>> read_event_id(std::string_view id) {
  const std::size_t mark = id.rfind('-');
  if (mark == std::string_view::npos) return std::nullopt;
  std::size_t seen = 0;
  const auto read = std::from_chars(id.data() + mark + 1, id.data() + id.size(), seen);
  if (read.ec != std::errc() || read.ptr != id.data() + id.size()) return std::nullopt;
  return std::pair(id.substr(0, mark), seen);
}

}  // namespace

void McpServer::serve(event::HttpRequest request, event::HttpAnswer answer) {
  if (request.path.rfind("/sandbox/", 0) == 0) return serve_tests(request, std::move(answer));
  if (oauth_.serve(OAuthServer::Host::mcp, request, answer)) return;
  ++context_.ledger.http[request.method];
  auto admission = check_credentials(request, context_.quirks, oauth_.tokens(), context_.loop.now(),
                                     context_.origins);
  if (auto* refusal = std::get_if<event::HttpReply>(&admission)) {
    return refuse(std::move(answer), std::move(*refusal));
  }
  const auto& caller = std::get<Caller>(admission);
  if (request.method == "POST") return serve_post(std::move(request), caller, std::move(answer));
  if (request.method == "GET") return serve_get(request, std::move(answer));
  if (request.method == "DELETE") return serve_delete(request, std::move(answer));
  event::HttpReply reply = plain_error(405, "Method Not Allowed");
  reply.fields.add("Allow", "GET, POST, DELETE");
  refuse(std::move(answer), std::move(reply));
}

void McpServer::serve_app(const event::HttpRequest& request, event::HttpAnswer answer) {
  if (request.path.rfind("/sandbox/", 0) == 0) return serve_tests(request, std::move(answer));
  oauth_.serve(OAuthServer::Host::app, request, answer);
}

// What tests ask of the sandbox itself.
void McpServer::serve_tests(const event::HttpRequest& request, event::HttpAnswer answer) {
  if (oauth_.serve_tests(request, answer)) return;
  Ledger& ledger = context_.ledger;
  if (request.path == "/sandbox/ledger")
    return answer.respond(json_reply(200, ledger.calls_json()));
  if (request.path == "/sandbox/stats") return answer.respond(json_reply(200, ledger.stats_json()));
  if (request.path == "/sandbox/last") return answer.respond(json_reply(200, ledger.last_post));
  if (request.path == "/sandbox/kill-sessions" && request.method == "POST") {
    kill_sessions();
    return answer.respond(json_reply(200, "{}"));
  }
  if (request.path == "/sandbox/list-changed" && request.method == "POST") {
    for (const auto& [id, session] : sessions_) {
      Stream* stream = session->listening();
      if (stream != nullptr) stream->send(notification("notifications/tools/list_changed", ""));
    }
    return answer.respond(json_reply(200, "{}"));
  }
  answer.respond(plain_error(404, "Not found"));
}

void McpServer::serve_get(const event::HttpRequest& request, event::HttpAnswer answer) {
  if (context_.quirks.no_get) {
    event::HttpReply reply = plain_error(405, "Method Not Allowed");
    reply.fields.add("Allow", "POST, DELETE");
    return refuse(std::move(answer), std::move(reply));
  }
  if (auto refusal = check_get_types(request))
    return refuse(std::move(answer), *std::move(refusal));
  event::HttpReply refusal;
  Session* session = find_session(request, refusal);
  if (session == nullptr) return refuse(std::move(answer), std::move(refusal));

  const auto last_seen = request.fields.find("Last-Event-ID");
  if (!last_seen) {
    Stream& stream = session->open_stream(context_.quirks.cut_get_after, false);
    session->listen_on(stream);
    return stream.attach(std::move(answer), 0, {});
  }
  const auto place = read_event_id(*last_seen);
  Stream* stream = place ? session->find_stream(place->first) : nullptr;
  if (stream == nullptr || !stream->resumable()) {
    return refuse(std::move(answer), protocol_error(400, -32000, "Bad Request: unknown event ID"));
  }
  ++context_.ledger.resumed_streams;
  if (session->listening() == stream) stream->cut_after(context_.quirks.cut_get_after);
  stream->attach(std::move(answer), place->second, {});
}

void McpServer::serve_delete(const event::HttpRequest& request, event::HttpAnswer answer) {
  event::HttpReply refusal;
  Session* session = find_session(request, refusal);
  if (session == nullptr) return refuse(std::move(answer), std::move(refusal));
  ++context_.ledger.sessions_ended;
  sessions_.erase(session->id());
  answer.respond({});
}

void McpServer::refuse(event::HttpAnswer answer, event::HttpReply reply) {
  ++context_.ledger.statuses[std::to_string(reply.status)];
  answer.respond(std::move(reply));
}

void McpServer::accept(event::HttpAnswer answer) {
  event::HttpReply reply;
  reply.status = 202;
  answer.respond(std::move(reply));
}

Session* McpServer::find_session(const event::HttpRequest& request, event::HttpReply& refusal) {
  const auto id = request.fields.find("Mcp-Session-Id");
  if (!id) {
    refusal = protocol_error(400, -32000, "Bad Request: Mcp-Session-Id header is required");
    return nullptr;
  }
  const auto found = sessions_.find(*id);
  if (found == sessions_.end()) {
    refusal = dead_session(context_.quirks);
    return nullptr;
  }
  Session& session = *found->second;
  const int most = context_.quirks.kill_session_after;
  if (most > 0 && request.method == "POST" && ++session.requests() > most) {
    ++context_.ledger.sessions_killed;
    sessions_.erase(found);
    refusal = dead_session(context_.quirks);
    return nullptr;
  }
  if (auto wrong = check_version(request, session.version())) {
    refusal = *std::move(wrong);
    return nullptr;
  }
  return &session;
}

void McpServer::kill_sessions() {
  context_.ledger.sessions_killed += static_cast<int>(sessions_.size());
  sessions_.clear();
}

}  // namespace dogpipe::sandbox
