// Requests of a host of 2026-07-28 on their way through an older server.
//
//   begin -> on its way -> answered
//                 | the server asks something on the stream of the request
//              parked: the host has an InputRequiredResult and a handle; the stream stays open
//                 | resume: a request of the host's with the handle and the answers
//              on its way again, under the id of that request
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bridge/descent/hidden_session.h"
#include "bridge/descent/input_request.h"
#include "bridge/descent/legacy_params.h"
#include "bridge/descent/parked.h"
#include "bridge/descent/questions.h"
#include "bridge/failure.h"
#include "bridge/leg.h"
#include "bridge/mint.h"
#include "bridge/replies.h"
#include "bridge/server.h"
#include "event/loop.h"

namespace dogpipe::bridge::descent {

class Passages {
 public:
  // All must outlive it.
  Passages(event::Loop& loop, Server& server, Replies& replies, Mint mint, HiddenSession& session);

  // A request of the host's; the session is open. One with `requestState` goes on with what is
  // parked, the others begin.
  void take(const HostMessage& message, const Claim& claim);
  // The host gives up the request with that id, which is on its way. Whether there is one.
  // `raw_params` are those of its notifications/cancelled.
  bool cancel(std::string_view raw_id, std::string_view raw_params);

  // The server's side. `upstream_id` need not be that of a request of the host's.
  void take_request(std::string_view upstream_id, const Message& message);
  void take_progress(std::string_view upstream_id, Message& message);
  void take_log(std::string_view upstream_id, Message& message);
  void take_cancel(std::string_view upstream_id, std::string_view raw_params);
  void take_answer(const Request& request, const Message& message);
  void take_failure(const Request& request, const Failure& failure);
  // What is parked will not be answered any more.
  void session_gone();

  // How many the host waits for.
  std::size_t on_their_way() const { return by_host_id_.size(); }
  std::size_t parked() const { return by_upstream_id_.size() - by_host_id_.size(); }
  void clear();

 private:
  // None yet, the answer without its beginning, or a failure.
  using Outcome = std::variant<std::monostate, std::string, Failure>;

  struct Passage {
    std::string upstream_id;
    std::string host_id;    // empty: parked
    bool at_server = true;  // which still works on it, or is not told otherwise yet
    std::string method;
    std::string target;  // what is called, got or read
    std::string raw_upstream_token;
    // As the host's latest request of it has them:
    std::string raw_capabilities;
    std::string raw_host_token;
    std::optional<LogDetail> log_detail;

    bool declined = false;  // the host says that the user does not want what was asked last
    Questions questions;
    std::vector<SharedBytes> responses;  // of ours, to the server's questions
    std::optional<Unasked> unasked;      // the last question that the host cannot be asked
    Outcome outcome;                     // if it has ended while it was parked
  };

  void begin(const HostMessage& message, const Claim& claim);
  void resume(const HostMessage& message, const Claim& claim, std::string_view raw_state);
  // The request of the host's that the passage answers from now on.
  void bind(Passage& passage, const HostMessage& message, const Claim& claim);
  void answer_questions(Passage& passage, std::string_view raw_responses);

  void drop_unmet(Passage& passage);

  // The host gets a handle, and all that the server has asked so far.
  void park(Passage& passage);
  void expire(const std::string& upstream_id);
  void stop(Passage& passage, SharedBytes notification = nullptr);
  void stop_lost();

  // The passage is over, now or when the host comes back to it.
  void end(Passage& passage, Outcome outcome);
  void deliver(Passage& passage);
  std::string answer_to(const Passage& passage, const Message& message) const;
  std::string error_to(const Passage& passage, std::string_view raw_error) const;
  void unbind(Passage& passage);
  void erase(Passage& passage);

  SharedBytes respond(std::string text);
  void refuse_server(std::string_view raw_id, int code, std::string_view message);
  void refuse_host(std::string_view raw_id, int code, std::string_view message);
  void tell_log_detail();
  Passage* find(std::string_view upstream_id) const;
  Passage* find_by_token(std::string_view upstream_id, std::string_view raw_token) const;

  Server& server_;
  Replies& replies_;
  Mint mint_;
  HiddenSession& session_;
  std::map<std::string, std::unique_ptr<Passage>, std::less<>> by_upstream_id_;
  std::map<std::string, Passage*, std::less<>> by_host_id_;
  Parked handles_;
  event::Deferred stop_lost_;  // not while the server is busy with its session
};

}  // namespace dogpipe::bridge::descent
