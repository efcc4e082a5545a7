#include "bridge/failure.h"

#include <doctest/doctest.h>

#include "rpc/envelope.h"

namespace dogpipe::bridge {
namespace {

TEST_CASE("a failure is one JSON-RPC error, with all that a program needs in its data") {
  Failure failure;
  failure.code = -31007;
  failure.kind = "rate_limited";
  failure.message = "wait \"a\" bit\n";
  failure.retryable = true;
  failure.attempts = 2;
  failure.retry_after = std::chrono::milliseconds(1500);
  failure.http_status = 429;
  CHECK(write_failure("\"a\\n\"", failure) ==
        R"({"jsonrpc":"2.0","id":"a\n","error":{"code":-31007,"message":"wait \"a\" bit\n",)"
        R"("data":{"source":"dogpipe","kind":"rate_limited","retryable":true,"executed":"no",)"
        R"("attempts":2,"requestId":"a\n","retryAfterMs":1500,"httpStatus":429}}})");
}

TEST_CASE("a failure without an id has none") {
  Failure failure;
  failure.code = -31013;
  failure.kind = "shutting_down";
  failure.executed = Executed::unknown;
  const std::string text = write_failure("", failure);
  CHECK(text ==
        R"({"jsonrpc":"2.0","error":{"code":-31013,"message":"","data":{"source":"dogpipe",)"
        R"("kind":"shutting_down","retryable":false,"executed":"unknown","attempts":0}}})");
  CHECK(rpc::scan(text).has_value());
}

TEST_CASE("a refusal names its source") {
  CHECK(write_refusal("1", -32601, "m") ==
        R"({"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"m",)"
        R"("data":{"source":"dogpipe"}}})");
  CHECK(write_refusal("", -32600, "m", R"({"a":1})") ==
        R"({"jsonrpc":"2.0","error":{"code":-32600,"message":"m","data":{"a":1}}})");
}

TEST_CASE("each kind of error has its code") {
  using base::Kind;
  const struct {
    Kind kind;
    int code;
    bool retryable;
  } rows[] = {{Kind::unreachable, -31003, true}, {Kind::tls, -31004, true},
              {Kind::untrusted, -31004, false},  {Kind::proxy, -31005, true},
              {Kind::forbidden, -31005, false},  {Kind::timed_out, -31008, true},
              {Kind::too_large, -31010, false},  {Kind::cut, -31003, true},
              {Kind::cancelled, -31013, true},   {Kind::malformed, -31011, false},
              {Kind::usage, -31011, false},      {Kind::file, -31011, false}};
  for (const auto& row : rows) {
    const Failure failure = read_failure({row.kind, "what"}, Evidence::not_sent);
    CHECK(failure.code == row.code);
    CHECK(failure.retryable == row.retryable);
    CHECK(failure.message == "what");
    CHECK(failure.executed == Executed::no);
    CHECK(failure.timed_out == (row.kind == Kind::timed_out));
  }
}

}  // namespace
}  // namespace dogpipe::bridge
