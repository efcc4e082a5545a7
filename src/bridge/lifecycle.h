// When messages may go: the lifecycle of a session (MCP basic/lifecycle), from initialize to the
// end.
//
// The host's messages leave in its order until the session is open: nothing overtakes initialize or
// notifications/initialized. When the server has lost the session, everything waits for a new one.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "bridge/call.h"
#include "bridge/reinitialise.h"
#include "bridge/server_stream.h"
#include "bridge/session.h"
#include "bridge/sse_stream.h"
#include "bridge/upstream.h"

namespace dogpipe::bridge {

class Lifecycle final : private Reinitialise::Owner,
                        private ServerStream::Owner,
                        private SseStream::Owner,
                        private Exchange::Listener {
 public:
  class Owner {
   public:
    virtual void on_server_message(Message& message) = 0;
    // HTTP+SSE: the same of an answer, if Lifecycle has no use for it.
    virtual void on_streamed(Message& message) = 0;
    // ... the stream has ended: answers that were awaited on it will not come.
    virtual void on_stream_lost(const base::Error& error) = 0;
    // ... that initialize cannot be sent, since there is no such stream; `found` as with SseStream.
    virtual void on_no_stream(Call& initialize, const Failure& failure, bool found) = 0;
    // The call cannot be made, or not any more.
    virtual void on_not_possible(Call& call, const Failure& failure) = 0;
    // The session is lost: what the server asked in it needs no answer any more.
    virtual void on_session_gone() = 0;
    // A new session has taken the place of the old one.
    virtual void on_new_session() = 0;
    // ... and speaks another revision than the host was told: only a restart helps.
    virtual void on_incompatible_session() = 0;

   protected:
    ~Owner() = default;
  };

  // All must outlive it. The context holds this session.
  Lifecycle(const Call::Context& context, Session& session, Owner& owner);

  // Starts the call now or as soon as it may go.
  void admit(Call& call);
  // The call is over before it could go, or while it waited for a new session.
  void withdraw(Call& call);
  bool waits(const Call& call) const;
  // The calls that wait and have not gone, in their order: they are the caller's again.
  std::vector<Call*> take_held();

  // What became of the calls that the others wait for.
  void answered(Call& call, const Message& message);
  void accepted(Call& call);
  void failed(Call& call);

  // The server has refused that initialize, the present one, in a way that leaves HTTP+SSE to try:
  // it starts anew there if it can.
  void look_for_stream(Call& initialize);
  // The initialize that comes next starts there, or not at all.
  void begin_with_stream() { stream_first_ = true; }
  bool has_stream() const { return context_.upstream.answers_elsewhere(); }

  // The server does not know the session that the call was made in.
  void session_lost(Call& call);

  // Ends the session; `done` is called once, when that is over or there is nothing to end.
  void leave(std::function<void()> done);

 private:
  void on_reinitialised(const Failure* failure) override;
  void on_server_message(Message& message) override;
  void on_stream_open() override;
  void on_stream_refused(const Failure& failure, bool found) override;
  void on_stream_lost(const base::Error& error) override;
  void on_streamed(Message& message) override;
  void on_message(Exchange&, Message&) override {}
  void on_end(Exchange&, Outcome&) override;

  bool blocked() const { return barrier_ != nullptr || reinitialise_ != nullptr; }
  void go(Call& call);
  void begin(Call& initialize);
  void open_server_stream();
  void release();
  void begin_reinitialise();
  bool too_many_restarts();
  void end_of_reinitialise();

  const Call::Context& context_;
  Session& session_;
  Owner& owner_;
  ServerStream stream_;
  SseStream sse_;
  bool stream_first_ = false;
  std::deque<Call*> held_;
  Call* barrier_ = nullptr;    // initialize or notifications/initialized, under way
  std::vector<Call*> parked_;  // calls that wait for a new session
  std::unique_ptr<Reinitialise> reinitialise_;
  std::optional<Failure> restart_failure_;
  std::string old_revision_;
  std::deque<base::Time> restarts_;  // of the last minute
  event::Deferred release_;
  event::Deferred end_reinitialise_;
  std::unique_ptr<Exchange> ending_;
  std::function<void()> on_left_;
};

}  // namespace dogpipe::bridge
