// What the host is told when the bridge, not the server, answers a request.
//
// Texts are ours: nothing that a server or proxy wrote enters them, since a model may read them.
// Host names, numbers and the cleaned names of a certificate are all that varies.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "auth/authorizer.h"
#include "base/error.h"
#include "bridge/replay.h"

namespace dogpipe::bridge {

struct Failure {
  int code = 0;           // mcp/codes.h
  std::string_view kind;  // a word for programs: "network", "tls", ...
  std::string message;    // for people: what happened, what to do
  bool retryable = false;
  bool timed_out = false;  // our patience ended, not the server's work: it is told to stop
  Executed executed = Executed::no;
  int attempts = 0;
  std::optional<std::chrono::milliseconds> retry_after;
  std::optional<int> http_status;
  std::string url;            // where the user can sign in
  std::string login_command;  // that does the same
};

// The failure that an Error of the network or of a message is.
Failure read_failure(const base::Error& error, Evidence evidence);

// What keeps a request from being made: nobody is signed in.
Failure read_failure(const auth::Impediment& impediment);

// The error response for the request with that raw id, as one line without its end.
std::string write_failure(std::string_view raw_id, const Failure& failure);

// Answers to requests that never reach a server. `raw_data` may be empty.
std::string write_refusal(std::string_view raw_id, int code, std::string_view message,
                          std::string_view raw_data = {});

}  // namespace dogpipe::bridge
