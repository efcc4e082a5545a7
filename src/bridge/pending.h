// The host's messages under way, requests among them by id.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bridge/call.h"
#include "event/loop.h"

namespace dogpipe::bridge {

class Pending {
 public:
  explicit Pending(event::Loop& loop) : sweep_(loop, [this] { spent_.clear(); }) {}

  Call& add(std::unique_ptr<Call> call);
  // The request with exactly that id.
  Call* find(std::string_view raw_id) const;
  // Also one whose id is spelled differently and means the same. Looks at all of them.
  Call* find_same(std::string_view raw_id) const;
  // The call is over. It is destroyed on the next turn, since it may be the one that is speaking.
  void remove(Call& call);

  std::size_t requests() const { return requests_.size(); }
  bool empty() const { return requests_.empty() && others_.empty(); }
  std::vector<Call*> all_requests() const;

 private:
  std::unordered_map<std::string, std::unique_ptr<Call>> requests_;  // by raw id
  std::vector<std::unique_ptr<Call>> others_;                        // notifications, responses
  std::vector<std::unique_ptr<Call>> spent_;
  event::Deferred sweep_;
};

}  // namespace dogpipe::bridge
