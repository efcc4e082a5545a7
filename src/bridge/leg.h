// The way of the host's messages of one era to the server, and of what comes back. There are four:
//
//                    server up to 2025-11-25    server from 2026-07-28 on
//   such a host      LegacyRelay                Ascent
//   a newer host     Descent                    ModernRelay
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "rpc/envelope.h"

namespace dogpipe::bridge {

// A message of the host, no batch.
struct HostMessage {
  base::Bytes text;
  rpc::Envelope envelope;
  std::string method;  // plain; empty for responses

  // Of the text of a message.
  static HostMessage read(base::Bytes text);

  std::string_view raw_id() const { return envelope.id.in(text.view()); }
  std::string_view raw_params() const { return envelope.params.in(text.view()); }
};

// Whether a request belongs to the revisions from 2026-07-28 on: it says so in its own metadata.
bool is_modern(const HostMessage& message);

class Leg {
 public:
  virtual ~Leg() = default;

  // The answer goes to Replies under the id of the request, once. Requests with an id that is under
  // way, and legacy pings, do not come here.
  virtual void take_request(HostMessage&& message) = 0;
  // Any but notifications/cancelled.
  virtual void take_notification(HostMessage&& message) = 0;
  virtual void take_response(HostMessage&& message) = 0;
  // The host does not want the answer to that request any more, which this leg has taken and not
  // answered yet; Replies know it already. `raw_id` is spelled as in the request.
  virtual void cancel(std::string_view raw_id, HostMessage&& notification) = 0;

  // Whether nothing is under way, standing requests aside.
  virtual bool idle() const = 0;
  // Gives up what is under way: the server is told, the host is not, except that standing requests
  // end in order.
  virtual void abandon() = 0;
  // Takes leave of the server; `done` is called once, at once or later.
  virtual void leave(std::function<void()> done) = 0;
};

}  // namespace dogpipe::bridge
