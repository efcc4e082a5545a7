// Streamable HTTP of the revision 2026-07-28: every POST stands for itself; there are no sessions,
// and nothing is remembered between two of them.
#pragma once

#include <list>
#include <memory>
#include <optional>

#include "event/http_server.h"
#include "json/reader.h"
#include "sandbox/context.h"
#include "sandbox/gate.h"
#include "sandbox/letter.h"
#include "sandbox/modern_call.h"
#include "sandbox/reception.h"
#include "sandbox/seal.h"
#include "sandbox/subscription.h"

namespace dogpipe::sandbox {

class ModernWire {
 public:
  // Both outlive it.
  ModernWire(Context& context, Reception& reception);

  void post(const event::HttpRequest& request, const Caller& caller, const Letter& letter,
            event::HttpAnswer answer);

  // Every listen stream: with a result, or as if the connection broke.
  void end_listens();
  void kill_listens();

 private:
  void serve(Visit visit, const event::HttpRequest& request, const Letter& letter,
             event::HttpAnswer answer);
  void take_time(Visit visit, const Letter& letter, event::HttpAnswer answer);
  void answer_now(const Visit& visit, json::Value message, event::HttpAnswer answer);
  void listen(json::Value message, event::HttpAnswer answer);
  void reply(std::string body, int status, event::HttpAnswer answer);
  std::optional<Break> next_break(json::Value message);
  void note_violations(const event::HttpRequest& request, const Letter& letter);
  void sweep();

  Context& context_;
  Reception& reception_;
  Seal seal_;
  base::Time began_;
  int broken_ = 0;  // calls, by the switch
  std::list<std::unique_ptr<ModernCall>> calls_;
  std::list<std::unique_ptr<Subscription>> subscriptions_;
};

}  // namespace dogpipe::sandbox
