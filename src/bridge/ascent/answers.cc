// What the server sends, and what the host is told of it.
#include <utility>

#include "base/log.h"
#include "bridge/ascent/ascent.h"
#include "bridge/ascent/legacy_error.h"
#include "bridge/ascent/legacy_result.h"
#include "bridge/failure.h"
#include "mcp/codes.h"
#include "rpc/one_line.h"
#include "rpc/reply.h"
#include "rpc/text.h"

namespace dogpipe::bridge::ascent {
namespace {

using base::log;
using base::LogLevel;

// What may come on the stream of a request and a host up to 2025-11-25 can take.
bool is_of_a_request(std::string_view escaped_method) {
  for (const char* method : {"notifications/subscriptions/acknowledged", "notifications/cancelled",
                             "notifications/tasks", "notifications/tasks/status"}) {
    if (rpc::spells(escaped_method, method)) return false;
  }
  return !is_change(escaped_method);
}

void flatten(Message& message) {
  if (!message.envelope.multi_line) return;
  if (message.owned.empty()) message.owned.append(message.text);
  rpc::one_line(message.owned, message.envelope);
  message.text = message.owned.view();
  message.envelope.multi_line = false;
}

}  // namespace

void Ascent::on_message(std::string_view raw_id, Message& message) {
  if (message.envelope.shape != rpc::Shape::notification) {
    return log(LogLevel::warn, "dropped a request of the server: its revision has none");
  }
  flatten(message);
  if (subscriptions_.take_message(raw_id, message)) return;
  const auto at = upstream_.find(std::string(raw_id));
  if (at == upstream_.end()) return log(LogLevel::debug, "dropped a message of no request");
  take_round_message(*at->second, message);
}

void Ascent::take_round_message(Rounds& rounds, Message& message) {
  const std::string_view method = message.envelope.method.in(message.text);
  if (!is_of_a_request(method)) {
    return log(LogLevel::warn, "dropped a message that has no place on the stream of a request");
  }
  const bool progress = rpc::spells(method, "notifications/progress");
  if (progress && !rounds.advances(message.envelope.params.in(message.text))) return;
  replies_.deliver(message);
}

void Ascent::on_answer(const Request& request, Message& message, int status) {
  flatten(message);
  if (is_opening(request)) {
    return take_discover_answer(message, status);
  }
  if (subscriptions_.take_answer(request, message)) return idle_check_.schedule();
  Rounds* const rounds = take_upstream(request.raw_id);
  if (rounds == nullptr) return log(LogLevel::warn, "dropped an answer that nobody waits for");
  subscriptions_.server_lives();
  if (message.envelope.shape == rpc::Shape::response) {
    take_result(*rounds, message);
  } else {
    take_error(*rounds, message);
  }
}

void Ascent::on_failure(const Request& request, const Failure& failure) {
  if (is_opening(request)) return take_discover_failure(failure);
  if (subscriptions_.take_failure(request, failure)) return idle_check_.schedule();
  Rounds* const rounds = take_upstream(request.raw_id);
  if (rounds == nullptr)
    return log(LogLevel::warn, "{} failed: {}", request.method, failure.message);
  replies_.answer(rounds->raw_id(), write_failure(rounds->raw_id(), failure));
  finish(*rounds);
}

Rounds* Ascent::take_upstream(const std::string& raw_id) {
  const auto at = upstream_.find(raw_id);
  if (at == upstream_.end()) return nullptr;
  Rounds* const rounds = at->second;
  upstream_.erase(at);
  rounds->answered();
  return rounds;
}

void Ascent::take_result(Rounds& rounds, const Message& message) {
  const std::string_view raw_result = message.envelope.result.in(message.text);
  switch (result_type(raw_result)) {
    case ResultType::input_required:
      return rounds.require_input(raw_result);
    case ResultType::unknown:
      return on_refused(rounds, write_refusal(rounds.raw_id(), mcp::kInternalError,
                                              "the server's answer is of a kind that this "
                                              "client's revision does not have"));
    case ResultType::complete:
      break;
  }
  const auto result = legacy_result(rounds.method(), raw_result);
  pass(rounds, result ? base::Bytes(rpc::write_result(rounds.raw_id(), *result))
                      : rpc::with_id(message.text, message.envelope, rounds.raw_id()));
}

void Ascent::take_error(Rounds& rounds, const Message& message) {
  pass(rounds, legacy_error_answer(rounds.raw_id(), rounds.method(), message));
}

void Ascent::pass(Rounds& rounds, base::Bytes text) {
  Message answer;
  answer.owned = std::move(text);
  answer.text = answer.owned.view();
  replies_.answer(rounds.raw_id(), answer);
  finish(rounds);
}

void Ascent::on_sent(Rounds& rounds) { upstream_.emplace(rounds.upstream_id(), &rounds); }

void Ascent::on_refused(Rounds& rounds, std::string_view answer) {
  replies_.answer(rounds.raw_id(), answer);
  finish(rounds);
}

void Ascent::finish(Rounds& rounds) {
  upstream_.erase(rounds.upstream_id());
  requests_.erase(std::string(rounds.raw_id()));
  idle_check_.schedule();
}

}  // namespace dogpipe::bridge::ascent
