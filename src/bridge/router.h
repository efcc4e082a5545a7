// One message from the host, one message from the server: what now?
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "bridge/call.h"
#include "bridge/catalogue.h"
#include "bridge/lifecycle.h"
#include "bridge/pending.h"
#include "bridge/replies.h"
#include "bridge/session.h"
#include "event/stdio.h"
#include "rpc/lines.h"

namespace dogpipe::bridge {

class Router final : private Call::Owner, private Lifecycle::Owner {
 public:
  struct Events {
    std::function<void()> on_idle;          // the last request has been answered
    std::function<void()> on_incompatible;  // only a restart by the host helps
  };

  // All must outlive it. The context holds this session.
  Router(const Call::Context& context, Session& session, event::Output& output, bool trust_hints,
         Events events);

  void on_line(rpc::Line&& line);

  // Requests without an answer yet.
  std::size_t unanswered() const { return pending_.requests(); }
  bool idle() const { return pending_.empty(); }
  // Gives up what is under way: the server is told, the host is not.
  void abandon();
  // Ends the session; see Lifecycle::leave().
  void leave(std::function<void()> done) { lifecycle_.leave(std::move(done)); }

 private:
  // The host's side.
  void refuse_unreadable(const rpc::Line& line);
  void refuse_too_long(const rpc::Line& line);
  void refuse(std::string_view raw_id, int code, std::string_view message);
  void take(base::Bytes&& text, const rpc::Envelope& envelope);
  void take_request(base::Bytes&& text, const rpc::Envelope& envelope);
  void take_notification(base::Bytes&& text, const rpc::Envelope& envelope);
  void take_response(base::Bytes&& text, const rpc::Envelope& envelope);
  bool forget_server_request(std::string_view raw_id);
  void take_batch(std::string_view text);
  void take_element(std::string_view element);
  void refuse_batch(std::string_view text);
  void cancel(base::Bytes&& text, std::string_view raw_params);
  void submit(Call::Spec spec);

  // The server's side.
  void on_other_message(Call& call, Message& message) override;
  void on_answer(Call& call, Message& message) override;
  void on_accepted(Call& call) override;
  void on_failure(Call& call, const Failure& failure) override;
  void on_session_lost(Call& call) override;
  void on_server_message(Message& message) override;
  void on_not_possible(Call& call, const Failure& failure) override;
  void on_session_gone() override;
  void on_new_session() override;
  void on_incompatible_session() override;

  void note_settings(const Call& call);
  void tell_server_cancelled(const Call& call);
  void finish(Call& call);

  const Call::Context& context_;
  Session& session_;
  Events events_;
  Replies replies_;
  Catalogue catalogue_;
  Pending pending_;
  std::unordered_set<std::string> server_requests_;  // raw ids that the host has not answered
  Lifecycle lifecycle_;
};

}  // namespace dogpipe::bridge
