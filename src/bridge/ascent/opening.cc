// How a host's initialize becomes a server/discover, and what the answer to that means.
#include <fmt/format.h>

#include <memory>
#include <utility>

#include "base/log.h"
#include "bridge/ascent/ascent.h"
#include "bridge/ascent/legacy_error.h"
#include "bridge/era.h"
#include "bridge/failure.h"
#include "mcp/codes.h"
#include "rpc/members.h"
#include "rpc/object_edit.h"
#include "rpc/reply.h"
#include "rpc/text.h"

namespace dogpipe::bridge::ascent {
namespace {

constexpr std::size_t kMostHeld = 2048;

std::string text_of(std::string_view object, std::string_view key) {
  return rpc::string_value(rpc::member(object, key).value_or("")).value_or("");
}

// The metadata of initialize stay with it.
std::string discover_params(std::string_view raw_initialize_params, const Claim& claim) {
  rpc::ObjectEdit params("{}");
  if (const auto meta = rpc::member(raw_initialize_params, "_meta")) {
    params.set("_meta", std::string(*meta));
  }
  return with_claim(params.write(), claim);
}

// A page that says there is nothing here for us; network trouble shows nothing.
bool shows_legacy(const Failure& failure) {
  const int status = failure.http_status.value_or(0);
  return status == 400 || status == 404 || status == 405;
}

// A result, but with a status that says it is none.
Failure unusable(int status) {
  Failure failure;
  failure.code = mcp::kUnexpectedStatus;
  failure.kind = "http_status";
  failure.message = fmt::format("the server failed (HTTP {}): try again later", status);
  failure.retryable = true;
  failure.attempts = 1;
  failure.http_status = status;
  return failure;
}

}  // namespace

// A host that says initialize again begins anew.
void Ascent::begin(HostMessage&& initialize) {
  open_ = false;
  for (const std::string& raw_id : subscriptions_.end()) {
    replies_.answer(raw_id, write_refusal(raw_id, mcp::kInvalidRequest, "initialize came instead"));
  }
  opening_ = std::make_unique<Opening>();
  const std::string_view raw_params = initialize.raw_params();
  opening_->revision = revision_for(text_of(raw_params, "protocolVersion"));
  opening_->claim = read_claim(raw_params, opening_->revision);
  opening_->initialize = std::move(initialize);
  discover();
}

void Ascent::discover() {
  opening_->upstream_id = mint_();
  Request request;
  request.raw_id = opening_->upstream_id;
  request.method = "server/discover";
  request.text = std::make_shared<const base::Bytes>(
      rpc::write_call(request.raw_id, request.method,
                      discover_params(opening_->initialize.raw_params(), opening_->claim)));
  server_.send(std::move(request));
}

void Ascent::hold(HostMessage&& message) {
  if (opening_->held.size() < kMostHeld) return opening_->held.push_back(std::move(message));
  base::log(base::LogLevel::warn, "dropped a message: too many wait for initialize");
  if (message.envelope.shape != rpc::Shape::request) return;
  refuse(message, mcp::kInternalError, "too many messages wait for initialize to be answered");
}

bool Ascent::withdraw_held(std::string_view raw_id) {
  if (!opening_) return false;
  return std::erase_if(opening_->held, [&](const HostMessage& one) {
           return one.envelope.shape == rpc::Shape::request && one.raw_id() == raw_id;
         }) > 0;
}

// Once it is answered the opening has no id, as notifications have none.
bool Ascent::is_opening(const Request& request) const {
  return opening_ && !request.raw_id.empty() && request.raw_id == opening_->upstream_id;
}

void Ascent::take_discover_answer(Message& message, int status) {
  opening_->upstream_id.clear();
  const std::string_view raw_id = opening_->initialize.raw_id();
  Probe how;
  how.mended = opening_->again;
  switch (read_probe(status, message, how).means) {
    case ProbeFinding::Means::modern:
      if (message.envelope.shape == rpc::Shape::response) {
        return open(message.envelope.result.in(message.text));
      }
      if (!std::exchange(opening_->again, true)) return discover();
      [[fallthrough]];
    case ProbeFinding::Means::incompatible:
      return refuse_opening(write_incompatible(raw_id, message));
    case ProbeFinding::Means::mend_and_retry:
      opening_->again = true;
      return discover();
    case ProbeFinding::Means::legacy:
      return give_back_.schedule();
    case ProbeFinding::Means::no_evidence:
      if (message.envelope.shape == rpc::Shape::response) {
        return refuse_opening(write_failure(raw_id, unusable(status)));
      }
      return refuse_opening(legacy_error_answer(raw_id, "initialize", message).view());
  }
}

void Ascent::take_discover_failure(const Failure& failure) {
  opening_->upstream_id.clear();
  if (shows_legacy(failure)) return give_back_.schedule();
  refuse_opening(write_failure(opening_->initialize.raw_id(), failure));
}

void Ascent::open(std::string_view raw_discover_result) {
  const auto opening = std::exchange(opening_, nullptr);
  open_ = true;
  revision_ = opening->revision;
  claim_ = std::move(opening->claim);
  offers_ = read_offers(raw_discover_result);
  if (events_.on_discovered) events_.on_discovered(raw_discover_result);
  const std::string_view raw_id = opening->initialize.raw_id();
  replies_.answer(raw_id, rpc::write_result(raw_id, initialize_result(raw_discover_result,
                                                                      revision_, server_name_)));
  release(std::move(opening->held));
}

void Ascent::refuse_opening(std::string_view answer) {
  const auto opening = std::exchange(opening_, nullptr);
  replies_.answer(opening->initialize.raw_id(), answer);
  release(std::move(opening->held));
}

// Another initialize may be among them: the rest then waits for that.
void Ascent::release(std::deque<HostMessage> held) {
  for (HostMessage& message : held) {
    switch (message.envelope.shape) {
      case rpc::Shape::request:
        take_request(std::move(message));
        break;
      case rpc::Shape::notification:
        take_notification(std::move(message));
        break;
      default:
        take_response(std::move(message));
    }
  }
  idle_check_.schedule();
}

// What was under way from before that initialize has nobody any more who could answer it.
void Ascent::give_back() {
  while (!requests_.empty()) {
    Rounds& rounds = *requests_.begin()->second;
    on_refused(rounds, write_refusal(rounds.raw_id(), mcp::kInternalError,
                                     "the server has changed to an older revision"));
  }
  const auto opening = std::exchange(opening_, nullptr);
  std::vector<HostMessage> messages;
  messages.push_back(std::move(opening->initialize));
  for (HostMessage& message : opening->held) messages.push_back(std::move(message));
  events_.on_legacy_server(std::move(messages));
}

}  // namespace dogpipe::bridge::ascent
