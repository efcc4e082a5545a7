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
  void on_open(Exchange& exchange) override;
  void on_message(Exchange& exchange, Message& message) override;
  void on_end(Exchange& exchange, Outcome& outcome) override;

  void connect();
  bool mend_credential(const Outcome& outcome);
  void try_again();

  event::Loop& loop_;
  Upstream& upstream_;
  Owner& owner_;
  bool offered_ = true;
  std::string last_event_id_;
  std::uint64_t credential_ = 0;  // Authorizer::generation() of the present connection
  bool mended_ = false;           // ... and has not been accepted since
  bool refused_ = false;          // that credential, and there was no other
  base::Time connected_;
  Backoff pauses_;
  event::Timer timer_;
  std::unique_ptr<Exchange> exchange_;
  std::unique_ptr<auth::Authorizer::Wait> waiting_;  // for a credential
};

}  // namespace dogpipe::bridge
