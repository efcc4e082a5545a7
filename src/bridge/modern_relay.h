// A host and a server of the revisions from 2026-07-28 on: their messages pass as they are.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "bridge/leg.h"
#include "bridge/replies.h"
#include "bridge/server.h"

namespace dogpipe::bridge {

class ModernRelay final : public Leg, public Server::Listener {
 public:
  // Subscriptions of the host that are open at a time.
  static constexpr std::size_t kMostListens = 64;

  struct Events {
    std::function<void()> on_idle;
    // The server has refused a request as one of this era would not. Nothing may be destroyed in
    // it.
    std::function<void()> on_doubt = {};
  };

  // All must outlive it. Whoever makes it attaches listener() to the server.
  ModernRelay(Server& server, Replies& replies, Events events);

  Server::Listener& listener() { return *this; }

  void take_request(HostMessage&& message) override;
  void take_notification(HostMessage&& message) override;
  void take_response(HostMessage&& message) override;
  void cancel(std::string_view raw_id, HostMessage&& notification) override;
  bool idle() const override { return server_.idle(); }
  void abandon() override;
  void leave(std::function<void()> done) override { server_.leave(std::move(done)); }

 private:
  void doubt(int status, const Message* answer);
  void on_message(std::string_view raw_id, Message& message) override;
  void on_answer(const Request& request, Message& message, int status) override;
  void on_failure(const Request& request, const Failure& failure) override;
  void on_idle() override { events_.on_idle(); }

  Server& server_;
  Replies& replies_;
  Events events_;
  // The host's subscriptions by raw id, and whether the server has acknowledged them.
  std::unordered_map<std::string, bool> listens_;
};

}  // namespace dogpipe::bridge
