// The bridge: standard input and output on one side, the MCP endpoint on the other.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "auth/authorizer.h"
#include "bridge/era.h"
#include "bridge/era_store.h"
#include "bridge/mint.h"
#include "bridge/upstream.h"
#include "event/uv_loop.h"
#include "http/client.h"

namespace dogpipe::bridge {

struct Settings {
  Endpoint endpoint;
  std::size_t longest_line = 0;  // bytes, from the host
  bool trust_hints = false;      // this server's word on its tools counts: see replay.h
  EraPolicy eras;
  EraStore* era_store = nullptr;  // must outlive the bridge; null: nothing is kept
  Mint mint;
  std::string server_name;  // what a server is called that does not name itself
  int input_fd = 0;
  int output_fd = 1;
};

// Runs from its making until it stops the loop: run -> drain -> leave -> stop.
class Bridge {
 public:
  // All must outlive it.
  Bridge(event::UvLoop& loop, http::Client& client, auth::Authorizer& authorizer,
         Settings settings);
  ~Bridge();

  // A signal, or the end of the host: answers that are nearly there are waited for, briefly. A
  // second call leaves at once.
  void stop();

  // Whether requests were left without an answer.
  bool lost_work() const;
  // Whether it left because it could not go on: the new session speaks another revision, or
  // standard output cannot be written.
  bool failed() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dogpipe::bridge
