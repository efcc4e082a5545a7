// What the sandbox has done, for tests to ask.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "event/http_message.h"

namespace dogpipe::sandbox {

// Of the sign-in. Secrets stay out of what is kept of requests.
struct OAuthLedger {
  using Parameters = std::map<std::string, std::string>;

  int discoveries = 0;  // requests for metadata, found or not
  int registrations = 0;
  int authorizations = 0;  // a browser has opened the authorization endpoint
  int codes_exchanged = 0;
  int refreshes = 0;  // requests, granted or not
  int refreshes_granted = 0;
  int refresh_reuse = 0;  // of a refresh token that had been spent
  int revocations = 0;
  int device_polls = 0;
  int unexpected = 0;  // requests to paths that do not exist
  std::vector<std::string> discovery_paths;
  std::vector<std::string> unexpected_paths;
  Parameters last_authorization;
  Parameters last_token_request;
  std::string last_registration;  // the body
};

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
  int input_rounds = 0;  // results that want input
  int listens = 0;       // streams of subscriptions/listen, ever
  int open_listens = 0;
  // Of requests that take their time on the modern wire.
  int works_begun = 0;
  int works_done = 0;
  int works_stopped = 0;                  // by a client that closed the stream
  std::map<std::string, int> violations;  // what a client must not do, but no refusal tells it
  std::vector<std::string> answers;       // to what tests had asked out of turn, as JSON
  std::string last_post;                  // the body, byte for byte
  // The latest requests to the endpoint, without credentials; of a long body the beginning.
  std::deque<event::HttpRequest> journal;
  std::map<std::string, std::string> last_fields;
  OAuthLedger oauth;

  // Whether `key` is new.
  bool first_time(const std::string& key) { return seen_.insert(key).second; }
  void note(const event::HttpRequest& request);

  std::string calls_json() const;
  std::string stats_json() const;
  std::string journal_json() const;

 private:
  std::set<std::string> seen_;
};

}  // namespace dogpipe::sandbox
