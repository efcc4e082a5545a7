// Who is in front and who is behind: chooses the leg that carries each message of the host.
//
// A host's era shows in each of its messages, a server's in how it answers. What is not known is
// found out by one server/discover while the host's messages wait, except that a host that opens
// with initialize is not kept waiting where the server is expected to do the same.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/ascent/ascent.h"
#include "bridge/descent/descent.h"
#include "bridge/era.h"
#include "bridge/known_era.h"
#include "bridge/leg.h"
#include "bridge/legacy_relay.h"
#include "bridge/legacy_server.h"
#include "bridge/mint.h"
#include "bridge/modern_relay.h"
#include "bridge/modern_server.h"
#include "bridge/probe.h"
#include "bridge/replies.h"
#include "bridge/server_context.h"

namespace dogpipe::bridge {

class Pairing final : public Leg {
 public:
  struct Settings {
    EraPolicy policy;
    EraStore* store = nullptr;  // null: nothing is kept
    Mint mint;
    std::string server_name;  // for a server that does not name itself
  };
  struct Events {
    std::function<void()> on_idle;
    std::function<void()> on_incompatible;  // only a restart by the host helps
  };

  // The replies and the store must outlive it.
  Pairing(const ServerContext& context, Replies& replies, Settings settings, Events events);

  void take_request(HostMessage&& message) override;
  void take_notification(HostMessage&& message) override;
  void take_response(HostMessage&& message) override;
  void cancel(std::string_view raw_id, HostMessage&& notification) override;
  bool idle() const override;
  void abandon() override;
  void leave(std::function<void()> done) override;

  // What a host that opens with initialize has been told, or the newest it speaks; empty before
  // that.
  std::string_view revision() const;

 private:
  using Means = ProbeFinding::Means;

  // One server/discover, and what it is for.
  struct Asking {
    std::string raw_id;  // of the host's own server/discover, if that is what was sent
    EraProbe::SignIn sign_in = EraProbe::SignIn::never;
    bool undecided = true;  // the era is not known without it
    std::unique_ptr<EraProbe> probe;
  };

  // The legs, made when they are wanted first.
  LegacyRelay& legacy_relay();
  ModernRelay& modern_relay();
  ascent::Ascent& ascent_leg();
  descent::Descent& descent_leg();
  std::vector<Leg*> legs() const;

  void dispatch(HostMessage&& message);
  void dispatch_request(HostMessage&& message);
  void hand(HostMessage&& request, Leg& leg);
  bool waits_behind_probe(const HostMessage& message) const;

  void ask(HostMessage&& message, EraProbe::SignIn sign_in);
  void on_probed(const EraProbe::Report& report);
  void note(const EraProbe::Report& report);
  void go_without_verdict(HostMessage&& message, EraProbe::SignIn sign_in,
                          const std::optional<auth::Impediment>& impediment);
  // A verdict that has proved wrong is found out anew with the next request that depends on it.
  void doubt();
  void decline_discover(const HostMessage& message);
  void answer_with(std::string_view raw_id, Message& answer);

  void on_refused(LegacyRelay::Refused refused);
  void on_legacy_server(std::vector<HostMessage> given_back);
  void start_over(std::vector<HostMessage> messages);
  void give_up(std::vector<HostMessage> given_back);

  ServerContext context_;
  Replies& replies_;
  Settings settings_;
  Events events_;
  KnownEra known_;

  std::deque<HostMessage> undecided_;  // wait for the probe, in the host's order
  std::optional<Asking> asking_;
  std::optional<base::Time> judged_;  // when a probe of ours brought the verdict

  // What has become of the present initialize, should it be refused once more.
  bool older_refused_ = false;
  bool newer_refused_ = false;
  std::string refusal_;  // the server's, for the host

  Leg* opened_ = nullptr;  // the leg of a host that has opened with initialize
  bool modern_host_ = false;
  std::unique_ptr<LegacyServer> relay_legacy_server_;
  std::unique_ptr<LegacyRelay> legacy_relay_;
  std::unique_ptr<ModernServer> relay_modern_server_;
  std::unique_ptr<ModernRelay> modern_relay_;
  std::unique_ptr<ModernServer> ascent_server_;
  std::unique_ptr<ascent::Ascent> ascent_;
  std::unique_ptr<LegacyServer> descent_server_;
  std::unique_ptr<descent::Descent> descent_;
};

}  // namespace dogpipe::bridge
