#include "sandbox/sse_wire.h"

#include <fmt/format.h>

#include <utility>

#include "json/writer.h"
#include "sandbox/form.h"
#include "sandbox/message.h"
#include "sandbox/session_methods.h"

namespace dogpipe::sandbox {
namespace {

constexpr std::string_view kMessages = "/v1/mcp/messages";

event::HttpReply refused_post(const Quirks& quirks) {
  event::HttpReply reply;
  if (quirks.sse_post == "404") {
    reply.status = 404;
    reply.fields.add("Content-Type", "text/html; charset=utf-8");
    reply.body = "<!DOCTYPE html><html><body><pre>Cannot POST /v1/mcp</pre></body></html>\n";
    return reply;
  }
  reply = plain_error(405, "Method Not Allowed");
  reply.fields.add("Allow", "GET");
  return reply;
}

}  // namespace

SseWire::SseWire(Context& context, Reception& reception)
    : context_(context), reception_(reception) {
  context.changes.listen([this](const Change& change, const Session* told) {
    if (told != nullptr) return;
    for (const auto& [id, link] : links_) {
      if (link->session) link->stream.send(change_notification(change));
    }
  });
}

bool SseWire::is_message_path(std::string_view path) { return path == kMessages; }

void SseWire::serve(event::HttpRequest& request, const Caller& caller, event::HttpAnswer answer) {
  sweep();
  const bool message = is_message_path(request.path);
  if (message && request.method == "POST") return take(request, caller, std::move(answer));
  if (!message && request.method == "POST") {
    return reception_.refuse(std::move(answer), refused_post(context_.quirks));
  }
  if (message || request.method != "GET") {
    return reception_.refuse(std::move(answer), plain_error(405, "Method Not Allowed"));
  }
  if (auto refusal = check_get_types(request)) {
    return reception_.refuse(std::move(answer), *std::move(refusal));
  }
  open(std::move(answer));
}

void SseWire::open(event::HttpAnswer answer) {
  auto id = crypto::random_hex(context_.random, 16);
  if (!id) return reception_.refuse(std::move(answer), plain_error(500, id.error().what));
  const Stream::Shape shape{context_.quirks.cut_get_after, false, false};
  auto link = std::unique_ptr<Link>(
      new Link{Stream(context_.loop, context_.quirks, context_.ledger, "", shape), nullptr});
  Stream& stream = link->stream;
  links_[*id] = std::move(link);
  stream.attach(std::move(answer), 0, {});
  const std::string& end = context_.quirks.sse_line_end;
  stream.send_raw(fmt::format("event: endpoint{}data: {}{}{}", end, address(*id), end, end));
}

std::string SseWire::address(const std::string& id) const {
  const std::string relative = fmt::format("{}?session={}", kMessages, id);
  const std::string& how = context_.quirks.sse_endpoint;
  const std::string& origin = context_.origins.mcp;
  if (how == "relative") return relative;
  if (how == "absolute") return origin + relative;
  // The same server under another name, so that it sees who comes.
  return "http://localhost" + origin.substr(origin.rfind(':')) + relative;
}

void SseWire::take(event::HttpRequest& request, const Caller& caller, event::HttpAnswer answer) {
  if (context_.quirks.sse_endpoint == "foreign") {
    ++context_.ledger.violations["POST to an endpoint of another origin"];
  }
  const auto letter = reception_.receive(request, answer);
  if (!letter) return;
  const auto found = links_.find(Form(request.query).value("session"));
  if (found == links_.end()) {
    return reception_.refuse(std::move(answer), plain_error(404, "Session not found"));
  }
  if (auto forbidden = forbid_calls(context_.quirks, caller, *letter)) {
    return reception_.refuse(std::move(answer), *std::move(forbidden));
  }
  if (!deliver(*found->second, request, caller, *letter)) {
    return reception_.refuse(std::move(answer), plain_error(400, "Not initialized"));
  }
  Reception::accept(std::move(answer));
}

bool SseWire::deliver(Link& link, const event::HttpRequest& request, const Caller& caller,
                      const Letter& letter) {
  if (letter.initializes()) {
    const json::Value message = letter.requests.front();
    const json::Value params = message["params"];
    std::string version =
        negotiate(params["protocolVersion"].text_or(""), context_.quirks.newest_version);
    link.session = std::make_unique<Session>(context_, "", ++opened_, std::move(version),
                                             read_abilities(params["capabilities"]),
                                             read_selection(request, context_.quirks));
    ++context_.ledger.sessions_opened;
    link.stream.send(response(json::write(message["id"]), std::string_view(initialize_result(
                                                              context_, link.session->version()))));
    return true;
  }
  if (!link.session) return false;
  link.session->organization() = caller.organization;
  take_answers(context_, *link.session, letter);
  if (letter.requests.empty()) return true;
  reception_.count_calls(letter);
  Post::Shape shape;
  shape.responses = letter.requests.size();
  shape.shared = true;
  answer_requests(context_, *link.session, letter, std::make_shared<Post>(link.stream, shape));
  return true;
}

void SseWire::sweep() {
  std::erase_if(links_, [](const auto& entry) { return !entry.second->stream.attached(); });
}

}  // namespace dogpipe::sandbox
