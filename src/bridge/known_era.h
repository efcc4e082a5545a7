// What is known of the server's era: found out now, or by an earlier process.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bridge/era.h"
#include "bridge/era_store.h"
#include "event/loop.h"

namespace dogpipe::bridge {

class KnownEra {
 public:
  // Both must outlive it. Without a store only what this process finds out is known.
  KnownEra(event::Loop& loop, EraStore* store);
  KnownEra(const KnownEra&) = delete;
  KnownEra& operator=(const KnownEra&) = delete;
  ~KnownEra() { save(); }

  ServerEra era();
  // The server has shown which era it is of. `revision` may be empty.
  void note(ServerEra era, std::string_view revision);
  // What was known has proved wrong.
  void forget();
  // The server has answered server/discover.
  void note_discovered(std::string_view raw_result);
  // Such an answer that may still be given out, for want of a newer one.
  const std::optional<Discovered>& discovered();

 private:
  void load();
  void save();
  void change();

  EraStore* store_;
  bool loaded_ = false;
  EraRecord record_;
  bool changed_ = false;
  event::Timer save_;  // a little later: the host has its answer before
};

}  // namespace dogpipe::bridge
