#include "bridge/ascent/host_subscriptions.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "base/log.h"
#include "bridge/ascent/legacy_error.h"
#include "bridge/failure.h"
#include "mcp/codes.h"
#include "rpc/members.h"
#include "rpc/reply.h"
#include "rpc/text.h"

namespace dogpipe::bridge::ascent {
namespace {

using namespace std::chrono_literals;
using base::log;
using base::LogLevel;

constexpr base::Duration kFirstPace = 1s;
constexpr base::Duration kLastPace = 60s;
constexpr base::Duration kStable = 60s;  // a listen that lasted so long did not fail at once

}  // namespace

HostSubscriptions::HostSubscriptions(event::Loop& loop, Server& server, Replies& replies,
                                     const Mint& mint, const Claim& claim)
    : loop_(loop),
      server_(server),
      replies_(replies),
      mint_(mint),
      claim_(claim),
      pace_(kFirstPace),
      again_(loop, [this] { update(); }) {}

// ---- the host's side

void HostSubscriptions::announce(const ListKinds& lists) {
  wanted_.lists = lists;
  update();
}

void HostSubscriptions::subscribe(std::string_view raw_id, std::string_view raw_uri) {
  const std::string uri = rpc::string_value(raw_uri).value_or("");
  const bool wanted = wanted_.resources.contains(uri);
  if (wanted && current_ && current_->filter.resources.contains(uri)) {
    return replies_.answer(raw_id, rpc::write_result(raw_id, "{}"));
  }
  if (!wanted && wanted_.resources.size() >= kMostResources) {
    return replies_.answer(
        raw_id, write_refusal(raw_id, mcp::kInternalError, "too many resources are subscribed to"));
  }
  wanted_.resources.emplace(uri, raw_uri);
  wait({std::string(raw_id), uri, std::string(raw_uri), true});
}

void HostSubscriptions::unsubscribe(std::string_view raw_id, std::string_view raw_uri) {
  const std::string uri = rpc::string_value(raw_uri).value_or("");
  if (wanted_.resources.erase(uri) == 0) {
    return replies_.answer(raw_id, rpc::write_result(raw_id, "{}"));
  }
  wait({std::string(raw_id), uri, std::string(raw_uri), false});
}

bool HostSubscriptions::withdraw(std::string_view raw_id) {
  const auto is_it = [&](const Waiting& one) { return one.raw_id == raw_id; };
  return std::erase_if(waiting_, is_it) > 0 || (next_ && std::erase_if(next_->waiting, is_it) > 0);
}

void HostSubscriptions::wait(Waiting waiting) {
  waiting_.push_back(std::move(waiting));
  update();
}

// ---- one listen after the other

// What is wanted while another listen waits for its acknowledgement comes after that.
void HostSubscriptions::update() {
  if (next_) return;
  const bool same = current_ && current_->filter == wanted_;
  if (!same && !wanted_.empty()) return open();
  if (wanted_.empty()) close(current_);
  for (const Waiting& one : std::exchange(waiting_, {})) grant(one, true);
}

void HostSubscriptions::open() {
  again_.stop();
  opened_at_ = loop_.now();
  next_ = Stream{mint_(), wanted_, std::exchange(waiting_, {})};
  Request request;
  request.raw_id = next_->raw_id;
  request.method = "subscriptions/listen";
  const std::string raw_params = R"({"notifications":)" + wanted_.write() + "}";
  request.text = std::make_shared<const base::Bytes>(
      rpc::write_call(request.raw_id, request.method, with_claim(raw_params, claim_)));
  server_.send(std::move(request));
}

void HostSubscriptions::close(std::optional<Stream>& stream) {
  if (stream) server_.cancel(std::exchange(stream, {})->raw_id, nullptr);
}

void HostSubscriptions::acknowledged(std::string_view raw_params) {
  const auto granted = acknowledged_resources(raw_params);
  close(current_);
  current_ = std::exchange(next_, {});
  const auto waiting = std::exchange(current_->waiting, {});
  for (const Waiting& one : waiting) grant(one, !one.subscribes || granted.contains(one.uri));
  if (std::exchange(gap_, false)) fill_gap();
  update();
}

void HostSubscriptions::grant(const Waiting& waiting, bool granted) {
  if (granted) {
    return replies_.answer(waiting.raw_id, rpc::write_result(waiting.raw_id, "{}"));
  }
  wanted_.resources.erase(waiting.uri);
  current_->filter.resources.erase(waiting.uri);
  replies_.answer(waiting.raw_id,
                  write_refusal(waiting.raw_id, mcp::kInvalidParams,
                                "the server does not announce changes of this resource"));
}

// Whatever changed while nobody listened: the host looks for itself.
void HostSubscriptions::fill_gap() {
  const auto tell = [this](std::string_view method, std::string_view raw_params = {}) {
    replies_.write_line(rpc::write_call("", method, raw_params));
  };
  if (wanted_.lists.tools) tell("notifications/tools/list_changed");
  if (wanted_.lists.prompts) tell("notifications/prompts/list_changed");
  if (wanted_.lists.resources) tell("notifications/resources/list_changed");
  for (const auto& [uri, raw] : wanted_.resources) {
    tell("notifications/resources/updated", R"({"uri":)" + raw + "}");
  }
}

// ---- the server's side

bool HostSubscriptions::take_message(std::string_view raw_id, const Message& message) {
  const bool of_next = next_ && next_->raw_id == raw_id;
  if (!of_next && !(current_ && current_->raw_id == raw_id)) return false;
  const std::string_view method = message.envelope.method.in(message.text);
  const std::string_view raw_params = message.envelope.params.in(message.text);
  if (rpc::spells(method, "notifications/subscriptions/acknowledged")) {
    if (of_next) acknowledged(raw_params);
  } else if (of_next || !is_change(method)) {
    log(LogLevel::warn, "dropped a message that has no place on a subscription's stream");
  } else {
    replies_.write_line(rpc::write_call("", rpc::unescape(method), untagged(raw_params)));
  }
  return true;
}

bool HostSubscriptions::take_answer(const Request& request, const Message& message) {
  if (message.envelope.shape == rpc::Shape::response) {
    return take_end(request.raw_id, End::graceful, [](std::string_view raw_id) {
      return write_refusal(raw_id, mcp::kInternalError, "the server ended the subscription");
    });
  }
  return take_end(request.raw_id, End::refused, [&](std::string_view raw_id) {
    return std::string(legacy_error_answer(raw_id, "resources/subscribe", message).view());
  });
}

bool HostSubscriptions::take_failure(const Request& request, const Failure& failure) {
  return take_end(request.raw_id, End::failed,
                  [&](std::string_view raw_id) { return write_failure(raw_id, failure); });
}

bool HostSubscriptions::take_end(const std::string& raw_id, End end, const Answer& answer) {
  if (next_ && next_->raw_id == raw_id) {
    undo(answer);
  } else if (current_ && current_->raw_id == raw_id) {
    current_.reset();
  } else {
    return false;
  }
  if (!current_) gap_ = true;
  lost(end);
  return true;
}

// The old listen stays as it is, and with it what it is for.
void HostSubscriptions::undo(const Answer& answer) {
  const auto waiting = std::exchange(next_, {})->waiting;
  for (const Waiting& one : waiting) {
    if (one.subscribes) {
      wanted_.resources.erase(one.uri);
    } else {
      wanted_.resources[one.uri] = one.raw_uri;
    }
    replies_.answer(one.raw_id, answer(one.raw_id));
  }
}

// A server that ends in order may be asked again soon. Where delivery failed, that would only
// repeat what has been tried enough, and a refusal holds until the host wants something else.
void HostSubscriptions::lost(End end) {
  if (!waiting_.empty()) return update();
  if (next_ || current_ || wanted_.empty()) return;
  log(LogLevel::info, "the server does not announce changes at the moment");
  if (loop_.now() - opened_at_ >= kStable) pace_ = kFirstPace;
  not_before_ = end == End::refused ? base::Time::max() : loop_.now() + kLastPace;
  if (end != End::graceful) return;
  again_.start(pace_);
  pace_ = std::min(pace_ * 2, kLastPace);
}

void HostSubscriptions::server_lives() {
  if (next_ || current_ || wanted_.empty() || loop_.now() < not_before_) return;
  update();
}

std::vector<std::string> HostSubscriptions::end() {
  again_.stop();
  std::vector<std::string> unanswered;
  for (const Waiting& one : waiting_) unanswered.push_back(one.raw_id);
  if (next_) {
    for (const Waiting& one : next_->waiting) unanswered.push_back(one.raw_id);
  }
  close(next_);
  close(current_);
  waiting_.clear();
  wanted_ = {};
  gap_ = false;
  return unanswered;
}

}  // namespace dogpipe::bridge::ascent
