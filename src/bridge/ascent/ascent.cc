#include "bridge/ascent/ascent.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/log.h"
#include "bridge/failure.h"
#include "mcp/codes.h"
#include "rpc/members.h"
#include "rpc/reply.h"
#include "rpc/text.h"

namespace dogpipe::bridge::ascent {
namespace {

using base::log;
using base::LogLevel;

// What a server from 2026-07-28 on would take for something else, or not know.
bool has_no_counterpart(std::string_view method) {
  static constexpr std::string_view kMethods[] = {"tasks/get", "tasks/result", "tasks/list",
                                                  "tasks/cancel", "subscriptions/listen"};
  return std::find(std::begin(kMethods), std::end(kMethods), method) != std::end(kMethods);
}

bool is_for_nobody(std::string_view notification) {
  return notification == "notifications/progress" ||
         notification == "notifications/roots/list_changed" ||
         notification == "notifications/tasks/status";
}

bool is_object_or_absent(std::string_view raw) { return raw.empty() || raw.starts_with('{'); }

std::string text_of(std::string_view object, std::string_view key) {
  return rpc::string_value(rpc::member(object, key).value_or("")).value_or("");
}

}  // namespace

Ascent::Ascent(event::Loop& loop, Server& server, Replies& replies, Mint mint,
               std::string server_name, Events events)
    : loop_(loop),
      server_(server),
      replies_(replies),
      mint_(std::move(mint)),
      server_name_(std::move(server_name)),
      events_(std::move(events)),
      questions_(replies, mint_),
      subscriptions_(loop, server, replies, mint_, claim_),
      context_{loop_, server_, questions_, mint_, claim_},
      give_back_(loop, [this] { give_back(); }),
      idle_check_(loop, [this] {
        if (idle() && events_.on_idle) events_.on_idle();
      }) {}

Ascent::~Ascent() { abandon(); }

void Ascent::take_request(HostMessage&& message) {
  if (opening_) return hold(std::move(message));
  if (message.method == "initialize") return begin(std::move(message));
  if (!open_) {
    return refuse(message, mcp::kInvalidRequest, "no session is open: send initialize first");
  }
  if (!is_object_or_absent(message.raw_params())) {
    return refuse(message, mcp::kInvalidParams, "params must be an object");
  }
  if (!answer_here(message)) forward(std::move(message));
}

bool Ascent::answer_here(const HostMessage& request) {
  if (request.method == "logging/setLevel") {
    set_level(request);
  } else if (request.method == "resources/subscribe" || request.method == "resources/unsubscribe") {
    change_subscription(request);
  } else if (has_no_counterpart(request.method)) {
    refuse(request, mcp::kMethodNotFound, "the server does not have this method");
  } else {
    return false;
  }
  idle_check_.schedule();
  return true;
}

void Ascent::set_level(const HostMessage& request) {
  if (!offers_.logging) {
    return refuse(request, mcp::kMethodNotFound, "the server does not offer logging");
  }
  const std::string level = text_of(request.raw_params(), "level");
  if (!is_log_level(level)) return refuse(request, mcp::kInvalidParams, "there is no such level");
  claim_.log_level = level;
  replies_.answer(request.raw_id(), rpc::write_result(request.raw_id(), "{}"));
}

void Ascent::change_subscription(const HostMessage& request) {
  if (!offers_.subscriptions) {
    return refuse(request, mcp::kMethodNotFound, "the server does not offer subscriptions");
  }
  const std::string_view raw_uri = rpc::member(request.raw_params(), "uri").value_or("");
  if (!raw_uri.starts_with('"')) return refuse(request, mcp::kInvalidParams, "no uri is given");
  if (request.method == "resources/subscribe") {
    subscriptions_.subscribe(request.raw_id(), raw_uri);
  } else {
    subscriptions_.unsubscribe(request.raw_id(), raw_uri);
  }
}

void Ascent::refuse(const HostMessage& request, int code, std::string_view message) {
  replies_.answer(request.raw_id(), write_refusal(request.raw_id(), code, message));
  idle_check_.schedule();
}

void Ascent::forward(HostMessage&& request) {
  auto rounds =
      std::make_unique<Rounds>(context_, static_cast<Rounds::Owner&>(*this), std::move(request));
  Rounds& its = *rounds;
  requests_.insert_or_assign(std::string(its.raw_id()), std::move(rounds));
  its.start();
}

void Ascent::take_notification(HostMessage&& message) {
  if (opening_) return hold(std::move(message));
  if (!open_) return log(LogLevel::warn, "dropped a notification that came before initialize");
  if (message.method == "notifications/initialized") {
    return subscriptions_.announce(offers_.changes);
  }
  if (is_for_nobody(message.method)) {
    return log(LogLevel::debug, "dropped {}: the server has no use for it", message.method);
  }
  if (!is_object_or_absent(message.raw_params())) {
    return log(LogLevel::warn, "dropped a notification: its params are no object");
  }
  forward_notification(std::move(message));
}

void Ascent::forward_notification(HostMessage&& notification) {
  Request request;
  request.method = notification.method;
  request.text = std::make_shared<const base::Bytes>(
      rpc::write_call("", notification.method, with_claim(notification.raw_params(), claim_)));
  server_.send(std::move(request));
}

void Ascent::take_response(HostMessage&& message) {
  if (opening_ && questions_.empty()) return hold(std::move(message));
  questions_.take(message);
}

void Ascent::cancel(std::string_view raw_id, HostMessage&&) {
  if (const auto at = requests_.find(std::string(raw_id)); at != requests_.end()) {
    finish(*at->second);
  } else if (!withdraw_held(raw_id)) {
    subscriptions_.withdraw(raw_id);
  }
  idle_check_.schedule();
}

bool Ascent::idle() const {
  return !opening_ && requests_.empty() && subscriptions_.idle() && server_.idle();
}

void Ascent::abandon() {
  for (auto& [raw_id, rounds] : requests_) rounds->abandon();
  upstream_.clear();
  requests_.clear();
  subscriptions_.end();
  give_back_.cancel();
  const auto opening = std::exchange(opening_, nullptr);
  if (opening && !opening->upstream_id.empty()) server_.cancel(opening->upstream_id, nullptr);
}

void Ascent::leave(std::function<void()> done) {
  subscriptions_.end();
  done();
}

}  // namespace dogpipe::bridge::ascent
