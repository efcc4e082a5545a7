// resources/subscribe and resources/unsubscribe (MCP up to 2025-11-25, server/resources), counted:
// the server hears of each URI once, and never of the same one twice at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "bridge/mint.h"
#include "bridge/server.h"

namespace dogpipe::bridge::descent {

class ResourceSubscriptions {
 public:
  class Owner {
   public:
    // What the server says to those who wait for it. Those who are refused hold nothing.
    virtual void on_subscribed(const std::string& uri, bool granted) = 0;

   protected:
    ~Owner() = default;
  };

  // Both must outlive it.
  ResourceSubscriptions(Server& server, Mint mint, Owner& owner);

  // One more wants it. Whether it is subscribed to already; otherwise on_subscribed() follows.
  bool add(const std::string& uri);
  // One less. Tells the server when nobody is left.
  void remove(const std::string& uri);
  // Forgets everything; the server is not told.
  void clear() { by_uri_.clear(); }

  // Whether the request was one of these.
  bool take_answer(const Request& request, bool success);

 private:
  enum class State : std::uint8_t { asking, held, leaving };
  struct Subscription {
    State state = State::asking;
    std::size_t wanted = 0;
    std::string upstream_id;  // of what is under way
  };

  void ask(const std::string& uri, Subscription& subscription, State state);

  Server& server_;
  Mint mint_;
  Owner& owner_;
  std::map<std::string, Subscription> by_uri_;
};

}  // namespace dogpipe::bridge::descent
