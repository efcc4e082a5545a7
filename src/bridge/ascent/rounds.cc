#include "bridge/ascent/rounds.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "base/log.h"
#include "bridge/failure.h"
#include "json/reader.h"
#include "mcp/codes.h"
#include "rpc/members.h"
#include "rpc/reply.h"
#include "rpc/text.h"

namespace dogpipe::bridge::ascent {
namespace {

using namespace std::chrono_literals;
using Kind = InputRequest::Kind;

constexpr base::Duration kFirstPace = 250ms;
constexpr base::Duration kLastPace = 10s;

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::form:
      return "elicitation";
    case Kind::url:
      return "elicitation by URL";
    case Kind::sampling:
      return "sampling";
    case Kind::roots:
      return "roots";
    case Kind::unknown:
      break;
  }
  return "something unknown";
}

bool is_elicitation(Kind kind) { return kind == Kind::form || kind == Kind::url; }

bool accepts(std::string_view raw_result) {
  const auto action = rpc::member(raw_result, "action");
  return action && rpc::string_value(*action) == "accept";
}

}  // namespace

Rounds::Rounds(const Context& context, Owner& owner, HostMessage&& request)
    : context_(context),
      owner_(owner),
      request_(std::move(request)),
      pace_(kFirstPace),
      timer_(context.loop, [this] { again(); }) {}

Rounds::~Rounds() {
  context_.questions.withdraw(*this);
  abandon();
}

void Rounds::abandon() {
  timer_.stop();
  context_.questions.forget(*this);
  const std::string raw_id = std::exchange(upstream_id_, {});
  if (!raw_id.empty()) context_.server.cancel(raw_id, nullptr);
}

void Rounds::send(std::string raw_params) {
  ++sent_;
  upstream_id_ = context_.mint();
  Request request;
  request.raw_id = upstream_id_;
  request.method = request_.method;
  request.text = std::make_shared<const base::Bytes>(
      rpc::write_call(upstream_id_, request_.method, raw_params));
  owner_.on_sent(*this);
  context_.server.send(std::move(request));
}

void Rounds::again() {
  const std::string raw_params = with_claim(request_.raw_params(), context_.claim);
  send(params_with_input(raw_params, input_, results_));
}

void Rounds::require_input(std::string_view raw_result) {
  auto input = read_input_required(raw_result);
  if (!input) return refuse(input.error().what);
  if (const std::string why = objection(*input); !why.empty()) return refuse(why);
  take(std::move(*input));
}

std::string Rounds::objection(const InputRequired& input) const {
  if (input.requests.size() > kMostQuestions) {
    return fmt::format("the server asks {} questions at once: too many", input.requests.size());
  }
  for (const InputRequest& request : input.requests) {
    if (can_be_asked(request.kind, context_.claim.raw_capabilities)) continue;
    return fmt::format("the server asks for {}, which this client has not declared",
                       name_of(request.kind));
  }
  return {};
}

void Rounds::take(InputRequired input) {
  input_ = std::move(input);
  results_.assign(input_.requests.size(), {});
  open_ = 0;
  for (std::size_t i = 0; i < results_.size(); ++i) {
    if (was_accepted(input_.requests[i])) {
      results_[i] = R"({"action":"accept"})";
    } else {
      ++open_;
    }
  }
  const bool poll = open_ == 0 && !results_.empty();
  if (too_many(poll)) {
    return refuse(fmt::format("the server wants input after {} rounds", sent_));
  }
  if (open_ == 0) return pause();
  pace_ = kFirstPace;
  ask();
}

// Polls are counted for themselves.
bool Rounds::too_many(bool poll) {
  if (poll) return ++polls_ > kMostPolls;
  return sent_ - polls_ >= kMost;
}

void Rounds::ask() {
  for (std::size_t i = 0; i < results_.size(); ++i) {
    if (!results_[i].empty()) continue;
    const InputRequest& request = input_.requests[i];
    const std::string elicitation_id = request.kind == Kind::url ? context_.mint() : "";
    context_.questions.ask(*this, i, request.method, question_params(request, elicitation_id));
  }
}

void Rounds::pause() {
  timer_.start(pace_);
  pace_ = std::min(pace_ * 2, kLastPace);
}

void Rounds::on_reply(std::size_t number, std::optional<std::string_view> raw_result) {
  const InputRequest& request = input_.requests[number];
  if (raw_result) {
    if (request.kind == Kind::url && accepts(*raw_result)) {
      accepted_urls_.push_back(request.raw_params);
    }
    return settle(number, *raw_result);
  }
  // There is no room for errors in inputResponses.
  if (is_elicitation(request.kind)) return settle(number, R"({"action":"cancel"})");
  refuse(fmt::format("this client has refused the server's request for {}", name_of(request.kind)));
}

void Rounds::settle(std::size_t number, std::string_view raw_result) {
  results_[number] = raw_result;
  if (--open_ == 0) again();
}

void Rounds::refuse(std::string_view message) {
  context_.questions.withdraw(*this);
  const std::string answer = write_refusal(raw_id(), mcp::kInternalError, message);
  owner_.on_refused(*this, answer);
}

bool Rounds::was_accepted(const InputRequest& request) const {
  return request.kind == Kind::url && std::find(accepted_urls_.begin(), accepted_urls_.end(),
                                                request.raw_params) != accepted_urls_.end();
}

bool Rounds::advances(std::string_view raw_progress_params) {
  const auto raw = rpc::member(raw_progress_params, "progress");
  const auto document = raw ? json::read(*raw) : base::Result<json::Document>(base::Error{});
  if (!document || !document->root().is_number()) return true;
  const double progress = document->root().number_or(0);
  const bool old = sent_ > 1 && progressed_ && progress <= progress_;
  if (old) return false;
  progressed_ = true;
  progress_ = progress;
  return true;
}

}  // namespace dogpipe::bridge::ascent
