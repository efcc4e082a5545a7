#include "bridge/descent/parked.h"

#include <algorithm>
#include <utility>

#include "rpc/text.h"

namespace dogpipe::bridge::descent {

Parked::Parked(event::Loop& loop, Mint mint, OnExpired on_expired)
    : loop_(loop),
      mint_(std::move(mint)),
      on_expired_(std::move(on_expired)),
      timer_(loop, [this] { expire(); }) {}

std::string Parked::park(const std::string& upstream_id) {
  if (places_.size() == kMost) expire_first();
  std::string raw_state = mint_();
  places_.push_back(
      {rpc::string_value(raw_state).value_or(raw_state), upstream_id, loop_.now() + kPatience});
  if (!timer_.running()) start_timer();
  return raw_state;
}

std::optional<std::string> Parked::find(std::string_view raw_state) const {
  const auto state = rpc::string_value(raw_state);
  const auto at = std::find_if(places_.begin(), places_.end(),
                               [&](const Place& place) { return state == place.state; });
  return at == places_.end() ? std::nullopt : std::optional(at->upstream_id);
}

void Parked::forget(std::string_view upstream_id) {
  std::erase_if(places_, [&](const Place& place) { return place.upstream_id == upstream_id; });
  if (places_.empty()) timer_.stop();
}

void Parked::clear() {
  places_.clear();
  timer_.stop();
}

void Parked::expire() {
  while (!places_.empty() && places_.front().until <= loop_.now()) expire_first();
  start_timer();
}

void Parked::expire_first() {
  const std::string upstream_id = std::move(places_.front().upstream_id);
  places_.pop_front();
  on_expired_(upstream_id);
}

// It may be due before the first place is, where that has left: expire() looks.
void Parked::start_timer() {
  timer_.stop();
  if (!places_.empty()) timer_.start(places_.front().until - loop_.now());
}

}  // namespace dogpipe::bridge::descent
