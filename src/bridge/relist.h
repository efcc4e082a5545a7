// The server's tools, listed anew: it has refused a call for header fields that do not fit, and so
// its schemas are not those that were last seen.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bridge/call.h"
#include "bridge/catalogue.h"
#include "event/loop.h"

namespace dogpipe::bridge {

// ask -> page -> [next page]* -> done. Owning is listing.
class Relist final : private Call::Owner {
 public:
  // Whether all pages came. On a turn of its own; the callee may destroy the Relist.
  using Done = std::function<void(bool complete)>;

  // `raw_meta`: the `_meta` of the call. All but that must outlive it.
  Relist(const Call::Context& context, const Mint& mint, Catalogue& catalogue, std::string raw_meta,
         Done done);

 private:
  void on_other_message(Call&, Message&) override {}
  void on_answer(Call& call, Message& message) override;
  void on_accepted(Call&) override { end(false); }
  void on_failure(Call&, const Failure&) override { end(false); }
  void on_session_lost(Call&) override { end(false); }

  void next();
  void ask();
  void end(bool complete);

  const Call::Context& context_;
  const Mint& mint_;
  Catalogue& catalogue_;
  std::string raw_meta_;
  Done done_;
  int pages_ = 0;
  std::string raw_cursor_;  // of the next page
  std::optional<bool> complete_;
  event::Deferred next_;
  std::unique_ptr<Call> call_;
};

}  // namespace dogpipe::bridge
