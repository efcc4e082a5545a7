// What may come on which stream of a server from 2026-07-28 on, and what a subscriptions/listen is
// about (MCP basic/transports/streamable-http, "Receiving Messages"; basic/patterns/subscriptions).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bridge/assembly.h"

namespace dogpipe::bridge {

// Whether that request or notification may come on the stream of a request other than
// subscriptions/listen: no request may, and no notification that has to be subscribed to.
bool may_precede_answer(const Message& message);

// The notifications that one subscriptions/listen has asked for.
class Subscription {
 public:
  // `raw_params`: of the request, or of its notifications/subscriptions/acknowledged; JSON that a
  // Scanner has accepted, or empty.
  explicit Subscription(std::string_view raw_params);

  // Whether that may go to the host from its stream. Kinds that nobody here knows may: an
  // extension's.
  bool admits(const Message& message) const;
  // Leaves what `wanted` has too: a server may agree to less, not to more.
  void limit_to(const Subscription& wanted);
  // One notification for each kind, tagged with that subscription: whoever has missed some looks
  // at everything anew.
  std::vector<std::string> catch_up(std::string_view raw_id) const;

 private:
  bool asks_for(std::string_view flag) const;

  std::vector<std::string> flags_;     // "toolsListChanged", ...
  std::vector<std::string> raw_uris_;  // resourceSubscriptions
};

// The same notification, or result, tagged with another subscription; everything else byte for
// byte. As it is where it has no tag.
base::Bytes with_subscription_id(std::string_view text, const rpc::Envelope& envelope,
                                 std::string_view raw_id);

}  // namespace dogpipe::bridge
