// A server of the revisions from 2026-07-28 on: every request stands for itself, with header fields
// that repeat what its body says (MCP basic/transports/streamable-http).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "bridge/call.h"
#include "bridge/catalogue.h"
#include "bridge/listen.h"
#include "bridge/mint.h"
#include "bridge/pending.h"
#include "bridge/relist.h"
#include "bridge/server.h"
#include "bridge/server_context.h"
#include "bridge/session.h"
#include "mcp/revision.h"

namespace dogpipe::bridge {

// Requests and notifications must bear the claim of their revision, and no responses may be sent:
// this era has none. Where the server wants other header fields with a call than were sent, its
// tools are listed anew and the call is made again, once.
class ModernServer final : public Server, private Call::Owner, private Listen::Owner {
 public:
  // What the context refers to, and `mint`, must outlive it.
  ModernServer(const ServerContext& context, const Mint& mint);

  // Before anything is sent. Must outlive it.
  void attach(Server::Listener& listener) { listener_ = &listener; }

  void send(Request request) override;
  // Closes the stream, which is how a server hears of it; nothing is sent.
  void cancel(std::string_view raw_id, SharedBytes notification) override;
  bool idle() const override { return pending_.empty() && refused_.empty(); }
  void abandon() override;
  void leave(std::function<void()> done) override { done(); }

 private:
  // A call that the server has refused for its header fields, and the answer in which it did.
  struct Refused {
    Request request;
    base::Bytes answer;
    int status = 0;
  };

  // The calls.
  void on_other_message(Call& call, Message& message) override;
  void on_answer(Call& call, Message& message) override;
  void on_accepted(Call& call) override;
  void on_failure(Call& call, const Failure& failure) override;
  void on_session_lost(Call&) override {}  // they have none
  // The subscriptions.
  void on_listen_message(Listen& listen, Message& message) override;
  void on_listen_answer(Listen& listen, Message& message, int status) override;
  void on_listen_failure(Listen& listen, const Failure& failure) override;

  void submit(Request request);
  mcp::Fields fields_for(const Request& request, std::string_view raw_params);
  void listen(Request request);
  bool wants_other_fields(const Call& call, const Message& message) const;
  void put_aside(Call& call, const Message& message);
  void on_relisted(bool complete);
  void remove(Call& call);
  void remove(Listen& listen);
  void tell_if_idle();

  Session no_session_;
  Upstream upstream_;
  Call::Context context_;
  const Mint& mint_;
  Server::Listener* listener_ = nullptr;
  std::string revision_{mcp::kRevision20260728};  // of the latest request that said it
  Catalogue catalogue_;
  Pending pending_;
  std::unordered_map<std::string, std::unique_ptr<Listen>> listens_;  // by raw id
  std::vector<std::unique_ptr<Listen>> spent_;
  event::Deferred sweep_;
  std::vector<Refused> refused_;                    // wait for relist_
  std::unordered_set<std::string> second_chances_;  // raw ids of calls that are made again
  std::unique_ptr<Relist> relist_;
};

}  // namespace dogpipe::bridge
