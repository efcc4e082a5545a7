// What goes to the host: one message a line, or, for the requests of a batch, an array of answers.
// Here is known what the host waits for, and so each request is answered once.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bridge/assembly.h"
#include "bridge/batch.h"
#include "event/stdio.h"

namespace dogpipe::bridge {

class Leg;

class Replies {
 public:
  // The output must outlive it.
  explicit Replies(event::Output& output) : output_(output) {}

  // The host waits for an answer to that request, which the leg gives.
  void await(std::string_view raw_id, Leg& leg);
  // It is another leg's now.
  void hand_over(std::string_view raw_id, Leg& leg);
  // The request is open for as long as the host wants: it keeps nothing from ending.
  void stand(std::string_view raw_id);
  // The leg that an answer to exactly that id is awaited from, or null.
  Leg* awaited_from(std::string_view raw_id) const;
  // The id as the request has it that means the same; empty if there is none. Looks at all of them.
  std::string_view find_same(std::string_view raw_id) const;
  // How many wait, standing requests aside.
  std::size_t unanswered() const { return waiting_.size() - standing_; }
  bool all_answered() const { return unanswered() == 0; }

  // The server's message, byte for byte, whitespace between the lines of one apart.
  void deliver(Message& message);
  void write_line(std::string_view text);
  // An answer to that request: a whole message, with the request's id in it. A second one is
  // dropped.
  void answer(std::string_view raw_id, Message& message);
  void answer(std::string_view raw_id, std::string_view text);
  // An answer to a request that nobody has awaited.
  void answer_at_once(std::string_view raw_id, std::string_view text);
  // The host does not want an answer to that request any more.
  void withhold(std::string_view raw_id);
  // ... to any request that is still open.
  void withhold_all();

  // Answers from here on, to requests that are gathered, come in one array.
  void begin_batch() { batch_ = batches_.begin(); }
  void gather(std::string_view raw_id) { batches_.expect(batch_, raw_id); }
  void add_to_batch(std::string_view answer) { batch_->add_answer(answer); }
  void end_batch();

 private:
  struct Waiting {
    Leg* leg;
    bool standing = false;
  };

  bool settle(std::string_view raw_id);

  event::Output& output_;
  std::unordered_map<std::string, Waiting> waiting_;  // by raw id
  std::size_t standing_ = 0;
  Batches batches_;
  std::shared_ptr<Batches::Batch> batch_;  // the one that is being taken apart
};

}  // namespace dogpipe::bridge
