// One request of the modern wire that takes its time: tools/call, prompts/get, resources/read. Ends
// in a result, in one that wants input, or when the client closes the connection.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "event/http_server.h"
#include "json/reader.h"
#include "sandbox/letter.h"
#include "sandbox/message.h"
#include "sandbox/modern_reply.h"
#include "sandbox/post.h"
#include "sandbox/rounds.h"
#include "sandbox/stream.h"
#include "sandbox/visit.h"
#include "sandbox/work.h"

namespace dogpipe::sandbox {

// How a call's stream breaks: before or after the work is done, with a notification or without.
struct Break {
  bool after = false;
  bool notified = false;
};
std::optional<Break> read_break(std::string_view name);

class ModernCall {
 public:
  ModernCall(Visit visit, Letter letter, Rounds rounds, std::optional<Break> breaks);
  ModernCall(const ModernCall&) = delete;
  ModernCall& operator=(const ModernCall&) = delete;

  // Once.
  void begin(event::HttpAnswer answer);
  // Answered or given up, and nobody listens any more.
  bool over() const { return over_ && (!stream_ || !stream_->attached()); }

 private:
  bool wants_stream() const;
  void open(event::HttpAnswer answer);
  void worked();
  void announce();
  void tell_stray();
  void respond();
  void count();
  void break_off();
  void gone();

  Visit visit_;
  Context& context_;
  Letter letter_;
  json::Value message_;
  json::Value params_;
  json::Value wishes_;
  std::string id_;  // raw JSON
  Rounds rounds_;
  std::optional<Break> breaks_;
  std::unique_ptr<Stream> stream_;
  std::unique_ptr<Post> post_;
  std::unique_ptr<Work> work_;
  bool over_ = false;
};

}  // namespace dogpipe::sandbox
