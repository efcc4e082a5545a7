// One tools/call, from its arrival to its result: it may take its time, report progress, log, and
// ask the client things on the way, all as its argument `_sandbox` says.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "event/loop.h"
#include "json/reader.h"
#include "sandbox/context.h"
#include "sandbox/post.h"
#include "sandbox/tool.h"

namespace dogpipe::sandbox {

class Session;

// Whether this request cannot be answered by a plain JSON body.
bool wants_stream(json::Value params, const Quirks& quirks);

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
  void step();
  bool report_progress();
  void log_lines();
  void announce();
  bool ask_next();
  Stream* stream_for_questions();
  void finish();
  std::string result();
  std::string padded(std::size_t bytes) const;

  Context& context_;
  Session& session_;
  std::shared_ptr<const json::Document> document_;
  json::Value params_;
  json::Value wishes_;  // arguments._sandbox
  std::string id_;      // raw JSON
  std::shared_ptr<Post> post_;
  event::Timer timer_;
  int progress_ = 0;
  bool announced_ = false;
  std::size_t questions_ = 0;  // asked so far
  std::string asking_;         // the id of a question without an answer
  std::vector<std::string> answers_;
  bool over_ = false;
};

}  // namespace dogpipe::sandbox
