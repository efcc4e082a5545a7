// The handles that the host has in hand: each stands for a request whose stream is open at the
// server while the host answers what the server asked on it.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>

#include "bridge/mint.h"
#include "event/loop.h"

namespace dogpipe::bridge::descent {

class Parked {
 public:
  // Users take their time, but not for ever.
  static constexpr std::chrono::minutes kPatience{30};
  static constexpr std::size_t kMost = 256;

  // `on_expired` gets the upstream id of a request whose handle is not valid any more: its time is
  // up, or too many came after it.
  using OnExpired = std::function<void(const std::string& upstream_id)>;

  // The loop must outlive it.
  Parked(event::Loop& loop, Mint mint, OnExpired on_expired);

  // The raw `requestState`: a JSON string that nobody can guess.
  std::string park(const std::string& upstream_id);
  // The upstream id behind a raw `requestState`, however it is spelled.
  std::optional<std::string> find(std::string_view raw_state) const;
  // Its handle is not valid any more, silently.
  void forget(std::string_view upstream_id);
  void clear();

 private:
  struct Place {
    std::string state;  // plain
    std::string upstream_id;
    base::Time until;
  };

  void expire();
  void expire_first();
  void start_timer();

  event::Loop& loop_;
  Mint mint_;
  OnExpired on_expired_;
  std::list<Place> places_;  // in the order of time
  event::Timer timer_;
};

}  // namespace dogpipe::bridge::descent
