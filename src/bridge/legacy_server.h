// A server of the revisions up to 2025-11-25: its session, and the requests made in it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/call.h"
#include "bridge/catalogue.h"
#include "bridge/lifecycle.h"
#include "bridge/pending.h"
#include "bridge/server.h"
#include "bridge/server_context.h"
#include "bridge/session.h"

namespace dogpipe::bridge {

// The session begins with an `initialize` that is sent like any other request; what is sent after
// it waits for its answer, and for notifications/initialized. A lost session is opened anew with
// the same bytes. A server that refuses initialize is looked at for HTTP+SSE, the transport of
// 2024-11-05; who sends it notices nothing.
class LegacyServer final : public Server, private Call::Owner, private Lifecycle::Owner {
 public:
  explicit LegacyServer(const ServerContext& context);

  // Before anything is sent. Must outlive it.
  void attach(Server::Listener& listener) { listener_ = &listener; }

  void send(Request request) override;
  void cancel(std::string_view raw_id, SharedBytes notification) override;
  bool idle() const override { return pending_.empty(); }
  void abandon() override;
  void leave(std::function<void()> done) override { lifecycle_.leave(std::move(done)); }

  // It is known to be of this era: an initialize that it refuses as a newer one would is no reason
  // not to look for HTTP+SSE.
  void expect_legacy() { expect_legacy_ = true; }
  // It is known to be of the newer era too, so that HTTP+SSE is not what it may have instead.
  void expect_newer(bool newer) { expect_newer_ = newer; }
  // The initialize that is sent next has been refused already, with that answer: only HTTP+SSE is
  // left to try.
  void expect_refusal(std::string_view answer);

  // What waits and has never been sent, in its order; it is forgotten here.
  std::vector<Request> take_back();

  const Session& session() const { return session_; }

 private:
  // The calls.
  void on_other_message(Call& call, Message& message) override;
  void on_answer(Call& call, Message& message) override;
  void on_accepted(Call& call) override;
  void on_failure(Call& call, const Failure& failure) override;
  void on_session_lost(Call& call) override;
  // The session.
  void on_server_message(Message& message) override;
  void on_streamed(Message& message) override;
  void on_stream_lost(const base::Error& error) override;
  void on_no_stream(Call& initialize, const Failure& failure, bool found) override;
  void on_not_possible(Call& call, const Failure& failure) override;
  void on_session_gone() override;
  void on_new_session() override;
  void on_incompatible_session() override;

  // How the server has refused an initialize: with a message, or otherwise.
  struct Refusal {
    base::Bytes text;
    Failure failure;
  };

  void submit(Call::Spec spec);
  bool look_for_stream(Call& call, int status, const Message* answer);
  void report(Call& call, Message& message);
  void report(Call& call, const Failure& failure);
  void pass_on(std::string_view raw_id, Message& message);
  void note_settings(const Call& call);
  void tell_cancelled(std::string_view raw_id, SharedBytes notification);
  void finish(Call& call);

  Session session_;
  Upstream upstream_;
  Call::Context context_;
  Server::Listener* listener_ = nullptr;
  Catalogue catalogue_;
  Pending pending_;
  bool expect_legacy_ = false;
  bool expect_newer_ = false;
  std::optional<Refusal> refusal_;  // of the present initialize, before HTTP+SSE
  Lifecycle lifecycle_;
};

}  // namespace dogpipe::bridge
