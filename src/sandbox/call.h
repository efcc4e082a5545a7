// One request of a session that takes its time, from its arrival to its response: it may report
// progress, log, and ask the client things on the way, all as its argument `_sandbox` says.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "event/loop.h"
#include "json/reader.h"
#include "sandbox/context.h"
#include "sandbox/message.h"
#include "sandbox/post.h"
#include "sandbox/question.h"
#include "sandbox/work.h"

namespace dogpipe::sandbox {

class Session;

class Call {
 public:
  // `request` is a view into `document`. `post` is shared with the other requests of a batch.
  Call(Context& context, Session& session, std::shared_ptr<const json::Document> document,
       json::Value request, std::shared_ptr<Post> post);
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call();

  const std::string& id() const { return id_; }
  bool over() const { return over_; }
  void begin();
  // No response follows.
  void cancel();

 private:
  void worked();
  void announce();
  // On the GET's stream, if it shall be and there is one, or on the call's own.
  void tell(const std::string& json, bool on_get);
  bool refuses_for_url();
  std::string refusal_key() const;
  void ask_on();
  void ask(const Question& question);
  Stream* stream_for_questions();
  void complete_url();
  void answered(std::size_t place, const json::Value& response);
  void finish(const Outcome& outcome);
  void forget_questions();

  Context& context_;
  Session& session_;
  std::shared_ptr<const json::Document> document_;
  std::string method_;
  json::Value params_;
  json::Value wishes_;  // arguments._sandbox
  std::string id_;      // raw JSON
  std::shared_ptr<Post> post_;
  Work work_;
  event::Timer turn_;  // after the last answer of a round
  std::vector<Round> rounds_;
  std::size_t round_ = 0;          // the next one
  std::set<std::string> waiting_;  // ids of questions without an answer
  std::vector<std::string> answers_;
  bool over_ = false;
};

}  // namespace dogpipe::sandbox
