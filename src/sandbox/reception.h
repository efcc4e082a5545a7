// What every POST meets before a wire looks into it: it is recorded, its body sorted, planned
// faults spoil it, and the rate and the scope of the caller are held against it.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "event/http_server.h"
#include "sandbox/context.h"
#include "sandbox/faults.h"
#include "sandbox/gate.h"
#include "sandbox/letter.h"

namespace dogpipe::sandbox {

class Reception {
 public:
  explicit Reception(Context& context) : context_(context) {}

  // Nothing: `answer` has been used, or spoiled.
  std::optional<Letter> receive(event::HttpRequest& request, event::HttpAnswer& answer);
  // Executions of the calls that have a nonce.
  void count_calls(const Letter& letter) const;
  void refuse(event::HttpAnswer answer, event::HttpReply reply) const;
  static void accept(event::HttpAnswer answer);

 private:
  event::HttpReply unreadable(const base::Error& error) const;
  void record(const Letter& letter);
  const Fault* fault_for(const Letter& letter);
  void spoil(const Fault& fault, const Letter& letter, event::HttpAnswer answer);
  bool over_rate(std::size_t calls);
  event::HttpReply too_many_requests() const;

  Context& context_;
  int posts_ = 0;
  std::map<std::string, int, std::less<>> seen_;  // by method, for planned faults
  std::deque<base::Time> calls_;                  // recent ones, for the rate limit
};

// 403, where the caller may not call tools.
Refusal forbid_calls(const Quirks& quirks, const Caller& caller, const Letter& letter);

}  // namespace dogpipe::sandbox
