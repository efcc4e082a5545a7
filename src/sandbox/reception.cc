#include "sandbox/reception.h"

#include <algorithm>
#include <utility>

#include "json/writer.h"
#include "sandbox/message.h"
#include "sandbox/methods.h"

namespace dogpipe::sandbox {
namespace {

using namespace std::chrono_literals;

std::string_view method_of(const json::Value& message) { return message["method"].text_or(""); }

bool is_call(const json::Value& request) { return method_of(request) == "tools/call"; }

std::size_t calls_in(const Letter& letter) {
  return static_cast<std::size_t>(
      std::count_if(letter.requests.begin(), letter.requests.end(), is_call));
}

}  // namespace

std::optional<Letter> Reception::receive(event::HttpRequest& request, event::HttpAnswer& answer) {
  ++posts_;
  auto letter = read_letter(request.body);
  context_.ledger.last_post = std::move(request.body);
  if (letter) record(*letter);
  const bool sse = context_.quirks.era == Era::sse;
  if (auto refusal = sse ? check_content_type(request) : check_post_types(request)) {
    refuse(std::move(answer), *std::move(refusal));
    return std::nullopt;
  }
  if (!letter) {
    refuse(std::move(answer), unreadable(letter.error()));
    return std::nullopt;
  }
  if (const Fault* fault = fault_for(*letter)) {
    spoil(*fault, *letter, std::move(answer));
    return std::nullopt;
  }
  if (over_rate(calls_in(*letter))) {
    refuse(std::move(answer), too_many_requests());
    return std::nullopt;
  }
  return *std::move(letter);
}

event::HttpReply Reception::unreadable(const base::Error& error) const {
  const bool json = error.kind == base::Kind::usage;
  const int code = json ? -32600 : -32700;
  const std::string_view text = json ? "Invalid Request" : "Parse error";
  event::HttpReply reply = protocol_error(400, code, text);
  if (context_.quirks.era == Era::modern) reply.body = idless_error(code, text);
  return reply;
}

Refusal forbid_calls(const Quirks& quirks, const Caller& caller, const Letter& letter) {
  if (calls_in(letter) == 0) return std::nullopt;
  if (quirks.forbid_calls == Forbid::by_status) return plain_error(403, "Forbidden");
  if (quirks.forbid_calls == Forbid::by_scope) return insufficient_scope("mcp_all");
  const std::string& needed = quirks.oauth.call_scope;
  if (needed.empty() || allows(caller.scope, needed)) return std::nullopt;
  return insufficient_scope(needed);
}

void Reception::record(const Letter& letter) {
  auto& counts = context_.ledger.requests;
  for (const auto* messages : {&letter.requests, &letter.notifications}) {
    for (const json::Value& message : *messages) ++counts[std::string(method_of(message))];
  }
  if (!letter.responses.empty()) counts["response"] += static_cast<int>(letter.responses.size());
}

void Reception::count_calls(const Letter& letter) const {
  for (const json::Value& request : letter.requests) {
    const std::string nonce(wishes_of(request["params"])["nonce"].text_or(""));
    if (is_call(request) && !nonce.empty()) ++context_.ledger.calls[nonce];
  }
}

const Fault* Reception::fault_for(const Letter& letter) {
  for (const json::Value& request : letter.requests) {
    const std::string_view name = wishes_of(request["params"])["fault"].text_or("");
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

void Reception::spoil(const Fault& fault, const Letter& letter, event::HttpAnswer answer) {
  if (fault.executed) count_calls(letter);
  Victim victim;
  victim.id = letter.requests.empty() ? "null" : json::write(letter.requests.front()["id"]);
  victim.right = response(victim.id, std::string_view(R"({"content":[{"type":"text",)"
                                                      R"("text":"The right answer."}]})"));
  play_fault(fault, victim, std::move(answer), context_.later);
}

bool Reception::over_rate(std::size_t calls) {
  if (context_.quirks.rate_limit == 0 || calls == 0) return false;
  const base::Time now = context_.loop.now();
  while (!calls_.empty() && now - calls_.front() >= context_.quirks.rate_window) calls_.pop_front();
  if (calls_.size() + calls > static_cast<std::size_t>(context_.quirks.rate_limit)) return true;
  calls_.insert(calls_.end(), calls, now);
  return false;
}

event::HttpReply Reception::too_many_requests() const {
  event::HttpReply reply = plain_error(429, "Too many requests");
  const std::string& after = context_.quirks.retry_after;
  if (after != "none") reply.fields.add("Retry-After", after == "date" ? http_date(2s) : after);
  return reply;
}

void Reception::refuse(event::HttpAnswer answer, event::HttpReply reply) const {
  ++context_.ledger.statuses[std::to_string(reply.status)];
  answer.respond(std::move(reply));
}

void Reception::accept(event::HttpAnswer answer) {
  event::HttpReply reply;
  reply.status = 202;
  answer.respond(std::move(reply));
}

}  // namespace dogpipe::sandbox
