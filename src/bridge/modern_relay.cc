#include "bridge/modern_relay.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "base/log.h"
#include "bridge/era.h"
#include "mcp/codes.h"
#include "mcp/revision.h"
#include "rpc/reply.h"
#include "rpc/text.h"

namespace dogpipe::bridge {
namespace {

using base::log;
using base::LogLevel;

Request request_of(HostMessage&& message) {
  Request request;
  request.raw_id = message.raw_id();
  request.method = std::move(message.method);
  request.text = std::make_shared<const base::Bytes>(std::move(message.text));
  return request;
}

Failure busy() {
  Failure failure;
  failure.code = mcp::kRateLimited;
  failure.kind = "busy";
  failure.message = "too many subscriptions are open: cancel one";
  failure.retryable = true;
  return failure;
}

std::string ending(std::string_view raw_id) {
  return rpc::write_result(raw_id, fmt::format(R"({{"resultType":"complete","_meta":{{"{}":{}}}}})",
                                               mcp::kSubscriptionId, raw_id));
}

std::string cancellation(std::string_view raw_id) {
  return rpc::write_call("", "notifications/cancelled",
                         fmt::format(R"({{"requestId":{}}})", raw_id));
}

}  // namespace

ModernRelay::ModernRelay(Server& server, Replies& replies, Events events)
    : server_(server), replies_(replies), events_(std::move(events)) {}

// ---- the host's side

void ModernRelay::take_request(HostMessage&& message) {
  Request request = request_of(std::move(message));
  if (request.method == "subscriptions/listen") {
    if (listens_.size() >= kMostListens) {
      return replies_.answer(request.raw_id, write_failure(request.raw_id, busy()));
    }
    listens_[request.raw_id] = false;
    replies_.stand(request.raw_id);
  }
  server_.send(std::move(request));
}

void ModernRelay::take_notification(HostMessage&& message) {
  server_.send(request_of(std::move(message)));
}

void ModernRelay::take_response(HostMessage&&) {
  log(LogLevel::warn, "dropped a response of the host: servers of this era ask nothing");
}

void ModernRelay::cancel(std::string_view raw_id, HostMessage&& notification) {
  listens_.erase(std::string(raw_id));
  server_.cancel(raw_id, std::make_shared<const base::Bytes>(std::move(notification.text)));
}

// The host may ask for the same again elsewhere: it is told both ways that specifications know of.
void ModernRelay::abandon() {
  server_.abandon();
  for (const auto& [raw_id, acknowledged] : std::exchange(listens_, {})) {
    replies_.answer(raw_id, ending(raw_id));
    replies_.write_line(cancellation(raw_id));
  }
}

// ---- the server's side

void ModernRelay::on_message(std::string_view raw_id, Message& message) {
  if (message.envelope.shape == rpc::Shape::request) {
    return log(LogLevel::warn, "dropped a request of the server: its revision has none");
  }
  const std::string_view method = message.envelope.method.in(message.text);
  if (rpc::spells(method, "notifications/subscriptions/acknowledged")) {
    if (const auto at = listens_.find(std::string(raw_id)); at != listens_.end()) at->second = true;
  }
  replies_.deliver(message);
}

void ModernRelay::doubt(int status, const Message* answer) {
  if (contradicts_modern(status, answer) && events_.on_doubt) events_.on_doubt();
}

void ModernRelay::on_answer(const Request& request, Message& message, int status) {
  doubt(status, &message);
  listens_.erase(request.raw_id);
  replies_.answer(request.raw_id, message);
}

// A subscription that was running ends without an answer, as if the stream had been closed: that is
// how the host would see it.
void ModernRelay::on_failure(const Request& request, const Failure& failure) {
  if (request.raw_id.empty()) return;
  doubt(failure.http_status.value_or(0), nullptr);
  const auto at = listens_.find(request.raw_id);
  const bool running = at != listens_.end() && at->second;
  if (at != listens_.end()) listens_.erase(at);
  if (!running) return replies_.answer(request.raw_id, write_failure(request.raw_id, failure));
  replies_.withhold(request.raw_id);
  replies_.write_line(cancellation(request.raw_id));
}

}  // namespace dogpipe::bridge
