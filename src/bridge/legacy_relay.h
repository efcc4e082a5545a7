// A host and a server of the revisions up to 2025-11-25: their messages pass as they are.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "bridge/leg.h"
#include "bridge/legacy_server.h"
#include "bridge/replies.h"
#include "event/loop.h"

namespace dogpipe::bridge {

class LegacyRelay final : public Leg, private Server::Listener {
 public:
  // An `initialize` that the server has refused as one of 2026-07-28 or later would.
  struct Refused {
    std::string answer;                   // for the host, if nothing better can be had
    std::vector<HostMessage> given_back;  // initialize, and what the host has sent since
  };
  struct Events {
    std::function<void()> on_idle;
    std::function<void()> on_incompatible;  // only a restart by the host helps
    std::function<void()> on_session;       // the server has answered initialize
    // Nothing of it has been answered. On a turn of its own; the callee may destroy the relay.
    std::function<void(Refused refused)> on_refused;
  };

  // All must outlive it.
  LegacyRelay(event::Loop& loop, LegacyServer& server, Replies& replies, Events events);

  // The server is known to be of the newer era too: whatever way it refuses an initialize in, it
  // may mean that it has no other.
  void suspect(bool newer_era);

  void take_request(HostMessage&& message) override;
  void take_notification(HostMessage&& message) override;
  void take_response(HostMessage&& message) override;
  void cancel(std::string_view raw_id, HostMessage&& notification) override;
  bool idle() const override { return server_.idle() && !refused_; }
  void abandon() override { server_.abandon(); }
  void leave(std::function<void()> done) override { server_.leave(std::move(done)); }

 private:
  void on_message(std::string_view raw_id, Message& message) override;
  void on_answer(const Request& request, Message& message, int status) override;
  void on_failure(const Request& request, const Failure& failure) override;
  void on_session_gone() override { server_requests_.clear(); }
  void on_new_session() override;
  void on_incompatible_session() override { events_.on_incompatible(); }
  void on_idle() override { events_.on_idle(); }

  bool forget_server_request(std::string_view raw_id);
  void decline(const Request& initialize, std::string answer);

  LegacyServer& server_;
  Replies& replies_;
  Events events_;
  bool suspected_ = false;
  std::unordered_set<std::string> server_requests_;  // raw ids that the host has not answered
  std::optional<Refused> refused_;
  event::Deferred tell_refused_;
};

}  // namespace dogpipe::bridge
