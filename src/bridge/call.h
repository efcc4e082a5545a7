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
#include "bridge/mint.h"
#include "bridge/replay.h"
#include "bridge/session.h"
#include "bridge/upstream.h"
#include "bridge/verdict.h"
#include "event/loop.h"
#include "mcp/request_fields.h"

namespace dogpipe::bridge {

// How messages go to servers from 2026-07-28 on: each with header fields of its own, without a
// session. A stream that breaks is not resumed; what may be asked twice is asked once more under
// another id, and the answer brought back to the first one.
struct ModernWire {
  mcp::Fields fields;
  const Mint* mint = nullptr;  // must outlive the Call
  bool standing = false;       // subscriptions/listen: its stream stays open without a limit
  // Not worth troubling the user for, nor the retry budget: whoever made the call tries again.
  bool quiet = false;
};

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
    std::optional<ModernWire> modern = {};
  };

  // What calls share; all outlive them.
  struct Context {
    event::Loop& loop;
    Upstream& upstream;
    const Session& session;
    RetryBudget& budget;
  };

  Call(const Context& context, Owner& owner, Spec spec);

  void start();  // once more, too, when it has ended
  void session_restored();
  void session_not_restored(const Failure& failure);
  // HTTP+SSE: the answer has come on the stream. Whether it was waited for.
  bool deliver(Message& message);
  // ... something else has: the stream is not idle.
  void stream_moved();
  // ... the stream has ended, before the answer.
  void stream_lost(const base::Error& error);
  // The host does not want the answer any more: ends the exchange, reports nothing.
  void drop();

  const std::string& raw_id() const { return spec_.raw_id; }
  // The id that the server knows the present attempt by.
  const std::string& wire_id() const { return wire_id_; }
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
  bool wait_for_credential();
  void send();
  void resume();
  bool mend_credential(const Outcome& outcome);
  void on_credential(const std::optional<auth::Impediment>& impediment);
  void take(Message& message);
  void take_other(Message& message);
  void take_answer(Message& message);
  bool is_mine(const Message& message) const;
  void act_on(const Verdict& verdict, Outcome& outcome);
  void repair(const Verdict& verdict, Outcome& outcome);
  void on_timer();
  void await_answer();
  void end_of_patience();
  void rename_after(Evidence evidence);
  void again_after(std::chrono::milliseconds pause, const Verdict& verdict, Outcome& outcome);
  void give_up(const Verdict& verdict, Outcome& outcome);
  void end_of_resumption(Outcome& outcome, bool went_on);
  void wait_to_resume(bool went_on);
  void fail(const Verdict& verdict);

  const Context& context_;
  Owner& owner_;
  Spec spec_;
  std::string wire_id_;
  SharedBytes wire_text_;
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
  std::uint64_t link_ = 0;  // Upstream::link() of the present attempt, if it is answered elsewhere
  bool awaiting_ = false;   // ... and the server has accepted it
  std::string last_event_id_;
  std::optional<std::chrono::milliseconds> retry_;  // the server's wish, for resuming
  Backoff pauses_;
  Backoff resume_pauses_;
  event::Timer timer_;
  std::unique_ptr<Exchange> exchange_;
  std::unique_ptr<auth::Authorizer::Wait> waiting_;  // for a credential
};

}  // namespace dogpipe::bridge
