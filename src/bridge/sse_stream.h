// The event stream of HTTP+SSE, the transport of 2024-11-05 (MCP basic/transports, "HTTP with
// SSE"): its first event names the address that messages are POSTed to, and what comes back comes
// on it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/exchange.h"
#include "bridge/failure.h"
#include "bridge/upstream.h"
#include "event/loop.h"

namespace dogpipe::bridge {

// open -> [credential -> open]* -> the address -> messages -> lost. It is not opened again by
// itself: a session is lost with its stream.
class SseStream final : private Exchange::Listener {
 public:
  class Owner {
   public:
    // The address has been named, and Upstream sends there from now on.
    virtual void on_stream_open() = 0;
    // There will be none. `found`: this is such a server, but it cannot be used, as the failure
    // says; otherwise nothing at the URL speaks of such a stream.
    virtual void on_stream_refused(const Failure& failure, bool found) = 0;
    // It has ended after all.
    virtual void on_stream_lost(const base::Error& error) = 0;
    // No batch.
    virtual void on_streamed(Message& message) = 0;

   protected:
    ~Owner() = default;
  };

  // All must outlive it. In the calls of the owner it may be opened anew and closed.
  SseStream(event::Loop& loop, Upstream& upstream, Owner& owner);

  void open();
  void close();

 private:
  void on_message(Exchange& exchange, Message& message) override;
  void on_other_event(Exchange& exchange, std::string_view type, const std::string& data) override;
  void on_end(Exchange& exchange, Outcome& outcome) override;

  void connect();
  void on_credential(const std::optional<auth::Impediment>& impediment);
  bool mend_credential(const Outcome& outcome);
  void take_address(const std::string& reference);
  void take_refusal(const Outcome& outcome);
  void let_go();

  Upstream& upstream_;
  Owner& owner_;
  bool open_ = false;
  std::uint64_t credential_ = 0;  // Authorizer::generation() of the present connection
  int mends_ = 0;
  event::Timer deadline_;
  event::Deferred refuse_;  // an address that may not be used
  event::Deferred sweep_;
  std::unique_ptr<Exchange> exchange_;
  std::vector<std::unique_ptr<Exchange>> spent_;     // one of them may be speaking
  std::unique_ptr<auth::Authorizer::Wait> waiting_;  // for a credential
};

}  // namespace dogpipe::bridge
