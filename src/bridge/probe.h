// Finding out which era a server is of: one server/discover, which no server minds (MCP 2026-07-28,
// basic/versioning).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "bridge/era.h"
#include "bridge/server_context.h"
#include "bridge/session.h"
#include "event/loop.h"
#include "mcp/request_fields.h"

namespace dogpipe::bridge {

// ask -> [credential -> ask]* -> [mend or change the revision -> ask] -> done. Owning is probing.
class EraProbe final : private Exchange::Listener {
 public:
  // Whether the credential may be renewed and the user be asked. `never` goes with what there is:
  // no worker is started and no browser opened.
  enum class SignIn : std::uint8_t { never, allowed };

  struct Question {
    SharedBytes text;   // a server/discover, the host's or one of ours
    bool ours = false;  // then it may be asked again in a revision that the server speaks
    SignIn sign_in = SignIn::never;
    base::Duration deadline{};
  };

  struct Report {
    ProbeFinding finding;
    int status = 0;             // 0: none came
    Message* answer = nullptr;  // the server's, under the question's id; valid during the call
    // Why the question could not be asked: nobody is signed in.
    std::optional<auth::Impediment> impediment;
  };
  // On a turn of its own; the callee may destroy the EraProbe.
  using Done = std::function<void(const Report& report)>;

  // What the context refers to must outlive it.
  EraProbe(const ServerContext& context, Question question, Done done);

 private:
  void on_message(Exchange& exchange, Message& message) override;
  void on_end(Exchange& exchange, Outcome& outcome) override;

  void prepare();
  void ask();
  void on_credential(const std::optional<auth::Impediment>& impediment);
  bool mend_credential(const Outcome& outcome);
  bool is_answer(const Message& message) const;
  void read_answer();
  Probe how_to_read() const;
  bool asks_again(const ProbeFinding& finding, bool refused);
  void end(Report report);

  Session no_session_;
  auth::Authorizer& authorizer_;
  Upstream upstream_;
  Question question_;
  Done done_;
  std::uint64_t credential_ = 0;
  int mends_ = 0;  // of the credential
  bool mended_ = false;
  bool renegotiated_ = false;
  mcp::Fields fields_;
  std::optional<Message> answer_;  // of the present exchange
  int status_ = 0;
  event::Timer deadline_;
  event::Deferred next_;
  std::unique_ptr<auth::Authorizer::Wait> waiting_;
  std::unique_ptr<Exchange> exchange_;
};

}  // namespace dogpipe::bridge
