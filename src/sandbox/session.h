// One session of a client, from initialize until its DELETE or its death.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "json/reader.h"
#include "sandbox/abilities.h"
#include "sandbox/call.h"
#include "sandbox/context.h"
#include "sandbox/organization.h"
#include "sandbox/stream.h"
#include "sandbox/visit.h"

namespace dogpipe::sandbox {

class Session {
 public:
  using OnAnswer = std::function<void(json::Value response)>;

  Session(Context& context, std::string id, int number, std::string version,
          const ClientAbilities& abilities, Selection selection);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const std::string& id() const { return id_; }
  const std::string& version() const { return version_; }
  const ClientAbilities& abilities() const { return abilities_; }
  const Selection& selection() const { return selection_; }
  int& requests() { return requests_; }
  // Of a server that gives no sessions: it serves one POST, and nobody can be asked.
  bool stateless() const { return stateless_; }
  void set_stateless(bool on) { stateless_ = on; }
  // Nothing is under way, and nobody listens.
  bool idle() const;

  Visit visit() const;

  // Of whom the latest request came.
  const Organization*& organization() { return organization_; }
  std::string& log_level() { return log_level_; }
  std::set<std::string>& subscriptions() { return subscriptions_; }

  // A new stream, of a POST or a GET.
  Stream& open_stream(int cut_after, bool prime);
  Stream* find_stream(std::string_view id);
  // The stream of the latest GET, if its client is still there.
  Stream* listening();
  void listen_on(Stream& stream) { listening_ = stream.id(); }

  // Sends a request to the client on `stream`; the answer comes by a POST of its own. Returns the
  // id, with which the asker can stop to wait; it must, before it goes.
  std::string ask(Stream& stream, std::string_view method, std::string_view params_json,
                  OnAnswer told);
  void forget(const std::string& question) { waiting_.erase(question); }
  // Whether somebody waits for this response.
  bool answered(json::Value response);

  void respond_later(std::shared_ptr<Post> post, std::string reply, base::Duration delay);
  void begin_call(std::unique_ptr<Call> call);
  // Whether a call with this id (raw JSON) was running.
  bool cancel_call(std::string_view id);

 private:
  void sweep();

  Context& context_;
  std::string id_;
  int number_;
  std::string version_;
  ClientAbilities abilities_;
  Selection selection_;
  base::Time began_;
  int requests_ = 0;
  bool stateless_ = false;
  std::size_t delayed_ = 0;  // responses
  const Organization* organization_ = kOrganizations.data();
  std::string log_level_ = "info";
  std::set<std::string> subscriptions_;
  int streams_opened_ = 0;
  std::map<std::string, std::unique_ptr<Stream>, std::less<>> streams_;
  std::string listening_;
  int asked_ = 0;
  std::map<std::string, OnAnswer, std::less<>> waiting_;
  std::list<std::unique_ptr<Call>> calls_;  // before the streams that they speak on
  Later later_;
};

}  // namespace dogpipe::sandbox
