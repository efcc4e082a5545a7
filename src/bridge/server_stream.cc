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
      timer_(loop, [this] { connect(); }) {}

void ServerStream::open() {
  close();
  last_event_id_.clear();
  pauses_.reset();
  if (offered_) connect();
}

void ServerStream::close() {
  timer_.stop();
  exchange_.reset();
}

void ServerStream::connect() {
  connected_ = loop_.now();
  exchange_ = upstream_.listen(last_event_id_, *this);
}

void ServerStream::on_message(Exchange&, Message& message) {
  if (message.envelope.shape != rpc::Shape::batch) return owner_.on_server_message(message);
  for_each_message(message.text, [this](Message& single) { owner_.on_server_message(single); });
}

void ServerStream::on_end(Exchange&, Outcome& outcome) {
  const std::unique_ptr<Exchange> ended = std::move(exchange_);  // `outcome` is a part of it
  if (!outcome.last_event_id.empty()) last_event_id_ = outcome.last_event_id;
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
