#include "sandbox/legacy_wire.h"

#include <charconv>
#include <optional>
#include <utility>

#include "json/writer.h"
#include "sandbox/message.h"
#include "sandbox/session_methods.h"

namespace dogpipe::sandbox {
namespace {

using namespace std::chrono_literals;

// "s3-17": the stream, and how many of its events have been seen.
std::optional<std::pair<std::string_view, std::size_t>> read_event_id(std::string_view id) {
  const std::size_t mark = id.rfind('-');
  if (mark == std::string_view::npos) return std::nullopt;
  std::size_t seen = 0;
  const auto read = std::from_chars(id.data() + mark + 1, id.data() + id.size(), seen);
  if (read.ec != std::errc() || read.ptr != id.data() + id.size()) return std::nullopt;
  return std::pair(id.substr(0, mark), seen);
}

event::HttpReply not_allowed(const char* allowed) {
  event::HttpReply reply = plain_error(405, "Method Not Allowed");
  reply.fields.add("Allow", allowed);
  return reply;
}

}  // namespace

LegacyWire::LegacyWire(Context& context, Reception& reception)
    : context_(context), reception_(reception) {
  context.changes.listen(
      [this](const Change& change, const Session* told) { this->change(change, told); });
}

void LegacyWire::post(const event::HttpRequest& request, const Caller& caller, Letter letter,
                      event::HttpAnswer answer) {
  note_violations(request, letter);
  if (letter.initializes()) return initialize(request, std::move(letter), std::move(answer));

  event::HttpReply refusal;
  if (unknown_version(request)) {
    return reception_.refuse(
        std::move(answer),
        protocol_error(400, -32000, "Bad Request: Unsupported protocol version"));
  }
  Session* session =
      context_.quirks.stateless ? &passing_session(request) : find_session(request, refusal);
  if (session == nullptr) return reception_.refuse(std::move(answer), std::move(refusal));
  if (session->version() >= "2025-06-18" && !request.fields.find("MCP-Protocol-Version")) {
    ++context_.ledger.posts_without_version;
  }
  if (letter.batch && session->version() != "2025-03-26") {
    return reception_.refuse(std::move(answer),
                             protocol_error(400, -32600, "Invalid Request: no batches"));
  }
  session->organization() = caller.organization;
  if (auto forbidden = forbid_calls(context_.quirks, caller, letter)) {
    return reception_.refuse(std::move(answer), *std::move(forbidden));
  }
  serve(*session, letter, std::move(answer));
}

void LegacyWire::serve(Session& session, const Letter& letter, event::HttpAnswer answer) {
  take_answers(context_, session, letter);
  if (letter.requests.empty()) return Reception::accept(std::move(answer));
  reception_.count_calls(letter);
  answer_requests(context_, session, letter, make_post(session, letter, std::move(answer)));
}

void LegacyWire::get(const event::HttpRequest& request, event::HttpAnswer answer) {
  if (context_.quirks.no_get || context_.quirks.stateless) {
    return reception_.refuse(std::move(answer), not_allowed("POST, DELETE"));
  }
  if (auto refusal = check_get_types(request))
    return reception_.refuse(std::move(answer), *std::move(refusal));
  event::HttpReply refusal;
  Session* session = find_session(request, refusal);
  if (session == nullptr) return reception_.refuse(std::move(answer), std::move(refusal));

  const auto last_seen = request.fields.find("Last-Event-ID");
  if (!last_seen) {
    Stream& stream = session->open_stream(context_.quirks.cut_get_after, false);
    session->listen_on(stream);
    return stream.attach(std::move(answer), 0, {});
  }
  const auto place = read_event_id(*last_seen);
  Stream* stream = place ? session->find_stream(place->first) : nullptr;
  if (stream == nullptr || !stream->resumable()) {
    return reception_.refuse(std::move(answer),
                             protocol_error(400, -32000, "Bad Request: unknown event ID"));
  }
  ++context_.ledger.resumed_streams;
  if (session->listening() == stream) stream->cut_after(context_.quirks.cut_get_after);
  stream->attach(std::move(answer), place->second, {});
}

void LegacyWire::end(const event::HttpRequest& request, event::HttpAnswer answer) {
  if (context_.quirks.stateless) {
    return reception_.refuse(std::move(answer), not_allowed("POST"));
  }
  event::HttpReply refusal;
  Session* session = find_session(request, refusal);
  if (session == nullptr) return reception_.refuse(std::move(answer), std::move(refusal));
  ++context_.ledger.sessions_ended;
  sessions_.erase(session->id());
  answer.respond({});
}

Session* LegacyWire::find_session(const event::HttpRequest& request, event::HttpReply& refusal) {
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

void LegacyWire::kill_sessions() {
  context_.ledger.sessions_killed += static_cast<int>(sessions_.size());
  sessions_.clear();
}

void LegacyWire::initialize(const event::HttpRequest& request, Letter letter,
                            event::HttpAnswer answer) {
  if (request.fields.find("Mcp-Session-Id") && !context_.quirks.stateless) {
    return reception_.refuse(
        std::move(answer),
        protocol_error(400, -32600, "Invalid Request: initialize within a session"));
  }
  if (context_.quirks.slow_init.count() == 0) return begin(request, letter, std::move(answer));
  // Shared only because std::function wants to be copied.
  auto kept = std::make_shared<event::HttpAnswer>(std::move(answer));
  context_.later.after(context_.quirks.slow_init,
                       [this, request, letter = std::move(letter), kept] {
                         begin(request, letter, std::move(*kept));
                       });
}

void LegacyWire::begin(const event::HttpRequest& request, const Letter& letter,
                       event::HttpAnswer answer) {
  auto id = crypto::random_hex(context_.random, 16);
  if (!id) return reception_.refuse(std::move(answer), plain_error(500, id.error().what));
  const json::Value message = letter.requests.front();
  Session& session = open_session(request, message["params"], *id);
  ++context_.ledger.sessions_opened;
  if (context_.quirks.late_tools_notify) {
    context_.later.after(context_.quirks.late_tools * 300ms, [this, key = *id] {
      const auto found = sessions_.find(key);
      Stream* stream = found == sessions_.end() ? nullptr : found->second->listening();
      if (stream != nullptr) stream->send(notification("notifications/tools/list_changed", ""));
    });
  }
  make_post(session, letter, std::move(answer))
      ->respond(response(json::write(message["id"]),
                         std::string_view(initialize_result(context_, session.version()))));
}

Session& LegacyWire::open_session(const event::HttpRequest& request, json::Value initialize,
                                  const std::string& id) {
  sweep();
  std::string version =
      negotiate(initialize["protocolVersion"].text_or(""), context_.quirks.newest_version);
  auto made = std::make_unique<Session>(context_, id, ++sessions_opened_, std::move(version),
                                        read_abilities(initialize["capabilities"]),
                                        read_selection(request, context_.quirks));
  Session& session = *(sessions_[id] = std::move(made));
  session.set_stateless(context_.quirks.stateless);
  return session;
}

bool LegacyWire::unknown_version(const event::HttpRequest& request) const {
  const Quirks& quirks = context_.quirks;
  const auto version = request.fields.find("MCP-Protocol-Version");
  return quirks.stateless && !quirks.ignore_version && version && !is_legacy_revision(*version);
}

// For one POST of a client that the server does not remember.
Session& LegacyWire::passing_session(const event::HttpRequest& request) {
  sweep();
  const std::string id = "post-" + std::to_string(++sessions_opened_);
  // Without the field it is the revision that had none (2025-06-18, basic/transports).
  std::string version(request.fields.find("MCP-Protocol-Version").value_or("2025-03-26"));
  auto made = std::make_unique<Session>(context_, id, 1, std::move(version), ClientAbilities{},
                                        read_selection(request, context_.quirks));
  made->set_stateless(true);
  return *(sessions_[id] = std::move(made));
}

// Sessions of one POST go when all has been said.
void LegacyWire::sweep() {
  if (!context_.quirks.stateless) return;
  std::erase_if(sessions_, [](const auto& entry) {
    return entry.second->stateless() && entry.second->idle();
  });
}

std::shared_ptr<Post> LegacyWire::make_post(Session& session, const Letter& letter,
                                            event::HttpAnswer answer) {
  const Quirks& quirks = context_.quirks;
  Post::Shape shape;
  shape.responses = letter.requests.size();
  shape.batch = letter.batch;
  shape.pretty = quirks.pretty;
  if (letter.initializes() && !session.stateless()) {
    shape.fields.add("Mcp-Session-Id", session.id());
  }
  bool streams = quirks.sse == StreamUse::always;
  for (const json::Value& request : letter.requests) {
    streams = streams || wants_stream(session, request, quirks);
    shape.pretty =
        shape.pretty || request["params"]["arguments"]["_sandbox"]["pretty"].bool_or(false);
  }
  if (!streams) return std::make_shared<Post>(std::move(answer), std::move(shape));
  Stream& stream = session.open_stream(quirks.cut_stream_after, true);
  stream.attach(std::move(answer), 0, shape.fields);
  return std::make_shared<Post>(stream, std::move(shape));
}

void LegacyWire::ask(Ask what) {
  const Question& asked = question(what);
  for (const auto& [id, session] : sessions_) {
    Stream* stream = session->listening();
    if (stream == nullptr) continue;
    session->ask(*stream, asked.method, asked.params(session->version(), "0"),
                 [this](const json::Value& response) {
                   context_.ledger.answers.push_back(json::write(response));
                 });
  }
}

// What has changed on another wire, or because a test says so.
void LegacyWire::change(const Change& change, const Session* told) {
  if (told != nullptr) return;
  for (const auto& [id, session] : sessions_) {
    Stream* stream = session->listening();
    const bool wanted =
        change.kind != Change::Kind::resource || session->subscriptions().count(change.uri) != 0;
    if (stream != nullptr && wanted) stream->send(change_notification(change));
  }
}

// A client may ask any server which era it is of (2026-07-28, basic/versioning).
void LegacyWire::note_violations(const event::HttpRequest& request, const Letter& letter) {
  if (letter.probes()) return;
  for (const auto& [name, value] : request.fields) {
    constexpr std::string_view kParam = "Mcp-Param-";
    if (event::same_field(name, "Mcp-Method") || event::same_field(name, "Mcp-Name") ||
        event::same_field(std::string_view(name).substr(0, kParam.size()), kParam)) {
      ++context_.ledger.violations["modern field on the legacy wire"];
      return;
    }
  }
}

}  // namespace dogpipe::sandbox
