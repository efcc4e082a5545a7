// One request of a host up to 2025-11-25 at a server from 2026-07-28 on.
//
// Where the server wants input first, the request stays open to the host, the host is asked, and
// the request goes again with the answers, as a new one to the server (basic/patterns/mrtr). There
// may be several such rounds.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/ascent/input_requests.h"
#include "bridge/ascent/modern_params.h"
#include "bridge/ascent/questions.h"
#include "bridge/leg.h"
#include "bridge/mint.h"
#include "bridge/server.h"
#include "event/loop.h"

namespace dogpipe::bridge::ascent {

class Rounds final : private Questions::Asker {
 public:
  // How often a request goes to the server at most, and how much it may ask at once.
  static constexpr int kMost = 10;
  static constexpr std::size_t kMostQuestions = 64;
  // After "yes" to an elicitation by URL the user is busy elsewhere, and the server is asked again
  // and again: about 20 minutes.
  static constexpr int kMostPolls = 125;

  // All must outlive the rounds.
  struct Context {
    event::Loop& loop;
    Server& server;
    Questions& questions;
    const Mint& mint;
    const Claim& claim;
  };
  class Owner {
   public:
    // The request is with the server, under the new upstream_id().
    virtual void on_sent(Rounds& rounds) = 0;
    // There can be no answer of the server; this is one. The rounds may be destroyed in it.
    virtual void on_refused(Rounds& rounds, std::string_view answer) = 0;

   protected:
    ~Owner() = default;
  };

  // The request must be of the host, its params an object or absent.
  Rounds(const Context& context, Owner& owner, HostMessage&& request);
  Rounds(const Rounds&) = delete;
  Rounds& operator=(const Rounds&) = delete;
  // The server and the host are told of what is still under way, unless it was abandoned.
  ~Rounds();

  std::string_view raw_id() const { return request_.raw_id(); }
  const std::string& method() const { return request_.method; }
  // Empty: not with the server at the moment.
  const std::string& upstream_id() const { return upstream_id_; }

  void start() { send(with_claim(request_.raw_params(), context_.claim)); }
  // The server has spoken; what upstream_id() named is over.
  void answered() { upstream_id_.clear(); }
  // ... and wants input. `raw_result` is on one line.
  void require_input(std::string_view raw_result);
  // Whether the host may see it: progress grows, however many rounds there are (basic/patterns/
  // progress).
  bool advances(std::string_view raw_progress_params);
  // The server is told to stop, the host is not.
  void abandon();

 private:
  void on_reply(std::size_t number, std::optional<std::string_view> raw_result) override;

  void send(std::string raw_params);
  void again();
  void take(InputRequired input);
  std::string objection(const InputRequired& input) const;
  bool too_many(bool poll);
  void ask();
  void pause();
  void settle(std::size_t number, std::string_view raw_result);
  void refuse(std::string_view message);
  bool was_accepted(const InputRequest& request) const;

  const Context& context_;
  Owner& owner_;
  HostMessage request_;
  std::string upstream_id_;
  int sent_ = 0;
  int polls_ = 0;
  double progress_ = 0;
  bool progressed_ = false;

  InputRequired input_;               // of this round
  std::vector<std::string> results_;  // of the host, by number; empty: not yet
  std::size_t open_ = 0;
  std::vector<std::string> accepted_urls_;  // raw params of elicitations
  base::Duration pace_;
  event::Timer timer_;
};

}  // namespace dogpipe::bridge::ascent
