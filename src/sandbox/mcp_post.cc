// The POST half of McpServer.
#include <algorithm>
#include <utility>

#include "json/writer.h"
#include "sandbox/gate.h"
#include "sandbox/mcp_server.h"
#include "sandbox/message.h"
#include "sandbox/methods.h"

namespace dogpipe::sandbox {
namespace {

using namespace std::chrono_literals;

std::string_view method_of(const json::Value& message) { return message["method"].text_or(""); }

bool is_call(const json::Value& request) { return method_of(request) == "tools/call"; }

json::Value wishes_of(const json::Value& request) {
  return request["params"]["arguments"]["_sandbox"];
}

std::size_t calls_in(const Letter& letter) {
  return static_cast<std::size_t>(
      std::count_if(letter.requests.begin(), letter.requests.end(), is_call));
}

}  // namespace

void McpServer::serve_post(event::HttpRequest request, const Caller& caller,
                           event::HttpAnswer answer) {
  ++posts_;
  context_.ledger.last_fields.clear();
  for (const auto& [name, value] : request.fields) {
    // Credentials stay out of what anybody can read.
    if (!event::same_field(name, "Authorization") && name.find("KEY") == std::string::npos) {
      context_.ledger.last_fields[name] = value;
    }
  }
  auto letter = read_letter(request.body);
  context_.ledger.last_post = std::move(request.body);
  if (letter) record(*letter);
  if (auto refusal = check_post_types(request))
    return refuse(std::move(answer), *std::move(refusal));
  if (!letter) {
    const bool json = letter.error().kind == base::Kind::usage;
    return refuse(std::move(answer), json ? protocol_error(400, -32600, "Invalid Request")
                                          : protocol_error(400, -32700, "Parse error"));
  }
  if (const Fault* fault = fault_for(*letter)) return spoil(*fault, *letter, std::move(answer));
  if (over_rate(calls_in(*letter))) return refuse(std::move(answer), too_many_requests());
  if (letter->initializes()) return initialize(request, *std::move(letter), std::move(answer));

  event::HttpReply refusal;
  Session* session = find_session(request, refusal);
  if (session == nullptr) return refuse(std::move(answer), std::move(refusal));
  if (session->version() >= "2025-06-18" && !request.fields.find("MCP-Protocol-Version")) {
    ++context_.ledger.posts_without_version;
  }
  if (letter->batch && session->version() != "2025-03-26") {
    return refuse(std::move(answer), protocol_error(400, -32600, "Invalid Request: no batches"));
  }
  session->organization() = caller.organization;
  if (auto forbidden = forbid(caller, *letter)) {
    return refuse(std::move(answer), *std::move(forbidden));
  }
  take_answers(*session, *letter);
  if (letter->requests.empty()) return accept(std::move(answer));
  count_calls(*letter);
  answer_requests(*session, *letter, std::move(answer));
}

Refusal McpServer::forbid(const Caller& caller, const Letter& letter) const {
  const Quirks& quirks = context_.quirks;
  if (calls_in(letter) == 0) return std::nullopt;
  if (quirks.forbid_calls == Forbid::by_status) return plain_error(403, "Forbidden");
  if (quirks.forbid_calls == Forbid::by_scope) return insufficient_scope("mcp_all");
  const std::string& needed = quirks.oauth.call_scope;
  if (needed.empty() || allows(caller.scope, needed)) return std::nullopt;
  return insufficient_scope(needed);
}

void McpServer::record(const Letter& letter) {
  auto& counts = context_.ledger.requests;
  for (const auto* messages : {&letter.requests, &letter.notifications}) {
    for (const json::Value& message : *messages) ++counts[std::string(method_of(message))];
  }
  if (!letter.responses.empty()) counts["response"] += static_cast<int>(letter.responses.size());
}

void McpServer::count_calls(const Letter& letter) {
  for (const json::Value& request : letter.requests) {
    const std::string nonce(wishes_of(request)["nonce"].text_or(""));
    if (is_call(request) && !nonce.empty()) ++context_.ledger.calls[nonce];
  }
}

const Fault* McpServer::fault_for(const Letter& letter) {
  for (const json::Value& request : letter.requests) {
    const std::string_view name = wishes_of(request)["fault"].text_or("");
    if (const Fault* fault = find_fault(name)) return fault;
  }
  const json::Value& first = !letter.requests.empty()        ? letter.requests.front()
                             : !letter.notifications.empty() ? letter.notifications.front()
                                                             : letter.responses.front();
  const std::string method(method_of(first));
  const int nth = ++seen_[method];
  for (const PlannedFault& plan : context_.quirks.faults) {
    if (!plan.method.empty() && plan.method != method) continue;
    const int count = plan.method.empty() ? posts_ : nth;
    if (plan.nth == 0 || plan.nth == count) return find_fault(plan.name);
  }
  return nullptr;
}

void McpServer::spoil(const Fault& fault, const Letter& letter, event::HttpAnswer answer) {
  if (fault.executed) count_calls(letter);
  Victim victim;
  victim.id = letter.requests.empty() ? "null" : json::write(letter.requests.front()["id"]);
  victim.right = response(victim.id, R"({"content":[{"type":"text","text":"The right answer."}]})");
  play_fault(fault, victim, std::move(answer), context_.later);
}

bool McpServer::over_rate(std::size_t calls) {
  if (context_.quirks.rate_limit == 0 || calls == 0) return false;
  const base::Time now = context_.loop.now();
  while (!calls_.empty() && now - calls_.front() >= context_.quirks.rate_window) calls_.pop_front();
  if (calls_.size() + calls > static_cast<std::size_t>(context_.quirks.rate_limit)) return true;
  calls_.insert(calls_.end(), calls, now);
  return false;
}

event::HttpReply McpServer::too_many_requests() const {
  event::HttpReply reply = plain_error(429, "Too many requests");
  const std::string& after = context_.quirks.retry_after;
  if (after != "none") reply.fields.add("Retry-After", after == "date" ? http_date(2s) : after);
  return reply;
}

void McpServer::initialize(const event::HttpRequest& request, Letter letter,
                           event::HttpAnswer answer) {
  if (request.fields.find("Mcp-Session-Id")) {
    return refuse(std::move(answer),
                  protocol_error(400, -32600, "Invalid Request: initialize within a session"));
  }
  if (context_.quirks.slow_init.count() == 0)
    return open_session(request, letter, std::move(answer));
  // Shared only because std::function wants to be copied.
  auto kept = std::make_shared<event::HttpAnswer>(std::move(answer));
  context_.later.after(context_.quirks.slow_init,
                       [this, request, letter = std::move(letter), kept] {
                         open_session(request, letter, std::move(*kept));
                       });
}

void McpServer::open_session(const event::HttpRequest& request, const Letter& letter,
                             event::HttpAnswer answer) {
  auto id = crypto::random_hex(context_.random, 16);
  if (!id) return refuse(std::move(answer), plain_error(500, id.error().what));
  const json::Value params = letter.requests.front()["params"];
  std::string version =
      negotiate(params["protocolVersion"].text_or(""), context_.quirks.newest_version);
  auto made =
      std::make_unique<Session>(context_, *id, ++sessions_opened_, std::move(version),
                                read_abilities(params["capabilities"]), read_selection(request));
  Session& session = *(sessions_[*id] = std::move(made));
  ++context_.ledger.sessions_opened;
  if (context_.quirks.late_tools_notify) {
    context_.later.after(context_.quirks.late_tools * 300ms, [this, key = *id] {
      const auto found = sessions_.find(key);
      Stream* stream = found == sessions_.end() ? nullptr : found->second->listening();
      if (stream != nullptr) stream->send(notification("notifications/tools/list_changed", ""));
    });
  }
  make_post(session, letter, std::move(answer))
      ->respond(response(json::write(letter.requests.front()["id"]),
                         initialize_result(context_, session.version())));
}

void McpServer::take_answers(Session& session, const Letter& letter) {
  for (const json::Value& response : letter.responses) session.answered(response);
  for (const json::Value& notification : letter.notifications) {
    if (method_of(notification) != "notifications/cancelled") continue;
    const std::string id = json::write(notification["params"]["requestId"]);
    if (session.cancel_call(id)) ++context_.ledger.cancelled;
  }
}

std::shared_ptr<Post> McpServer::make_post(Session& session, const Letter& letter,
                                           event::HttpAnswer answer) {
  const Quirks& quirks = context_.quirks;
  Post::Shape shape;
  shape.responses = letter.requests.size();
  shape.batch = letter.batch;
  shape.pretty = quirks.pretty;
  if (letter.initializes()) shape.fields.add("Mcp-Session-Id", session.id());
  bool streams = quirks.sse == StreamUse::always;
  for (const json::Value& request : letter.requests) {
    if (!is_call(request)) continue;
    streams = streams || wants_stream(request["params"], quirks);
    shape.pretty = shape.pretty || wishes_of(request)["pretty"].bool_or(false);
  }
  if (!streams) return std::make_shared<Post>(std::move(answer), std::move(shape));
  Stream& stream = session.open_stream(quirks.cut_stream_after, true);
  stream.attach(std::move(answer), 0, shape.fields);
  return std::make_shared<Post>(stream, std::move(shape));
}

void McpServer::answer_requests(Session& session, const Letter& letter, event::HttpAnswer answer) {
  const std::shared_ptr<Post> post = make_post(session, letter, std::move(answer));
  for (const json::Value& request : letter.requests) {
    if (is_call(request)) {
      session.begin_call(std::make_unique<Call>(context_, session, letter.document, request, post));
      continue;
    }
    const std::string method(method_of(request));
    std::string reply =
        answer_method(context_, session, json::write(request["id"]), method, request["params"]);
    if (context_.quirks.slow_lists.count() == 0 || method == "ping") {
      post->respond(std::move(reply));
      continue;
    }
    context_.later.after(context_.quirks.slow_lists,
                         [this, key = session.id(), post, reply = std::move(reply)] {
                           if (sessions_.count(key) != 0) post->respond(reply);
                         });
  }
}

}  // namespace dogpipe::sandbox
