#include "bridge/legacy_relay.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/log.h"
#include "bridge/era.h"
#include "rpc/id.h"
#include "rpc/members.h"
#include "rpc/reply.h"

namespace dogpipe::bridge {
namespace {

using base::log;
using base::LogLevel;

constexpr std::size_t kMostServerRequests = 10'000;

SharedBytes share(base::Bytes&& text) {
  return std::make_shared<const base::Bytes>(std::move(text));
}

}  // namespace

LegacyRelay::LegacyRelay(event::Loop& loop, LegacyServer& server, Replies& replies, Events events)
    : server_(server),
      replies_(replies),
      events_(std::move(events)),
      tell_refused_(loop, [this] { events_.on_refused(*std::exchange(refused_, std::nullopt)); }) {
  server.attach(*this);
}

// ---- the host's side

void LegacyRelay::suspect(bool newer_era) {
  suspected_ = newer_era;
  server_.expect_newer(newer_era);
}

void LegacyRelay::take_request(HostMessage&& message) {
  Request request;
  request.raw_id = message.raw_id();
  request.method = std::move(message.method);
  request.text = share(std::move(message.text));
  server_.send(std::move(request));
}

void LegacyRelay::take_notification(HostMessage&& message) {
  Request notification;
  notification.method = std::move(message.method);
  notification.text = share(std::move(message.text));
  server_.send(std::move(notification));
}

void LegacyRelay::take_response(HostMessage&& message) {
  if (!forget_server_request(message.raw_id())) {
    return log(LogLevel::warn,
               "dropped the host's response to a request that the server did not make");
  }
  Request response;
  response.text = share(std::move(message.text));
  server_.send(std::move(response));
}

// A host may spell the id in its own way, as servers do.
bool LegacyRelay::forget_server_request(std::string_view raw_id) {
  auto at = server_requests_.find(std::string(raw_id));
  if (at == server_requests_.end()) {
    at = std::find_if(server_requests_.begin(), server_requests_.end(),
                      [&](const std::string& one) { return rpc::same_id(one, raw_id); });
  }
  if (at == server_requests_.end()) return false;
  server_requests_.erase(at);
  return true;
}

void LegacyRelay::cancel(std::string_view raw_id, HostMessage&& notification) {
  server_.cancel(raw_id, share(std::move(notification.text)));
}

// ---- the server's side

void LegacyRelay::on_message(std::string_view, Message& message) {
  const std::string_view method = message.envelope.method.in(message.text);
  if (message.envelope.shape == rpc::Shape::request) {
    if (server_requests_.size() < kMostServerRequests) {
      server_requests_.emplace(message.envelope.id.in(message.text));
    }
  } else if (rpc::spells(method, "notifications/cancelled")) {
    const auto raw_id = rpc::member(message.envelope.params.in(message.text), "requestId");
    if (raw_id) forget_server_request(*raw_id);
  }
  replies_.deliver(message);
}

void LegacyRelay::on_answer(const Request& request, Message& message, int status) {
  if (request.method == "initialize") {
    const bool unexpected = suspected_ && wants_http_sse(status, &message);
    if (refuses_initialize(status, message) || unexpected) {
      return decline(request, std::string(message.text));
    }
    if (message.envelope.shape == rpc::Shape::response) events_.on_session();
  }
  replies_.answer(request.raw_id, message);
}

void LegacyRelay::on_failure(const Request& request, const Failure& failure) {
  if (request.raw_id.empty()) return;
  std::string answer = write_failure(request.raw_id, failure);
  const bool unexpected = suspected_ && wants_http_sse(failure.http_status.value_or(0), nullptr);
  if (request.method == "initialize" && unexpected) return decline(request, std::move(answer));
  replies_.answer(request.raw_id, answer);
}

void LegacyRelay::decline(const Request& initialize, std::string answer) {
  Refused refused;
  refused.answer = std::move(answer);
  refused.given_back.push_back(HostMessage::read(base::Bytes(initialize.text->view())));
  for (const Request& request : server_.take_back()) {
    refused.given_back.push_back(HostMessage::read(base::Bytes(request.text->view())));
  }
  refused_ = std::move(refused);
  tell_refused_.schedule();
}

void LegacyRelay::on_new_session() {
  for (const std::string& kind : server_.session().announced_lists()) {
    replies_.write_line(rpc::write_call("", "notifications/" + kind + "/list_changed", ""));
  }
}

}  // namespace dogpipe::bridge
