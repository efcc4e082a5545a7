#include "bridge/lifecycle.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "mcp/codes.h"
#include "mcp/revision.h"

namespace dogpipe::bridge {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostRestarts = 3;
constexpr base::Duration kRestartWindow = 60s;

bool is_initialize(const Call& call) {
  return call.method() == "initialize" && !call.raw_id().empty();
}
bool is_initialized(const Call& call) {
  return call.method() == "notifications/initialized" && call.raw_id().empty();
}

Failure not_initialized() {
  Failure failure;
  failure.code = mcp::kInvalidRequest;
  failure.kind = "not_initialized";
  failure.message = "no session is open: send initialize first";
  return failure;
}

Failure incompatible() {
  Failure failure;
  failure.code = mcp::kSessionLost;
  failure.kind = "session_lost";
  failure.message = "the server's new session speaks another revision of MCP: start dogpipe anew";
  failure.retryable = true;
  return failure;
}

template <class Container>
void erase_from(Container& calls, const Call& call) {
  calls.erase(std::remove(calls.begin(), calls.end(), &call), calls.end());
}

template <class Container>
bool holds(const Container& calls, const Call& call) {
  return std::find(calls.begin(), calls.end(), &call) != calls.end();
}

}  // namespace

Lifecycle::Lifecycle(const Call::Context& context, Session& session, Owner& owner)
    : context_(context),
      session_(session),
      owner_(owner),
      stream_(context.loop, context.upstream, *this),
      sse_(context.loop, context.upstream, *this),
      release_(context.loop, [this] { release(); }),
      end_reinitialise_(context.loop, [this] { end_of_reinitialise(); }) {}

void Lifecycle::admit(Call& call) {
  if (blocked() || !held_.empty()) {
    held_.push_back(&call);
  } else {
    go(call);
  }
}

void Lifecycle::go(Call& call) {
  if (is_initialize(call)) return begin(call);
  if (session_.state() == Session::State::none) {
    return owner_.on_not_possible(call, not_initialized());
  } else if (session_.state() == Session::State::lost) {
    held_.push_front(&call);
    return begin_reinitialise();
  }
  if (is_initialized(call)) session_.remember_initialized(call.text());
  if (is_initialized(call)) barrier_ = &call;
  call.start();
}

// A host may begin anew on the same pipe; the old session is of no use to anybody.
void Lifecycle::begin(Call& initialize) {
  stream_.close();
  session_.forget();
  session_.remember_initialize(initialize.text());
  barrier_ = &initialize;
  const bool by_stream = std::exchange(stream_first_, false) || has_stream();
  by_stream ? sse_.open() : initialize.start();
}

void Lifecycle::open_server_stream() {
  if (mcp::has_server_stream(session_.revision()) && !has_stream()) stream_.open();
}

void Lifecycle::withdraw(Call& call) {
  erase_from(held_, call);
  erase_from(parked_, call);
  if (barrier_ == &call) failed(call);
}

bool Lifecycle::waits(const Call& call) const { return holds(held_, call); }

std::vector<Call*> Lifecycle::take_held() {
  const auto held = std::exchange(held_, {});
  return {held.begin(), held.end()};
}

void Lifecycle::answered(Call& call, const Message& message) {
  if (barrier_ != &call) return;
  barrier_ = nullptr;
  if (message.envelope.shape == rpc::Shape::response) {
    session_.opened(message.envelope.result.in(message.text), call.session_id());
    base::log(base::LogLevel::info, "session open: revision {}",
              base::printable(session_.revision()));
  } else {
    sse_.close();
  }
  release_.schedule();
}

void Lifecycle::accepted(Call& call) {
  if (barrier_ != &call) return;
  barrier_ = nullptr;
  open_server_stream();
  release_.schedule();
}

void Lifecycle::failed(Call& call) {
  if (barrier_ != &call) return;
  barrier_ = nullptr;
  if (session_.state() == Session::State::none) sse_.close();
  release_.schedule();
}

void Lifecycle::release() {
  while (!held_.empty() && !blocked()) {
    Call* next = held_.front();
    held_.pop_front();
    go(*next);
  }
}

void Lifecycle::session_lost(Call& call) {
  const bool restored = session_.open() && reinitialise_ == nullptr;
  if (restored && call.generation() != session_.generation()) {
    return call.session_restored();  // another call has seen to it already
  }
  parked_.push_back(&call);
  if (reinitialise_) return;
  session_.lose();
  begin_reinitialise();
}

bool Lifecycle::too_many_restarts() {
  const base::Time now = context_.loop.now();
  while (!restarts_.empty() && now - restarts_.front() > kRestartWindow) restarts_.pop_front();
  return restarts_.size() >= kMostRestarts;
}

void Lifecycle::begin_reinitialise() {
  stream_.close();
  old_revision_ = session_.revision();
  base::log(base::LogLevel::info, "the server has lost the session: opening a new one");
  reinitialise_ =
      std::make_unique<Reinitialise>(context_, session_, static_cast<Reinitialise::Owner&>(*this));
  owner_.on_session_gone();  // what is sent in it waits for the new session already
  if (!too_many_restarts()) return has_stream() ? sse_.open() : reinitialise_->start();
  Failure failure;
  failure.code = mcp::kSessionLost;
  failure.kind = "session_lost";
  failure.message = "the server loses its sessions again and again: try again in a minute";
  failure.retryable = true;
  on_reinitialised(&failure);
}

void Lifecycle::on_reinitialised(const Failure* failure) {
  restart_failure_ = failure == nullptr ? std::nullopt : std::optional<Failure>(*failure);
  end_reinitialise_.schedule();
}

void Lifecycle::end_of_reinitialise() {
  reinitialise_.reset();
  const auto parked = std::exchange(parked_, {});
  if (restart_failure_) {
    if (session_.open()) session_.lose();
    sse_.close();
    for (Call* call : parked) call->session_not_restored(*restart_failure_);
    for (Call* call : std::exchange(held_, {})) owner_.on_not_possible(*call, *restart_failure_);
    return;
  }
  restarts_.push_back(context_.loop.now());
  if (session_.revision() != old_revision_) {
    const Failure failure = incompatible();
    for (Call* call : parked) call->session_not_restored(failure);
    for (Call* call : std::exchange(held_, {})) owner_.on_not_possible(*call, failure);
    return owner_.on_incompatible_session();
  }
  open_server_stream();
  owner_.on_new_session();
  for (Call* call : parked) call->session_restored();
  release();
}

// ---- HTTP+SSE

void Lifecycle::look_for_stream(Call& initialize) {
  if (barrier_ == &initialize) sse_.open();
}

void Lifecycle::on_stream_open() {
  if (reinitialise_) return reinitialise_->start();
  if (barrier_ != nullptr) barrier_->start();
}

void Lifecycle::on_stream_refused(const Failure& failure, bool found) {
  if (reinitialise_) return reinitialise_->give_up(failure);
  if (barrier_ != nullptr) owner_.on_no_stream(*barrier_, failure, found);
}

void Lifecycle::on_stream_lost(const base::Error& error) {
  if (session_.open()) {
    session_.lose();
    owner_.on_session_gone();
  }
  if (reinitialise_) reinitialise_->stream_lost(error);
  owner_.on_stream_lost(error);
}

void Lifecycle::on_streamed(Message& message) {
  const bool answer =
      message.envelope.shape == rpc::Shape::response || message.envelope.shape == rpc::Shape::error;
  if (answer && reinitialise_ && reinitialise_->deliver(message)) return;
  owner_.on_streamed(message);
}

// ---- the end

void Lifecycle::on_server_message(Message& message) { owner_.on_server_message(message); }

void Lifecycle::leave(std::function<void()> done) {
  stream_.close();
  sse_.close();
  end_reinitialise_.cancel();
  release_.cancel();
  reinitialise_.reset();
  if (!session_.open() || session_.id().empty()) return done();
  on_left_ = std::move(done);
  ending_ = context_.upstream.end_session(*this);
}

void Lifecycle::on_end(Exchange&, Outcome&) {
  const auto done = std::exchange(on_left_, nullptr);
  if (done) done();
}

}  // namespace dogpipe::bridge
