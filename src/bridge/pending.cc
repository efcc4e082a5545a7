#include "bridge/pending.h"

#include <algorithm>
#include <utility>

#include "rpc/id.h"

namespace dogpipe::bridge {

Call& Pending::add(std::unique_ptr<Call> call) {
  Call& added = *call;
  if (added.raw_id().empty()) {
    others_.push_back(std::move(call));
  } else {
    requests_.emplace(added.raw_id(), std::move(call));
  }
  return added;
}

Call* Pending::find(std::string_view raw_id) const {
  const auto at = requests_.find(std::string(raw_id));
  return at == requests_.end() ? nullptr : at->second.get();
}

Call* Pending::find_same(std::string_view raw_id) const {
  if (Call* exact = find(raw_id)) return exact;
  for (const auto& [id, call] : requests_) {
    if (rpc::same_id(id, raw_id)) return call.get();
  }
  return nullptr;
}

void Pending::remove(Call& call) {
  if (const auto at = requests_.find(call.raw_id()); at != requests_.end()) {
    spent_.push_back(std::move(at->second));
    requests_.erase(at);
  } else {
    const auto other = std::find_if(others_.begin(), others_.end(),
                                    [&](const auto& one) { return one.get() == &call; });
    if (other == others_.end()) return;
    spent_.push_back(std::move(*other));
    others_.erase(other);
  }
  sweep_.schedule();
}

std::vector<Call*> Pending::all_requests() const {
  std::vector<Call*> all;
  for (const auto& [id, call] : requests_) all.push_back(call.get());
  return all;
}

}  // namespace dogpipe::bridge
