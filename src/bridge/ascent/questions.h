// Requests of the bridge to the host. They have ids that nobody can guess, and each is answered
// once or taken back.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "bridge/leg.h"
#include "bridge/mint.h"
#include "bridge/replies.h"

namespace dogpipe::bridge::ascent {

class Questions {
 public:
  class Asker {
   public:
    // The host's answer to the question of that number: the raw result, or nothing where it was an
    // error. The asker may be destroyed in it.
    virtual void on_reply(std::size_t number, std::optional<std::string_view> raw_result) = 0;

   protected:
    ~Asker() = default;
  };

  // Both must outlive it.
  Questions(Replies& replies, const Mint& mint) : replies_(replies), mint_(mint) {}

  // The asker must live until the answer, withdraw() or forget(). `raw_params` may be empty.
  void ask(Asker& asker, std::size_t number, std::string_view method, std::string_view raw_params);
  // What the asker has asked needs no answer any more: the host is told.
  void withdraw(const Asker& asker);
  // ... is not told.
  void forget(const Asker& asker);
  // A response of the host. One that nobody waits for is dropped.
  void take(const HostMessage& response);

  bool empty() const { return asked_.empty(); }

 private:
  struct Question {
    Asker* asker;
    std::size_t number;
  };
  using Asked = std::unordered_map<std::string, Question>;  // by raw id

  Asked::iterator find(std::string_view raw_id);

  Replies& replies_;
  const Mint& mint_;
  Asked asked_;
};

}  // namespace dogpipe::bridge::ascent
