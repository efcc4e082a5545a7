// One message of the host on its way to the server and back: the attempts to deliver it, and to get
// the answer if it is a request.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "bridge/backoff.h"
#include "bridge/exchange.h"
#include "bridge/failure.h"
#include "bridge/replay.h"
#include "bridge/session.h"
#include "bridge/upstream.h"
#include "bridge/verdict.h"
#include "event/loop.h"

namespace dogpipe::bridge {

// start -> attempt -> [repair, credential or pause -> attempt]* -> [resume]* -> answered, accepted
// or failed.
class Call final : private Exchange::Listener {
 public:
  // Whoever made the call. In the three that end it (answer, accepted, failure) the owner must keep
  // the Call alive until the next turn.
  class Owner {
   public:
    // Something else that came on this call's stream: progress, logs, requests of the server.
    virtual void on_other_message(Call& call, Message& message) = 0;
    virtual void on_answer(Call& call, Message& message) = 0;
    virtual void on_accepted(Call& call) = 0;
    virtual void on_failure(Call& call, const Failure& failure) = 0;
    // The server does not know the session that the call was made in. The owner calls
    // session_restored() or session_not_restored(), at once or later.
    virtual void on_session_lost(Call& call) = 0;

   protected:
    ~Owner() = default;
  };

  struct Spec {
    std::string raw_id;  // empty for notifications and responses
    std::string method;  // empty for responses
    SharedBytes text;
    Safety safety = Safety::once;
    bool opens_session = false;  // initialize: goes without a session
  };

  // What calls share; all outlive them.
  struct Context {
    event::Loop& loop;
    Upstream& upstream;
    const Session& session;
    RetryBudget& budget;
  };

  Call(const Context& context, Owner& owner, Spec spec);

  void start();
  void session_restored();
  void session_not_restored(const Failure& failure);
  // The host does not want the answer any more: ends the exchange, reports nothing.
  void drop();

  const std::string& raw_id() const { return spec_.raw_id; }
  const std::string& method() const { return spec_.method; }
  const SharedBytes& text() const { return spec_.text; }
  std::uint64_t generation() const { return generation_; }
  base::Time started() const { return started_; }
  int status() const { return status_; }
  // "Mcp-Session-Id" of the present response.
  std::string_view session_id() const;
  // Whether a server can have seen the request.
  bool may_have_arrived() const;

 private:
  void on_open(Exchange& exchange) override;
  void on_message(Exchange& exchange, Message& message) override;
  void on_end(Exchange& exchange, Outcome& outcome) override;

  void attempt();
  void send();
  void resume();
  bool mend_credential(const Outcome& outcome);
  void on_credential(const std::optional<auth::Impediment>& impediment);
  void take(Message& message);
  void take_answer(Message& message);
  bool is_mine(const Message& message) const;
  void act_on(const Verdict& verdict, Outcome& outcome);
  void repair(const Verdict& verdict, Outcome& outcome);
  void again_after(std::chrono::milliseconds pause, const Verdict& verdict, Outcome& outcome);
  void give_up(const Verdict& verdict, Outcome& outcome);
  void end_of_resumption(Outcome& outcome, bool went_on);
  void wait_to_resume(bool went_on);
  void fail(const Verdict& verdict);

  const Context& context_;
  Owner& owner_;
  Spec spec_;
  base::Time started_;
  std::uint64_t generation_ = 0;  // of the session the present attempt was made in
  bool session_sent_ = false;     // the present attempt carries a session id
  std::uint64_t credential_ = 0;  // Authorizer::generation() of the present attempt
  int attempts_ = 0;
  int repairs_ = 0;
  int mends_ = 0;  // of the credential
  int status_ = 0;
  bool forwarded_ = false;  // something of its stream has gone to the host
  bool arrived_ = false;    // a server can have seen one of the attempts
  bool over_ = false;
  bool resuming_ = false;
  std::string last_event_id_;
  std::optional<std::chrono::milliseconds> retry_;  // the server's wish, for resuming
  Backoff pauses_;
  Backoff resume_pauses_;
  event::Timer timer_;
  std::unique_ptr<Exchange> exchange_;
  std::unique_ptr<auth::Authorizer::Wait> waiting_;  // for a credential
};

}  // namespace dogpipe::bridge
