// Subscriptions of 2026-07-28 (MCP, basic/patterns/subscriptions) on a server that has none: the
// bridge subscribes to each resource once, and hands on what the server announces to whom it
// concerns.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/descent/hidden_session.h"
#include "bridge/descent/resource_subscriptions.h"
#include "bridge/mint.h"
#include "bridge/replies.h"
#include "bridge/server.h"

namespace dogpipe::bridge::descent {

class Listens final : private ResourceSubscriptions::Owner {
 public:
  static constexpr std::size_t kMost = 64;
  static constexpr std::size_t kMostResources = 1000;  // of each; the others are not acknowledged

  // All must outlive it.
  Listens(Server& server, Replies& replies, Mint mint, const HiddenSession& session);

  bool full() const { return listens_.size() >= kMost; }
  // A subscriptions/listen with a `notifications` object. The session is open.
  void open(std::string_view raw_id, std::string_view raw_filter);
  // The host does not listen any more. Whether it did.
  bool close(std::string_view raw_id);
  // Tells the host that the subscription is over. The specification wants a result in one place and
  // a cancellation in another: both.
  void end(std::string_view raw_id);
  // All are over; the server is not told.
  void end_all();

  // A notification of the server: whether it is one that hosts can listen for.
  bool announce(std::string_view method, std::string_view raw_params);
  // Something may have been missed: all that is listened for may have changed.
  void announce_all();

  bool take_answer(const Request& request, const Message& message);
  bool take_failure(const Request& request);

 private:
  struct Listen {
    std::string raw_id;
    std::vector<std::string_view> kinds;  // methods
    std::vector<std::string> uris;        // plain, each once; those that are refused leave
    std::size_t undecided = 0;            // uris that the server has not spoken on yet
    std::vector<std::string> early;       // lines that must not precede the acknowledgment
    bool acknowledged = false;
  };

  void on_subscribed(const std::string& uri, bool granted) override;

  void acknowledge(Listen& listen);
  void tell(Listen& listen, std::string_view method, std::string_view raw_params);

  Replies& replies_;
  const HiddenSession& session_;
  std::vector<std::unique_ptr<Listen>> listens_;  // in the order of their opening
  ResourceSubscriptions resources_;
};

}  // namespace dogpipe::bridge::descent
