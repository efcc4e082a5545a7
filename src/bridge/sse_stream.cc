#include "bridge/sse_stream.h"

#include <fmt/format.h>

#include <utility>

#include "base/log.h"
#include "bridge/verdict.h"
#include "http/url.h"
#include "mcp/codes.h"

namespace dogpipe::bridge {
namespace {

using namespace std::chrono_literals;

// From the request to the event that names the address.
constexpr base::Duration kForAddress = 5s;
constexpr int kMostMends = 3;

Failure refusal(int code, std::string_view kind, std::string message) {
  Failure failure;
  failure.code = code;
  failure.kind = kind;
  failure.message = std::move(message);
  failure.attempts = 1;
  return failure;
}

Failure unusable_address() {
  return refusal(mcp::kMalformed, "malformed",
                 "the server wants its messages sent to an address of another origin, where the "
                 "credential must not go: the server's settings are wrong, or its URL is");
}

Failure no_stream() {
  Failure failure =
      refusal(mcp::kUnreachable, "network", "the server does not open its event stream");
  failure.retryable = true;
  return failure;
}

// The address for messages, or empty if the credential may not go there.
std::string address_of(const std::string& base, const std::string& reference) {
  const std::string resolved = http::resolve(base, reference);
  const auto address = http::read_url(resolved);
  const auto own = http::read_url(base);
  const bool same = address && own && address->origin() == own->origin();
  return same ? resolved : std::string();
}

}  // namespace

SseStream::SseStream(event::Loop& loop, Upstream& upstream, Owner& owner)
    : upstream_(upstream),
      owner_(owner),
      deadline_(loop,
                [this] {
                  let_go();  // it may have been too slow, or a stream of another kind
                  owner_.on_stream_refused(no_stream(), false);
                }),
      refuse_(loop, [this] { owner_.on_stream_refused(unusable_address(), true); }),
      sweep_(loop, [this] { spent_.clear(); }) {}

void SseStream::open() {
  close();
  mends_ = 0;
  waiting_ =
      upstream_.authorizer().prepare([this](const auto& impediment) { on_credential(impediment); });
  if (!waiting_) connect();
}

void SseStream::connect() {
  credential_ = upstream_.authorizer().generation();
  exchange_ = upstream_.open_stream(*this);
  deadline_.start(kForAddress);
}

void SseStream::on_credential(const std::optional<auth::Impediment>& impediment) {
  waiting_.reset();
  if (!impediment) return connect();
  Failure failure = read_failure(*impediment);
  failure.attempts = 1;
  owner_.on_stream_refused(failure, true);
}

void SseStream::close() {
  deadline_.stop();
  refuse_.cancel();
  waiting_.reset();
  let_go();
  if (std::exchange(open_, false)) upstream_.lose_address();
}

void SseStream::let_go() {
  if (!exchange_) return;
  exchange_->close();
  spent_.push_back(std::move(exchange_));
  sweep_.schedule();
}

void SseStream::on_other_event(Exchange&, std::string_view type, const std::string& data) {
  if (type == "endpoint" && !open_) take_address(data);
}

void SseStream::take_address(const std::string& reference) {
  deadline_.stop();
  std::string address = address_of(upstream_.url(), reference);
  if (address.empty()) {
    let_go();
    return refuse_.schedule();
  }
  base::log(base::LogLevel::debug, "the server speaks HTTP+SSE: its stream is open");
  open_ = true;
  upstream_.use_address(std::move(address));
  owner_.on_stream_open();
}

void SseStream::on_message(Exchange&, Message& message) {
  if (!open_) return;
  if (message.envelope.shape != rpc::Shape::batch) return owner_.on_streamed(message);
  for_each_message(message.text, [this](Message& single) {
    if (open_) owner_.on_streamed(single);
  });
}

void SseStream::on_end(Exchange&, Outcome& outcome) {
  const std::unique_ptr<Exchange> ended = std::move(exchange_);  // `outcome` is a part of it
  deadline_.stop();
  if (!std::exchange(open_, false)) return take_refusal(outcome);
  upstream_.lose_address();
  base::log(base::LogLevel::info, "the server's event stream has ended, and its session with it");
  owner_.on_stream_lost(outcome.error.value_or(
      base::Error{base::Kind::cut, "the server's event stream ended without an answer"}));
}

void SseStream::take_refusal(const Outcome& outcome) {
  if (outcome.status == 401 && mend_credential(outcome)) return;
  if (outcome.status != 401) {
    base::log(base::LogLevel::debug, "the URL has no event stream that names an address: HTTP {}",
              outcome.status);
    return owner_.on_stream_refused(no_stream(), false);
  }
  Circumstances circumstances;
  circumstances.raw_id = "0";
  circumstances.advice = upstream_.authorizer().advice(outcome.status);
  Failure failure = judge(outcome, circumstances).failure;
  failure.attempts = mends_ + 1;
  owner_.on_stream_refused(failure, true);
}

bool SseStream::mend_credential(const Outcome& outcome) {
  if (mends_ >= kMostMends) return false;
  auth::Authorizer::Refusal refused{outcome.status, outcome.challenge, credential_};
  refused.again = mends_ > 1;
  waiting_ = upstream_.authorizer().mend(
      refused, [this](const auto& impediment) { on_credential(impediment); });
  if (waiting_) ++mends_;
  return waiting_ != nullptr;
}

}  // namespace dogpipe::bridge
