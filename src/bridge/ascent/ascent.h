// The leg of hosts up to 2025-11-25, which begin with initialize, to servers from 2026-07-28 on,
// which have no handshake and no session: each message is translated, both ways.
//
// What cannot be said in the other's revision is lost: tasks of 2025-11-25; logs that no request of
// the host asked for; pings of the server; the resumption of a cut stream.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bridge/ascent/host_subscriptions.h"
#include "bridge/ascent/initialize_result.h"
#include "bridge/ascent/modern_params.h"
#include "bridge/ascent/questions.h"
#include "bridge/ascent/rounds.h"
#include "bridge/leg.h"
#include "bridge/mint.h"
#include "bridge/replies.h"
#include "bridge/server.h"
#include "event/loop.h"

namespace dogpipe::bridge::ascent {

class Ascent final : public Leg, private Server::Listener, private Rounds::Owner {
 public:
  struct Events {
    // The server does not speak the newer wire after all. initialize, and what the host has sent
    // since, unanswered and in its order, are given back. On a turn of its own; the Ascent may be
    // destroyed in it.
    std::function<void(std::vector<HostMessage> given_back)> on_legacy_server;
    // Nothing is under way any more. On a turn of its own, as above.
    std::function<void()> on_idle;
    // The server's answer to server/discover. Nothing may be destroyed in it.
    std::function<void(std::string_view raw_discover_result)> on_discovered;
  };

  // The loop, the server and the replies must outlive it. `server_name`: what the host is told
  // where the server does not say who it is.
  Ascent(event::Loop& loop, Server& server, Replies& replies, Mint mint, std::string server_name,
         Events events);
  ~Ascent() override;

  Server::Listener& listener() { return *this; }
  // What the host was told; empty before that.
  const std::string& revision() const { return revision_; }

  void take_request(HostMessage&& message) override;
  void take_notification(HostMessage&& message) override;
  void take_response(HostMessage&& message) override;
  void cancel(std::string_view raw_id, HostMessage&& notification) override;
  bool idle() const override;
  void abandon() override;
  // The server keeps nothing that would have to be ended but what it announces.
  void leave(std::function<void()> done) override;

 private:
  // A host that waits for the answer to initialize. What it sends meanwhile waits with it.
  struct Opening {
    HostMessage initialize;
    std::string upstream_id;
    std::string revision;
    Claim claim;
    bool again = false;  // the server was asked a second time
    std::deque<HostMessage> held;
  };

  // The opening: ascent_opening.cc.
  void begin(HostMessage&& initialize);
  void discover();
  void hold(HostMessage&& message);
  bool withdraw_held(std::string_view raw_id);
  void take_discover_answer(Message& message, int status);
  void take_discover_failure(const Failure& failure);
  void open(std::string_view raw_discover_result);
  void refuse_opening(std::string_view answer);
  void release(std::deque<HostMessage> held);
  void give_back();
  bool is_opening(const Request& request) const;

  // The host's requests and notifications.
  bool answer_here(const HostMessage& request);
  void set_level(const HostMessage& request);
  void change_subscription(const HostMessage& request);
  void refuse(const HostMessage& request, int code, std::string_view message);
  void forward(HostMessage&& request);
  void forward_notification(HostMessage&& notification);

  // The server's answers.
  void on_message(std::string_view raw_id, Message& message) override;
  void on_answer(const Request& request, Message& message, int status) override;
  void on_failure(const Request& request, const Failure& failure) override;
  void on_idle() override { idle_check_.schedule(); }
  void on_sent(Rounds& rounds) override;
  void on_refused(Rounds& rounds, std::string_view answer) override;
  void take_round_message(Rounds& rounds, Message& message);
  void take_result(Rounds& rounds, const Message& message);
  void take_error(Rounds& rounds, const Message& message);
  // The last word on the request.
  void pass(Rounds& rounds, base::Bytes answer);
  void finish(Rounds& rounds);
  Rounds* take_upstream(const std::string& raw_id);

  event::Loop& loop_;
  Server& server_;
  Replies& replies_;
  Mint mint_;
  std::string server_name_;
  Events events_;

  std::unique_ptr<Opening> opening_;
  bool open_ = false;
  std::string revision_;
  Claim claim_;
  Offers offers_;

  Questions questions_;
  HostSubscriptions subscriptions_;
  const Rounds::Context context_;
  std::unordered_map<std::string, std::unique_ptr<Rounds>> requests_;  // by the host's raw id
  std::unordered_map<std::string, Rounds*> upstream_;                  // by ours
  event::Deferred give_back_;
  event::Deferred idle_check_;
};

}  // namespace dogpipe::bridge::ascent
