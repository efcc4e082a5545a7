// What a host up to 2025-11-25 is told of changes, by a server from 2026-07-28 on: by one
// subscriptions/listen (MCP 2026-07-28, basic/patterns/subscriptions) for all that the host wants.
//
// A listen cannot be changed. A new one is opened beside it, and when the server has acknowledged
// that, the old one is closed: nothing is lost between them, and nothing comes twice.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/ascent/listen_filter.h"
#include "bridge/ascent/modern_params.h"
#include "bridge/mint.h"
#include "bridge/replies.h"
#include "bridge/server.h"
#include "event/loop.h"

namespace dogpipe::bridge::ascent {

class HostSubscriptions {
 public:
  static constexpr std::size_t kMostResources = 1000;

  // All must outlive it.
  HostSubscriptions(event::Loop& loop, Server& server, Replies& replies, const Mint& mint,
                    const Claim& claim);
  HostSubscriptions(const HostSubscriptions&) = delete;
  HostSubscriptions& operator=(const HostSubscriptions&) = delete;

  // The host is ready for news of these lists.
  void announce(const ListKinds& lists);
  // Requests of the host, resources/subscribe and unsubscribe; they are answered here.
  void subscribe(std::string_view raw_id, std::string_view raw_uri);
  void unsubscribe(std::string_view raw_id, std::string_view raw_uri);
  // The host does not want that answer any more. Whether it was awaited here.
  bool withdraw(std::string_view raw_id);

  // What comes from the server; false: it is not of a listen.
  bool take_message(std::string_view raw_id, const Message& message);
  bool take_answer(const Request& request, const Message& message);
  bool take_failure(const Request& request, const Failure& failure);
  // It has answered a request: a listen that had been given up is worth another try.
  void server_lives();

  // Whether the host waits for none of these answers.
  bool idle() const { return waiting_.empty() && (!next_ || next_->waiting.empty()); }
  // Closes everything and forgets what the host wanted. Returns the ids of the requests that are
  // not answered then.
  std::vector<std::string> end();

 private:
  struct Waiting {
    std::string raw_id;
    std::string uri;
    std::string raw_uri;
    bool subscribes;
  };
  struct Stream {
    std::string raw_id;
    ListenFilter filter;  // as far as the server grants it
    std::vector<Waiting> waiting;
  };

  // In order; refused by the server; not delivered.
  enum class End : unsigned char { graceful, refused, failed };

  void wait(Waiting waiting);
  void update();
  void open();
  void acknowledged(std::string_view raw_params);
  void grant(const Waiting& waiting, bool granted);
  void close(std::optional<Stream>& stream);
  void fill_gap();
  // Gives the answer to a request of that raw id.
  using Answer = std::function<std::string(std::string_view raw_id)>;
  bool take_end(const std::string& raw_id, End end, const Answer& answer);
  void undo(const Answer& answer);
  void lost(End end);

  event::Loop& loop_;
  Server& server_;
  Replies& replies_;
  const Mint& mint_;
  const Claim& claim_;

  ListenFilter wanted_;
  std::optional<Stream> current_;  // acknowledged
  std::optional<Stream> next_;     // not yet
  std::vector<Waiting> waiting_;   // for a listen that is not opened yet
  bool gap_ = false;               // something may have changed unheard
  base::Time not_before_;          // of another try
  base::Time opened_at_;
  base::Duration pace_;
  event::Timer again_;
};

}  // namespace dogpipe::bridge::ascent
