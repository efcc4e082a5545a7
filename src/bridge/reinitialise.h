// Opening a new session in the place of one that the server has lost, with the host's own bytes and
// without the host.
#pragma once

#include <deque>
#include <memory>

#include "bridge/call.h"
#include "bridge/session.h"

namespace dogpipe::bridge {

// initialize -> notifications/initialized -> the host's settings, one after the other -> done.
// Destroying it gives up.
class Reinitialise final : private Call::Owner {
 public:
  class Owner {
   public:
    // `failure` is null when the session is open again. Called once, last.
    virtual void on_reinitialised(const Failure* failure) = 0;
    virtual void on_server_message(Message& message) = 0;

   protected:
    ~Owner() = default;
  };

  Reinitialise(const Call::Context& context, Session& session, Owner& owner);

  void start();
  // Instead: it cannot even begin.
  void give_up(const Failure& failure) { fail(failure); }

  // HTTP+SSE: Call::deliver() and the like for the request under way.
  bool deliver(Message& message);
  void stream_lost(const base::Error& error);

 private:
  void on_other_message(Call& call, Message& message) override;
  void on_answer(Call& call, Message& message) override;
  void on_accepted(Call& call) override;
  void on_failure(Call& call, const Failure& failure) override;
  void on_session_lost(Call& call) override;

  void next();
  void send(Call::Spec spec);
  void fail(Failure failure);

  const Call::Context& context_;
  Session& session_;
  Owner& owner_;
  std::deque<Call::Spec> steps_;
  event::Deferred step_;  // the next step, once the present call has returned
  std::unique_ptr<Call> call_;
};

}  // namespace dogpipe::bridge
