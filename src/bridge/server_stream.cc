#include "bridge/server_stream.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace dogpipe::bridge {
namespace {

using namespace std::chrono_literals;

// A stream that lasted this long was no failure: what follows is a first break again.
constexpr base::Duration kStable = 60s;
constexpr std::chrono::milliseconds kShortestPause = 1s;
// Between two looks whether there is another credential.
constexpr base::Duration kRefusedPause = 5s;

// An answer that says there is no such stream, rather than that it does not work now.
bool says_not_offered(const Outcome& outcome) {
  if (outcome.status == 200) return !outcome.event_stream;
  return outcome.status >= 300 && outcome.status < 500 && outcome.status != 408 &&
         outcome.status != 429;
}

}  // namespace

ServerStream::ServerStream(event::Loop& loop, Upstream& upstream, Owner& owner)
    : loop_(loop),
      upstream_(upstream),
      owner_(owner),
      pauses_(kShortestPause, 2s, 60s),
      timer_(loop, [this] { try_again(); }) {}

void ServerStream::open() {
  close();
  last_event_id_.clear();
  pauses_.reset();
  if (offered_) connect();
}

void ServerStream::close() {
  timer_.stop();
  exchange_.reset();
  waiting_.reset();
}

void ServerStream::connect() {
  refused_ = false;
  connected_ = loop_.now();
  credential_ = upstream_.authorizer().generation();
  exchange_ = upstream_.listen(last_event_id_, *this);
}

// An idle stream is no reason to open a browser: where the user is needed it waits until a call has
// brought that about.
bool ServerStream::mend_credential(const Outcome& outcome) {
  auth::Authorizer::Refusal refusal{outcome.status, outcome.challenge, credential_};
  refusal.quiet = true;
  refusal.again = std::exchange(mended_, true);
  waiting_ = upstream_.authorizer().mend(refusal, [this](const auto& impediment) {
    waiting_.reset();
    if (!impediment) return connect();
    refused_ = true;
    timer_.start(kRefusedPause);
  });
  return waiting_ != nullptr;
}

void ServerStream::try_again() {
  if (refused_ && credential_ == upstream_.authorizer().generation()) {
    return timer_.start(kRefusedPause);
  }
  connect();
}

void ServerStream::on_open(Exchange& exchange) {
  if (exchange.outcome().event_stream) mended_ = false;
}

void ServerStream::on_message(Exchange&, Message& message) {
  if (message.envelope.shape != rpc::Shape::batch) return owner_.on_server_message(message);
  for_each_message(message.text, [this](Message& single) { owner_.on_server_message(single); });
}

void ServerStream::on_end(Exchange&, Outcome& outcome) {
  const std::unique_ptr<Exchange> ended = std::move(exchange_);  // `outcome` is a part of it
  if (!outcome.last_event_id.empty()) last_event_id_ = outcome.last_event_id;
  if (outcome.status == 401 && mend_credential(outcome)) return;
  if (says_not_offered(outcome)) {
    // These can also mean that the session is gone: then the next session may try again.
    offered_ = outcome.status == 404 || outcome.status == 400 || outcome.status == 401;
    base::log(base::LogLevel::debug, "the server offers no stream of its own: HTTP {}",
              outcome.status);
    return;
  }
  if (loop_.now() - connected_ > kStable) pauses_.reset();
  const auto pause = outcome.retry ? std::max(*outcome.retry, kShortestPause) : pauses_.next();
  base::log(base::LogLevel::debug, "the server's stream ended: again in {} ms", pause.count());
  timer_.start(pause);
}

}  // namespace dogpipe::bridge
