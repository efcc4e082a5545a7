// The legs of a Pairing and their servers: made when they are wanted first, left together.
#include <algorithm>
#include <memory>
#include <utility>

#include "bridge/pairing.h"
#include "mcp/revision.h"

namespace dogpipe::bridge {

LegacyRelay& Pairing::legacy_relay() {
  if (legacy_relay_) return *legacy_relay_;
  relay_legacy_server_ = std::make_unique<LegacyServer>(context_);
  if (settings_.policy.override_era == Override::legacy) relay_legacy_server_->expect_legacy();
  LegacyRelay::Events events;
  events.on_idle = [this] { events_.on_idle(); };
  events.on_incompatible = [this] { events_.on_incompatible(); };
  events.on_session = [this] {
    if (known_.era() == ServerEra::unknown) {
      known_.note(ServerEra::legacy, relay_legacy_server_->session().revision());
    }
  };
  events.on_refused = [this](LegacyRelay::Refused refused) { on_refused(std::move(refused)); };
  legacy_relay_ = std::make_unique<LegacyRelay>(context_.loop, *relay_legacy_server_, replies_,
                                                std::move(events));
  return *legacy_relay_;
}

ModernRelay& Pairing::modern_relay() {
  if (modern_relay_) return *modern_relay_;
  relay_modern_server_ = std::make_unique<ModernServer>(context_, settings_.mint);
  modern_relay_ = std::make_unique<ModernRelay>(
      *relay_modern_server_, replies_,
      ModernRelay::Events{[this] { events_.on_idle(); }, [this] { doubt(); }});
  relay_modern_server_->attach(*modern_relay_);
  return *modern_relay_;
}

ascent::Ascent& Pairing::ascent_leg() {
  if (ascent_) return *ascent_;
  ascent_server_ = std::make_unique<ModernServer>(context_, settings_.mint);
  ascent::Ascent::Events events;
  events.on_idle = [this] { events_.on_idle(); };
  events.on_legacy_server = [this](std::vector<HostMessage> given_back) {
    on_legacy_server(std::move(given_back));
  };
  events.on_discovered = [this](std::string_view raw_result) {
    known_.note(ServerEra::modern_only, mcp::kRevision20260728);
    known_.note_discovered(raw_result);
  };
  ascent_ =
      std::make_unique<ascent::Ascent>(context_.loop, *ascent_server_, replies_, settings_.mint,
                                       settings_.server_name, std::move(events));
  ascent_server_->attach(ascent_->listener());
  return *ascent_;
}

descent::Descent& Pairing::descent_leg() {
  if (descent_) return *descent_;
  descent_server_ = std::make_unique<LegacyServer>(context_);
  descent_server_->expect_legacy();
  descent_ = std::make_unique<descent::Descent>(
      context_.loop, *descent_server_, replies_, settings_.mint,
      descent::Descent::Events{[this] { events_.on_idle(); }, [this] { doubt(); }});
  descent_server_->attach(descent_->listener());
  return *descent_;
}

std::vector<Leg*> Pairing::legs() const {
  std::vector<Leg*> made;
  for (Leg* leg : std::initializer_list<Leg*>{legacy_relay_.get(), modern_relay_.get(),
                                              ascent_.get(), descent_.get()}) {
    if (leg != nullptr) made.push_back(leg);
  }
  return made;
}

bool Pairing::idle() const {
  const auto made = legs();
  return undecided_.empty() &&
         std::all_of(made.begin(), made.end(), [](const Leg* leg) { return leg->idle(); });
}

void Pairing::abandon() {
  asking_.reset();
  undecided_.clear();
  for (Leg* leg : legs()) leg->abandon();
}

void Pairing::leave(std::function<void()> done) {
  const auto made = legs();
  const auto left = std::make_shared<std::size_t>(made.size() + 1);
  const auto one_left = [left, done = std::move(done)] {
    if (--*left == 0) done();
  };
  for (Leg* leg : made) leg->leave(one_left);
  one_left();
}

std::string_view Pairing::revision() const {
  if (ascent_ && opened_ == ascent_.get()) return ascent_->revision();
  if (relay_legacy_server_ && !relay_legacy_server_->session().revision().empty()) {
    return relay_legacy_server_->session().revision();
  }
  return modern_host_ ? mcp::kRevision20260728 : std::string_view();
}

}  // namespace dogpipe::bridge
