// What an older server has asked on the stream of one request, and the host has not answered.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/descent/input_request.h"

namespace dogpipe::bridge::descent {

class Questions {
 public:
  static constexpr std::size_t kMost = 64;

  // A response to one of them, for the server.
  struct Answer {
    std::string raw_id;  // the server's
    std::string raw_result;
  };
  // One that the host cannot be asked.
  struct Refused {
    std::string raw_id;
    Unasked why;
  };

  bool empty() const { return questions_.empty(); }
  bool full() const { return questions_.size() >= kMost; }
  bool has(std::string_view raw_id) const;
  void add(std::string_view raw_id, std::string_view method, std::string_view raw_params);
  // The server does not want to know any more.
  void withdraw(std::string_view raw_id);
  void clear() { questions_.clear(); }
  std::vector<std::string> raw_ids() const;

  // `inputRequests` (MCP 2026-07-28, basic/patterns/mrtr).
  std::string write() const;
  // Whether `inputResponses` is an object, and what it has on these questions, too.
  bool well_answered(std::string_view raw_responses) const;
  // Those that it answers leave. So do, below, those that a client cannot be asked.
  std::vector<Answer> take_answered(std::string_view raw_responses);
  std::vector<Refused> take_unmet(std::string_view raw_capabilities);

 private:
  struct Question {
    std::string raw_id;
    std::string key;
    std::string raw_input_request;
  };

  std::vector<Question> questions_;
  std::size_t asked_ = 0;  // how many there have been: no two have the same key
};

}  // namespace dogpipe::bridge::descent
