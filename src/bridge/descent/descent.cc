#include "bridge/descent/descent.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/log.h"
#include "bridge/descent/discover_result.h"
#include "bridge/era.h"
#include "mcp/codes.h"
#include "rpc/members.h"
#include "rpc/one_line.h"
#include "rpc/reply.h"

namespace dogpipe::bridge::descent {
namespace {

using base::log;
using base::LogLevel;

constexpr std::string_view kListen = "subscriptions/listen";

// Methods that 2026-07-28 does not have, but the server may: they would change a session that the
// host knows nothing of. Tasks of 2025-11-25 are others than those of the newer extension.
bool is_removed(std::string_view method) {
  constexpr std::array<std::string_view, 5> kRemoved = {
      "initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe"};
  return method.starts_with("tasks/") ||
         std::find(kRemoved.begin(), kRemoved.end(), method) != kRemoved.end();
}

bool is_removed_notification(std::string_view method) {
  return method == "notifications/initialized" || method == "notifications/progress" ||
         method == "notifications/roots/list_changed";
}

std::optional<std::string_view> filter_of(const HostMessage& message) {
  const auto raw = rpc::member(message.raw_params(), "notifications");
  return raw && raw->front() == '{' ? raw : std::nullopt;
}

void flatten(Message& message) {
  if (!message.envelope.multi_line) return;
  if (message.owned.empty()) message.owned.append(message.text);
  rpc::one_line(message.owned, message.envelope);
  message.text = message.owned.view();
}

}  // namespace

Descent::Descent(event::Loop& loop, Server& server, Replies& replies, Mint mint, Events events)
    : server_(server),
      replies_(replies),
      mint_(std::move(mint)),
      events_(std::move(events)),
      session_(
          server, [this] { return mint_(); }, static_cast<HiddenSession::Owner&>(*this)),
      passages_(
          loop, server, replies, [this] { return mint_(); }, session_),
      listens_(
          server, replies, [this] { return mint_(); }, session_),
      idle_(loop, [this] {
        if (idle() && events_.on_idle) events_.on_idle();
      }) {}

// ---- the host's side

void Descent::refuse(std::string_view raw_id, int code, std::string_view message,
                     std::string_view raw_data) {
  replies_.answer(raw_id, write_refusal(raw_id, code, message, raw_data));
  idle_.schedule();
}

void Descent::take_request(HostMessage&& message) {
  const std::string_view raw_id = message.raw_id();
  const ReadClaim claim = read_claim(message.raw_params());
  if (!claim) {
    return refuse(raw_id, claim.fault().code, claim.fault().message, claim.fault().raw_data);
  }
  if (is_removed(message.method)) {
    return refuse(raw_id, mcp::kMethodNotFound, "2026-07-28 has no such method");
  }
  if (message.method == kListen) {
    if (!filter_of(message)) {
      return refuse(raw_id, mcp::kInvalidParams, "notifications: not an object");
    }
    replies_.stand(raw_id);
  }
  if (session_.is_open()) {
    go(message, *claim);
    return idle_.schedule();
  }
  session_.open(*claim);
  waiting_.push_back(std::move(message));
}

void Descent::go(const HostMessage& message, const Claim& claim) {
  if (message.method == "server/discover") return answer_discover(message);
  if (message.method == kListen) return listen(message);
  passages_.take(message, claim);
}

void Descent::answer_discover(const HostMessage& message) {
  const std::string_view raw_id = message.raw_id();
  replies_.answer(raw_id,
                  rpc::write_result(raw_id, discover_result(session_.raw_initialize_result())));
}

void Descent::listen(const HostMessage& message) {
  const std::string_view raw_id = message.raw_id();
  if (!listens_.full()) return listens_.open(raw_id, *filter_of(message));
  Failure busy;
  busy.code = mcp::kRateLimited;
  busy.kind = "busy";
  busy.message = "too many subscriptions are open: cancel one";
  replies_.answer(raw_id, write_failure(raw_id, busy));
}

void Descent::take_notification(HostMessage&& message) {
  if (!session_.is_open() && !waiting_.empty()) return waiting_.push_back(std::move(message));
  if (!session_.is_open() || is_removed_notification(message.method)) {
    return log(LogLevel::info, "dropped a notification of the host: {}",
               base::printable(message.method));
  }
  Request request;
  request.text = std::make_shared<const base::Bytes>(
      rpc::write_call("", message.method, legacy_params(message.raw_params())));
  request.method = std::move(message.method);
  server_.send(std::move(request));
}

void Descent::take_response(HostMessage&&) {
  log(LogLevel::warn, "dropped a response of the host: it was asked nothing");
}

void Descent::cancel(std::string_view raw_id, HostMessage&& notification) {
  idle_.schedule();
  const auto waits =
      std::find_if(waiting_.begin(), waiting_.end(),
                   [&](const HostMessage& message) { return message.raw_id() == raw_id; });
  if (waits != waiting_.end()) {
    waiting_.erase(waits);
  } else if (!listens_.close(raw_id)) {
    passages_.cancel(raw_id, notification.raw_params());
  }
}

// What the server works on may be parked: then nobody waits for it.
bool Descent::idle() const {
  return waiting_.empty() && passages_.on_their_way() == 0 &&
         (server_.idle() || passages_.parked() > 0);
}

void Descent::abandon() {
  listens_.end_all();
  for (const HostMessage& message : std::exchange(waiting_, {})) {
    if (message.method == kListen) listens_.end(message.raw_id());
  }
  passages_.clear();
  server_.abandon();
}

void Descent::leave(std::function<void()> done) { server_.leave(std::move(done)); }

// ---- the server's side

void Descent::on_open() {
  for (HostMessage& message : std::exchange(waiting_, {})) {
    if (message.envelope.shape == rpc::Shape::notification) {
      take_notification(std::move(message));
    } else if (const ReadClaim claim = read_claim(message.raw_params())) {
      go(message, *claim);
    }
  }
}

void Descent::on_not_open(const std::function<std::string(std::string_view)>& write_error) {
  for (const HostMessage& message : std::exchange(waiting_, {})) {
    if (message.envelope.id) replies_.answer(message.raw_id(), write_error(message.raw_id()));
  }
}

void Descent::on_message(std::string_view raw_id, Message& message) {
  flatten(message);
  if (message.envelope.shape == rpc::Shape::request) {
    passages_.take_request(raw_id, message);
  } else if (message.envelope.shape == rpc::Shape::notification) {
    take_server_notification(raw_id, message);
  }
  idle_.schedule();
}

void Descent::take_server_notification(std::string_view raw_id, Message& message) {
  const std::string method = rpc::unescape(message.envelope.method.in(message.text));
  const std::string_view raw_params = message.envelope.params.in(message.text);
  if (method == "notifications/progress") return passages_.take_progress(raw_id, message);
  if (method == "notifications/message") return passages_.take_log(raw_id, message);
  if (method == "notifications/cancelled") return passages_.take_cancel(raw_id, raw_params);
  if (listens_.announce(method, raw_params)) return;
  log(LogLevel::debug, "dropped a notification of the server that 2026-07-28 has no place for");
}

void Descent::doubt(const Request& request, int status, const Message* answer) {
  if (request.method != "initialize" || !contradicts_legacy(status, answer)) return;
  if (events_.on_doubt) events_.on_doubt();
}

void Descent::on_answer(const Request& request, Message& message, int status) {
  flatten(message);
  doubt(request, status, &message);
  idle_.schedule();
  if (session_.take_answer(request, message) || listens_.take_answer(request, message)) return;
  passages_.take_answer(request, message);
}

void Descent::on_failure(const Request& request, const Failure& failure) {
  doubt(request, failure.http_status.value_or(0), nullptr);
  idle_.schedule();
  if (session_.take_failure(request, failure) || listens_.take_failure(request)) return;
  passages_.take_failure(request, failure);
}

void Descent::on_session_gone() {
  passages_.session_gone();
  idle_.schedule();
}

void Descent::on_new_session() { listens_.announce_all(); }

// The host has been promised no older revision: the next request may open another session.
void Descent::on_incompatible_session() {
  listens_.end_all();
  session_.forget();
}

}  // namespace dogpipe::bridge::descent
