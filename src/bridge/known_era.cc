#include "bridge/known_era.h"

#include <chrono>
#include <utility>

namespace dogpipe::bridge {
namespace {

constexpr std::chrono::milliseconds kSaveAfter{100};

std::int64_t seconds_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

}  // namespace

KnownEra::KnownEra(event::Loop& loop, EraStore* store)
    : store_(store), save_(loop, [this] { save(); }) {}

ServerEra KnownEra::era() {
  load();
  return record_.era;
}

const std::optional<Discovered>& KnownEra::discovered() {
  load();
  return record_.discovered;
}

// Once, and only when somebody wants to know.
void KnownEra::load() {
  if (std::exchange(loaded_, true) || store_ == nullptr) return;
  if (auto stored = store_->load()) record_ = std::move(*stored);
}

void KnownEra::note(ServerEra era, std::string_view revision) {
  load();
  if (record_.era == era && record_.revision == revision) return;
  record_.era = era;
  record_.revision = revision;
  record_.when = seconds_now();
  change();
}

void KnownEra::forget() {
  note(ServerEra::unknown, {});
  if (std::exchange(record_.discovered, std::nullopt)) change();
}

void KnownEra::note_discovered(std::string_view raw_result) {
  load();
  auto discovered = read_discovered(raw_result, seconds_now());
  if (discovered == record_.discovered) return;
  record_.discovered = std::move(discovered);
  change();
}

void KnownEra::change() {
  changed_ = true;
  save_.start(kSaveAfter);
}

void KnownEra::save() {
  if (std::exchange(changed_, false) && store_ != nullptr) store_->save(record_);
}

}  // namespace dogpipe::bridge
