// Streamable HTTP of the revisions 2025-03-26 to 2025-11-25 (basic/transports): initialize,
// sessions, streams that can be resumed, requests of the server.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "event/http_server.h"
#include "json/reader.h"
#include "sandbox/context.h"
#include "sandbox/gate.h"
#include "sandbox/letter.h"
#include "sandbox/reception.h"
#include "sandbox/session.h"

namespace dogpipe::sandbox {

class LegacyWire {
 public:
  // Both outlive it.
  LegacyWire(Context& context, Reception& reception);

  void post(const event::HttpRequest& request, const Caller& caller, Letter letter,
            event::HttpAnswer answer);
  void get(const event::HttpRequest& request, event::HttpAnswer answer);
  void end(const event::HttpRequest& request, event::HttpAnswer answer);  // DELETE

  void kill_sessions();
  // Asks on every GET's stream, without a call; the answers go into the ledger.
  void ask(Ask what);

 private:
  // The session that a request names, or a refusal.
  Session* find_session(const event::HttpRequest& request, event::HttpReply& refusal);
  Session& open_session(const event::HttpRequest& request, json::Value initialize,
                        const std::string& id);
  bool unknown_version(const event::HttpRequest& request) const;
  Session& passing_session(const event::HttpRequest& request);
  void initialize(const event::HttpRequest& request, Letter letter, event::HttpAnswer answer);
  void begin(const event::HttpRequest& request, const Letter& letter, event::HttpAnswer answer);
  void serve(Session& session, const Letter& letter, event::HttpAnswer answer);
  std::shared_ptr<Post> make_post(Session& session, const Letter& letter, event::HttpAnswer answer);
  void change(const Change& change, const Session* told);
  void sweep();
  void note_violations(const event::HttpRequest& request, const Letter& letter);

  Context& context_;
  Reception& reception_;
  std::map<std::string, std::unique_ptr<Session>, std::less<>> sessions_;
  int sessions_opened_ = 0;
};

}  // namespace dogpipe::sandbox
