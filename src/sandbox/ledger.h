// What the sandbox has done, for tests to ask.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace dogpipe::sandbox {

struct Ledger {
  std::map<std::string, int> calls;     // nonce -> how often a tools/call with it was executed
  std::map<std::string, int> requests;  // JSON-RPC method, or "response" -> how often received
  std::map<std::string, int> http;      // "POST", "GET", "DELETE" on the endpoint -> how often
  std::map<std::string, int> statuses;  // HTTP status of what was refused -> how often
  int sessions_opened = 0;
  int sessions_ended = 0;  // by DELETE
  int sessions_killed = 0;
  int open_streams = 0;
  int resumed_streams = 0;
  int cancelled = 0;
  int posts_without_version = 0;
  std::string last_post;  // the body, byte for byte
  std::map<std::string, std::string> last_fields;

  std::string calls_json() const;
  std::string stats_json() const;
};

}  // namespace dogpipe::sandbox
