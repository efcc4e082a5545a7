// HTTP+SSE of the revision 2024-11-05 (basic/transports): a GET opens a stream whose first event
// names the address for messages; what is POSTed there is answered on the stream.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "event/http_server.h"
#include "sandbox/context.h"
#include "sandbox/gate.h"
#include "sandbox/letter.h"
#include "sandbox/reception.h"
#include "sandbox/session.h"
#include "sandbox/stream.h"

namespace dogpipe::sandbox {

class SseWire {
 public:
  // Both outlive it.
  SseWire(Context& context, Reception& reception);

  static bool is_message_path(std::string_view path);
  void serve(event::HttpRequest& request, const Caller& caller, event::HttpAnswer answer);

 private:
  // One stream, and the session on it once there is one.
  struct Link {
    Stream stream;
    std::unique_ptr<Session> session;
  };

  void open(event::HttpAnswer answer);
  std::string address(const std::string& id) const;
  void take(event::HttpRequest& request, const Caller& caller, event::HttpAnswer answer);
  bool deliver(Link& link, const event::HttpRequest& request, const Caller& caller,
               const Letter& letter);
  void sweep();

  Context& context_;
  Reception& reception_;
  std::map<std::string, std::unique_ptr<Link>> links_;
  int opened_ = 0;
};

}  // namespace dogpipe::sandbox
