// A short conversation of our own with the server: initialize, one request, leave.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "auth/authorizer.h"
#include "base/result.h"
#include "bridge/call.h"
#include "bridge/session.h"
#include "bridge/upstream.h"
#include "event/loop.h"
#include "http/client.h"

namespace dogpipe::bridge {

// initialize -> notifications/initialized -> the request -> DELETE. Owning is talking.
class Conversation final : private Call::Owner, private Exchange::Listener {
 public:
  // The result of the request, as JSON; or why there is none: the server's own refusal is
  // Kind::denied. Called once, on a turn of its own, last; it may destroy the Conversation.
  using Done = std::function<void(base::Result<std::string> raw_result)>;

  // All references must outlive it.
  Conversation(event::Loop& loop, http::Client& client, auth::Authorizer& authorizer,
               Endpoint endpoint, std::string method, std::string raw_params, Done done);

 private:
  void on_other_message(Call&, Message&) override {}
  void on_answer(Call& call, Message& message) override;
  void on_accepted(Call& call) override;
  void on_failure(Call& call, const Failure& failure) override;
  void on_session_lost(Call& call) override;
  void on_message(Exchange&, Message&) override {}
  void on_end(Exchange& exchange, Outcome& outcome) override;

  void next();
  void ask(std::string_view raw_id, const std::string& method, const std::string& raw_params);
  void leave(base::Result<std::string> outcome);

  std::string method_;
  std::string raw_params_;
  Done done_;
  Session session_;
  RetryBudget budget_;
  Upstream upstream_;
  Call::Context context_;
  int step_ = 0;
  std::optional<base::Result<std::string>> outcome_;
  event::Deferred next_;
  std::unique_ptr<Call> call_;
  std::unique_ptr<Exchange> ending_;
};

}  // namespace dogpipe::bridge
