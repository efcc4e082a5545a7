// What goes to the host: one message a line, or, for the requests of a batch, an array of answers.
#pragma once

#include <memory>
#include <string_view>

#include "bridge/assembly.h"
#include "bridge/batch.h"
#include "bridge/session.h"
#include "event/stdio.h"

namespace dogpipe::bridge {

class Replies {
 public:
  // Both must outlive it.
  Replies(event::Output& output, const Session& session) : output_(output), session_(session) {}

  // The server's message, byte for byte, whitespace between the lines of one apart.
  void deliver(Message& message);
  // The same, as the answer to that request.
  void answer(std::string_view raw_id, Message& message);
  void answer(std::string_view raw_id, std::string_view text);
  // The host does not want an answer to that request any more.
  void withhold(std::string_view raw_id);
  // An error about a message that has no id to answer to. Only newer hosts can take that.
  void complain(std::string_view text);
  void write_line(std::string_view text);

  // Answers from here on, to requests that are expected, are gathered in one array.
  void begin_batch() { batch_ = batches_.begin(); }
  void expect(std::string_view raw_id) { batches_.expect(batch_, raw_id); }
  void add_to_batch(std::string_view answer) { batch_->add_answer(answer); }
  void end_batch();

 private:
  event::Output& output_;
  const Session& session_;
  Batches batches_;
  std::shared_ptr<Batches::Batch> batch_;  // the one that is being taken apart
};

}  // namespace dogpipe::bridge
