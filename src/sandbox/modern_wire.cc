#include "sandbox/modern_wire.h"

#include <utility>

#include "json/writer.h"
#include "sandbox/methods.h"
#include "sandbox/modern_gate.h"
#include "sandbox/modern_reply.h"

namespace dogpipe::sandbox {
namespace {

using namespace std::chrono_literals;

bool takes_time(std::string_view method) {
  return method == "tools/call" || method == "prompts/get" || method == "resources/read";
}

}  // namespace

ModernWire::ModernWire(Context& context, Reception& reception)
    : context_(context), reception_(reception), seal_(context.random), began_(context.loop.now()) {
  context.changes.listen([this](const Change& change, const Session*) {
    for (const auto& subscription : subscriptions_) subscription->change(change);
  });
}

void ModernWire::post(const event::HttpRequest& request, const Caller& caller, const Letter& letter,
                      event::HttpAnswer answer) {
  sweep();
  note_violations(request, letter);
  if (auto refusal = check_single(letter)) {
    return reception_.refuse(std::move(answer), *std::move(refusal));
  }
  if (letter.requests.empty()) return Reception::accept(std::move(answer));
  if (auto refusal = forbid_calls(context_.quirks, caller, letter)) {
    return reception_.refuse(std::move(answer), *std::move(refusal));
  }
  if (auto refusal = check_modern(request, letter.requests.front(), context_.quirks)) {
    return reception_.refuse(std::move(answer), *std::move(refusal));
  }
  const bool ready = context_.loop.now() - began_ >= context_.quirks.late_tools * 300ms;
  serve({context_, read_selection(request, context_.quirks), *caller.organization, "", ready, true},
        request, letter, std::move(answer));
}

void ModernWire::serve(Visit visit, const event::HttpRequest& request, const Letter& letter,
                       event::HttpAnswer answer) {
  const json::Value message = letter.requests.front();
  const std::string_view method = message["method"].text_or("");
  if (method == "subscriptions/listen") return listen(message, std::move(answer));
  if (!takes_time(method)) return answer_now(visit, message, std::move(answer));
  const Tool* tool =
      method == "tools/call" ? visit.find_tool(message["params"]["name"].text_or("")) : nullptr;
  if (tool != nullptr) {
    const bool second = context_.changes.second_edition();
    if (auto refusal = check_mirrors(request, message, input_schema(*tool, second))) {
      return reception_.refuse(std::move(answer), *std::move(refusal));
    }
  }
  take_time(std::move(visit), letter, std::move(answer));
}

void ModernWire::take_time(Visit visit, const Letter& letter, event::HttpAnswer answer) {
  const json::Value message = letter.requests.front();
  const json::Value params = message["params"];
  Rounds rounds(seal_, context_.ledger, message,
                rounds_of(visit, message["method"].text_or(""), params));
  if (const auto wrong = rounds.read()) {
    return reply(response(json::write(message["id"]), *wrong), 200, std::move(answer));
  }
  if (const auto missing = rounds.check(read_abilities(params["_meta"][kCapabilitiesKey]))) {
    return reception_.refuse(std::move(answer), modern_error(400, message["id"], *missing));
  }
  const auto breaks = rounds.over() ? next_break(message) : std::nullopt;
  calls_.push_back(
      std::make_unique<ModernCall>(std::move(visit), letter, std::move(rounds), breaks));
  calls_.back()->begin(std::move(answer));
}

// By the call's own wish, or by the switch as often as it says.
std::optional<Break> ModernWire::next_break(json::Value message) {
  if (message["method"].text_or("") != "tools/call") return std::nullopt;
  if (const auto wish = read_break(wishes_of(message["params"])["break"].text_or(""))) return wish;
  const auto plan = read_break(context_.quirks.break_calls);
  const int most = context_.quirks.break_times;
  if (!plan || (most > 0 && broken_ >= most)) return std::nullopt;
  ++broken_;
  return plan;
}

void ModernWire::answer_now(const Visit& visit, json::Value message, event::HttpAnswer answer) {
  const std::string_view method = message["method"].text_or("");
  const std::string id = json::write(message["id"]);
  std::optional<Outcome> outcome = method == "server/discover"
                                       ? success(discover_result(context_.quirks))
                                       : answer_method({visit, method, message["params"], {}});
  // Which has a status of its own, so that a client can tell it from a wrong address.
  if (!outcome || outcome->code == -32601) {
    return reception_.refuse(std::move(answer),
                             modern_error(404, message["id"], failure(-32601, "Method not found")));
  }
  std::string body = modern_response(context_.quirks, id, method, *outcome);
  const Milliseconds delay =
      method == "server/discover" ? context_.quirks.slow_init : context_.quirks.slow_lists;
  if (delay.count() == 0) return reply(std::move(body), 200, std::move(answer));
  auto kept = std::make_shared<event::HttpAnswer>(std::move(answer));
  context_.later.after(
      delay, [this, body = std::move(body), kept] { reply(body, 200, std::move(*kept)); });
}

void ModernWire::reply(std::string body, int status, event::HttpAnswer answer) {
  Post::Shape shape;
  shape.pretty = context_.quirks.pretty;
  if (context_.quirks.sse != StreamUse::always) {
    return Post(std::move(answer), std::move(shape)).respond(std::move(body), status);
  }
  Stream stream(context_.loop, context_.quirks, context_.ledger, "", {0, false, false});
  stream.attach(std::move(answer), 0, {});
  Post(stream, std::move(shape)).respond(std::move(body));
}

void ModernWire::listen(json::Value message, event::HttpAnswer answer) {
  if (!message["params"]["notifications"].is_object()) {
    return reception_.refuse(
        std::move(answer),
        modern_error(400, message["id"], failure(-32602, "Invalid params: notifications")));
  }
  subscriptions_.push_back(std::make_unique<Subscription>(context_, message, std::move(answer)));
}

void ModernWire::end_listens() {
  for (const auto& subscription : subscriptions_) subscription->end();
  sweep();
}

void ModernWire::kill_listens() {
  for (const auto& subscription : subscriptions_) subscription->cut();
  sweep();
}

void ModernWire::note_violations(const event::HttpRequest& request, const Letter& letter) {
  auto& violations = context_.ledger.violations;
  if (request.fields.find("Mcp-Session-Id")) ++violations["session id on the modern wire"];
  if (request.fields.find("Last-Event-ID")) ++violations["Last-Event-ID on the modern wire"];
  for (const json::Value& notification : letter.notifications) {
    if (notification["method"].text_or("") == "notifications/cancelled") {
      ++violations["notifications/cancelled by POST"];
    }
  }
}

void ModernWire::sweep() {
  std::erase_if(calls_, [](const auto& call) { return call->over(); });
  std::erase_if(subscriptions_, [](const auto& subscription) { return subscription->over(); });
}

}  // namespace dogpipe::sandbox
