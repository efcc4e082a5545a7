// One message from the host: what now? Here is decided what holds for hosts of every era; the rest
// is for the leg that carries the message.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "bridge/pairing.h"
#include "bridge/replies.h"
#include "bridge/server_context.h"
#include "event/stdio.h"
#include "rpc/lines.h"

namespace dogpipe::bridge {

class Router {
 public:
  struct Events {
    std::function<void()> on_idle;          // the last request has been answered
    std::function<void()> on_incompatible;  // only a restart by the host helps
  };

  // The output must outlive it.
  Router(const ServerContext& context, event::Output& output, Pairing::Settings settings,
         Events events);

  void on_line(rpc::Line&& line);

  // Requests without an answer yet.
  std::size_t unanswered() const { return replies_.unanswered(); }
  bool idle() const { return replies_.all_answered() && pairing_.idle(); }
  // Gives up what is under way: the server is told, the host is not.
  void abandon();
  // Takes leave of the server; `done` is called once, at once or later.
  void leave(std::function<void()> done) { pairing_.leave(std::move(done)); }

 private:
  void refuse_unreadable(const rpc::Line& line);
  void refuse_too_long(const rpc::Line& line);
  void refuse(std::string_view raw_id, int code, std::string_view message);
  void complain(std::string_view text);
  void take(base::Bytes&& text, const rpc::Envelope& envelope);
  void take_request(HostMessage&& message);
  void take_notification(HostMessage&& message);
  void take_batch(std::string_view text);
  void take_element(std::string_view element);
  void refuse_batch(std::string_view text);
  void note_initialize(const HostMessage& request);
  void cancel(HostMessage&& notification);
  void on_idle();

  Events events_;
  Replies replies_;
  Pairing pairing_;
  std::set<std::string> initialize_ids_;  // raw, of those under way: they are never cancelled
};

}  // namespace dogpipe::bridge
