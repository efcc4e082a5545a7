// The MCP endpoint: Streamable HTTP of the revisions 2025-03-26 to 2025-11-25 (basic/transports).
// Start reading here.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/http_server.h"
#include "json/reader.h"
#include "sandbox/context.h"
#include "sandbox/faults.h"
#include "sandbox/gate.h"
#include "sandbox/letter.h"
#include "sandbox/oauth_server.h"
#include "sandbox/session.h"

namespace dogpipe::sandbox {

class McpServer {
 public:
  explicit McpServer(Context& context) : context_(context), oauth_(context) {}

  // Any request to any path of the MCP host.
  void serve(event::HttpRequest request, event::HttpAnswer answer);
  // Of the app host.
  void serve_app(const event::HttpRequest& request, event::HttpAnswer answer);

 private:
  void serve_tests(const event::HttpRequest& request, event::HttpAnswer answer);
  void serve_post(event::HttpRequest request, const Caller& caller, event::HttpAnswer answer);
  void serve_get(const event::HttpRequest& request, event::HttpAnswer answer);
  void serve_delete(const event::HttpRequest& request, event::HttpAnswer answer);

  void refuse(event::HttpAnswer answer, event::HttpReply reply);
  void accept(event::HttpAnswer answer);
  // The session that a request names, or a refusal.
  Session* find_session(const event::HttpRequest& request, event::HttpReply& refusal);
  bool over_rate(std::size_t calls);
  event::HttpReply too_many_requests() const;

  const Fault* fault_for(const Letter& letter);
  void spoil(const Fault& fault, const Letter& letter, event::HttpAnswer answer);
  void record(const Letter& letter);
  void count_calls(const Letter& letter);

  void initialize(const event::HttpRequest& request, Letter letter, event::HttpAnswer answer);
  void open_session(const event::HttpRequest& request, const Letter& letter,
                    event::HttpAnswer answer);
  void take_answers(Session& session, const Letter& letter);
  void answer_requests(Session& session, const Letter& letter, event::HttpAnswer answer);
  std::shared_ptr<Post> make_post(Session& session, const Letter& letter, event::HttpAnswer answer);
  void kill_sessions();

  Refusal forbid(const Caller& caller, const Letter& letter) const;

  Context& context_;
  OAuthServer oauth_;
  std::map<std::string, std::unique_ptr<Session>, std::less<>> sessions_;
  int sessions_opened_ = 0;
  int posts_ = 0;
  std::map<std::string, int, std::less<>> seen_;  // by method, for planned faults
  std::deque<base::Time> calls_;                  // recent ones, for the rate limit
};

}  // namespace dogpipe::sandbox
