// May a request be sent again? The whole answer, as a function of what is known.
//
// A tool call that a server may have carried out is never sent a second time unless the tool says
// that this does no harm. Everything else follows from how sure we are that the server has not seen
// the request.
#pragma once

#include <cstdint>
#include <string_view>

namespace dogpipe::bridge {

// What sending a request twice can do.
enum class Safety : std::uint8_t {
  repeatable,  // nothing: it only reads, or says the same again
  once,  // possibly something: tool calls without a hint, unknown methods, notifications, responses
};

// What a tool has said of itself in the latest tools/list (ToolAnnotations).
struct ToolHints {
  bool read_only = false;
  bool idempotent = false;
};

// `hints` matter for tools/call alone, and must come from a server whose word counts.
Safety safety_of(std::string_view method, const ToolHints& hints);

// How an attempt ended, as far as it tells what the server has seen.
enum class Evidence : std::uint8_t {
  not_sent,  // no byte of the body has left: DNS, TCP, TLS, proxy, an idle connection that was dead
  refused,   // surely not carried out: 401, 429, 421, a lost session, 503 with a JSON-RPC body
  unclear,   // the body was sent, then a reset, an end, a time-out, 500, 502, 504, 503 or 404 in
             // HTML
  partial,   // its event stream broke off
  unwanted,  // cancelled, or the client or we are leaving
  conclusive,  // the server has spoken, and would say the same again
};

struct Attempted {
  Safety safety = Safety::once;
  Evidence evidence = Evidence::unclear;
  int attempts = 1;         // made so far, this one included
  int repairs = 0;          // attempts that were made after a refusal
  bool can_resume = false;  // the stream had an event id, and its revision resumes by GET
  bool forwarded = false;   // something of the stream has reached the client
};

enum class Next : std::uint8_t {
  again_later,         // the same bytes, after a pause
  again_after_repair,  // the same bytes, once what the server objected to is mended
  resume,              // GET with Last-Event-ID
  give_up,
};

Next decide(const Attempted& attempted);

// What a client may be told of a request that was given up.
enum class Executed : std::uint8_t { no, unknown };
Executed executed(Evidence evidence);

// Limits retries of the whole process, so that many requests to a failing server do not multiply:
// ten at once, then one for ten successes.
class RetryBudget {
 public:
  // Whether a retry may be made; takes it from the budget.
  bool take();
  void success();

 private:
  // In tenths of a retry: sums of 0.1 are not exact.
  static constexpr int kRetry = 10;
  static constexpr int kMost = 10 * kRetry;
  int tenths_ = kMost;
};

}  // namespace dogpipe::bridge
