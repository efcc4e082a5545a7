// One subscriptions/listen of the host: a stream that stays open for as long as the host wants
// (MCP 2026-07-28, basic/patterns/subscriptions).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "bridge/backoff.h"
#include "bridge/call.h"
#include "bridge/server.h"
#include "bridge/subscription.h"
#include "event/loop.h"
#include "mcp/request_fields.h"

namespace dogpipe::bridge {

// ask -> acknowledged -> [break -> pause -> ask under another id -> what may have been missed]*.
// Until it is acknowledged it is a request like any other.
class Listen final : private Call::Owner {
 public:
  class Owner {
   public:
    // Bears the request's own id, whatever id the server knows it by now.
    virtual void on_listen_message(Listen& listen, Message& message) = 0;
    // These two end it; the owner keeps the Listen alive until the next turn.
    virtual void on_listen_answer(Listen& listen, Message& message, int status) = 0;
    virtual void on_listen_failure(Listen& listen, const Failure& failure) = 0;

   protected:
    ~Owner() = default;
  };

  // All but the request must outlive it.
  Listen(const Call::Context& context, const Mint& mint, Owner& owner, Request request,
         mcp::Fields fields);

  void start() { ask(); }
  // The host does not want it any more: reports nothing.
  void drop();

  const Request& request() const { return request_; }

 private:
  void on_other_message(Call& call, Message& message) override;
  void on_answer(Call& call, Message& message) override;
  void on_accepted(Call&) override {}
  void on_failure(Call& call, const Failure& failure) override;
  void on_session_lost(Call&) override {}

  void ask();
  SharedBytes text_as(std::string_view raw_id) const;
  void catch_up();
  bool is_own_cancellation(const Call& call, const Message& message) const;
  void pass_on(const Call& call, Message& message);
  void try_again();

  const Call::Context& context_;
  const Mint& mint_;
  Owner& owner_;
  Request request_;
  mcp::Fields fields_;
  Subscription wanted_;
  std::optional<Subscription> agreed_;  // what the host was told; none: not acknowledged yet
  bool gap_ = false;                    // something may have been missed
  bool over_ = false;
  std::optional<std::uint64_t> refused_;  // Authorizer::generation() of a hopeless credential
  base::Time asked_;
  Backoff pauses_;
  event::Timer timer_;
  std::unique_ptr<Call> call_;
};

}  // namespace dogpipe::bridge
