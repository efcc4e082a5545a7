// The GET stream on which a server of the revisions 2025-03-26 to 2025-11-25 speaks of its own
// accord (MCP basic/transports, "Listening for Messages from the Server").
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "bridge/backoff.h"
#include "bridge/exchange.h"
#include "bridge/upstream.h"
#include "event/loop.h"

namespace dogpipe::bridge {

// open -> [break -> pause -> open with the last event id]*. Its loss has no effect on calls.
class ServerStream final : private Exchange::Listener {
 public:
  class Owner {
   public:
    virtual void on_server_message(Message& message) = 0;

   protected:
    ~Owner() = default;
  };

  ServerStream(event::Loop& loop, Upstream& upstream, Owner& owner);

  // For a new session; does nothing with a server that has said it offers no such stream.
  void open();
  void close();

 private:
  void on_message(Exchange& exchange, Message& message) override;
  void on_end(Exchange& exchange, Outcome& outcome) override;

  void connect();

  event::Loop& loop_;
  Upstream& upstream_;
  Owner& owner_;
  bool offered_ = true;
  std::string last_event_id_;
  base::Time connected_;
  Backoff pauses_;
  event::Timer timer_;
  std::unique_ptr<Exchange> exchange_;
};

}  // namespace dogpipe::bridge
