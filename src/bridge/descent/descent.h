// A host of 2026-07-28 on a server of 2024-11-05 to 2025-11-25. The host knows no sessions and is
// asked nothing: the bridge holds a session of its own, and what the server asks becomes an
// intermediate result.
//
// What does not come across: what the server asks outside of tools/call, prompts/get and
// resources/read; its log lines outside of requests; capabilities that the first request did not
// declare; tasks; list changes of servers that offer no stream of their own, except those that they
// announce on that of a request.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "bridge/descent/hidden_session.h"
#include "bridge/descent/listens.h"
#include "bridge/descent/passages.h"
#include "bridge/leg.h"
#include "bridge/mint.h"
#include "bridge/replies.h"
#include "bridge/server.h"
#include "event/loop.h"

namespace dogpipe::bridge::descent {

class Descent final : public Leg, private Server::Listener, private HiddenSession::Owner {
 public:
  struct Events {
    std::function<void()> on_idle;  // on a later turn; also again while it stays idle
    // The server has refused to open a session. Nothing may be destroyed in it.
    std::function<void()> on_doubt = {};
  };

  // All must outlive it. The server talks to listener().
  Descent(event::Loop& loop, Server& server, Replies& replies, Mint mint, Events events);

  Server::Listener& listener() { return *this; }

  void take_request(HostMessage&& message) override;
  void take_notification(HostMessage&& message) override;
  void take_response(HostMessage&& message) override;
  void cancel(std::string_view raw_id, HostMessage&& notification) override;
  // Requests that wait for the host's answers keep nothing from ending.
  bool idle() const override;
  void abandon() override;
  void leave(std::function<void()> done) override;

 private:
  void on_message(std::string_view raw_id, Message& message) override;
  void on_answer(const Request& request, Message& message, int status) override;
  void on_failure(const Request& request, const Failure& failure) override;
  void on_session_gone() override;
  void on_new_session() override;
  void on_incompatible_session() override;
  void on_idle() override { idle_.schedule(); }

  void on_open() override;
  void on_not_open(const std::function<std::string(std::string_view)>& write_error) override;

  void go(const HostMessage& message, const Claim& claim);
  void listen(const HostMessage& message);
  void doubt(const Request& request, int status, const Message* answer);
  void answer_discover(const HostMessage& message);
  void refuse(std::string_view raw_id, int code, std::string_view message,
              std::string_view raw_data = {});
  void take_server_notification(std::string_view raw_id, Message& message);

  Server& server_;
  Replies& replies_;
  Mint mint_;
  Events events_;
  HiddenSession session_;
  Passages passages_;
  Listens listens_;
  std::vector<HostMessage> waiting_;  // for the session; also notifications
  event::Deferred idle_;
};

}  // namespace dogpipe::bridge::descent
