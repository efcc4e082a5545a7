#include "bridge/verdict.h"

#include <doctest/doctest.h>

#include <string>

#include "rpc/envelope.h"

namespace dogpipe::bridge {
namespace {

using Means = Verdict::Means;
using std::chrono::seconds;

constexpr std::string_view kOwnAnswer =
    R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"m"}})";
constexpr std::string_view kNullAnswer =
    R"({"jsonrpc":"2.0","id":null,"error":{"code":-32602,"message":"m"}})";
constexpr std::string_view kOtherAnswer =
    R"({"jsonrpc":"2.0","id":2,"error":{"code":-32602,"message":"m"}})";
constexpr std::string_view kUnknownMethod =
    R"({"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"m"}})";
constexpr std::string_view kNoSession =
    R"({"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"No valid Session ID"}})";

// What an exchange hands over for that status and body.
Outcome outcome_of(int status, std::string_view body) {
  Outcome outcome;
  outcome.status = status;
  outcome.body_left = true;
  outcome.error_body = body;
  if (body.substr(0, 1) == "<") {
    outcome.media_type = "text/html";
  } else if (body.substr(0, 1) == "{") {
    outcome.media_type = "application/json";
    if (const rpc::Scanned scanned = rpc::scan(body)) {
      Message message;
      message.owned = base::Bytes(body);
      message.text = message.owned.view();
      message.envelope = *scanned;
      outcome.message = std::move(message);
    }
  }
  return outcome;
}

std::string described(const Verdict& verdict) {
  constexpr std::string_view kMeans[] = {"accepted", "in band", "session lost", "failed"};
  constexpr std::string_view kEvidence[] = {"not sent", "refused",  "unclear",
                                            "partial",  "unwanted", "conclusive"};
  std::string out(kMeans[static_cast<std::size_t>(verdict.means)]);
  if (verdict.means == Means::accepted) return out;
  out += ", " + std::string(kEvidence[static_cast<std::size_t>(verdict.evidence)]);
  if (verdict.means == Means::failed) out += ", " + std::to_string(verdict.failure.code);
  return out;
}

TEST_CASE("each status means what the table says") {
  const struct {
    int status;
    std::string_view body;
    std::string_view with_session, without;
  } rows[] = {
      // A web page is no answer; accepted is none either.
      {200, "<html>", "failed, conclusive, -31006", ""},
      {202, "", "failed, unclear, -31011", ""},
      {204, "", "failed, unclear, -31011", ""},
      {200, "", "failed, unclear, -31011", ""},
      // Redirects are not followed.
      {301, "", "failed, conclusive, -31006", ""},
      {302, "<html>", "failed, conclusive, -31006", ""},
      {307, "", "failed, conclusive, -31006", ""},
      {308, "", "failed, conclusive, -31006", ""},
      {400, kOwnAnswer, "in band, conclusive", ""},
      {400, kNullAnswer, "in band, conclusive", ""},
      {400, kOtherAnswer, "failed, conclusive, -31006", ""},
      {400, kNoSession, "session lost, refused", "in band, conclusive"},
      {400, "", "session lost, refused", "failed, conclusive, -31006"},
      {400, "Bad Request", "session lost, refused", "failed, conclusive, -31006"},
      {400, "<html>", "failed, conclusive, -31006", ""},
      {401, "", "session lost, refused", "failed, conclusive, -31001"},
      {401, kOwnAnswer, "session lost, refused", "failed, conclusive, -31001"},
      {403, "", "failed, conclusive, -31006", ""},
      {403, kOwnAnswer, "failed, conclusive, -31006", ""},
      {404, "", "session lost, refused", "failed, conclusive, -31006"},
      {404, kOwnAnswer, "session lost, refused", "in band, conclusive"},
      {404, kNoSession, "session lost, refused", "in band, conclusive"},
      {404, kUnknownMethod, "in band, conclusive", ""},
      {404, "<html>", "failed, unclear, -31006", "failed, conclusive, -31006"},
      {405, "", "failed, conclusive, -31006", ""},
      {406, "", "failed, conclusive, -31006", ""},
      {413, kOwnAnswer, "in band, conclusive", ""},
      {415, "", "failed, conclusive, -31006", ""},
      {421, "", "failed, refused, -31006", ""},
      {429, "", "failed, refused, -31007", ""},
      {429, kOwnAnswer, "failed, refused, -31007", ""},
      {500, "", "failed, unclear, -31006", ""},
      {500, "<html>", "failed, unclear, -31006", ""},
      {500, kOwnAnswer, "in band, conclusive", ""},
      {502, "<html>", "failed, unclear, -31006", ""},
      {503, "<html>", "failed, unclear, -31006", ""},
      {503, "", "failed, unclear, -31006", ""},
      {503, kOwnAnswer, "failed, refused, -31006", ""},
      {504, "", "failed, unclear, -31006", ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.status);
    CAPTURE(row.body);
    Circumstances circumstances;
    circumstances.raw_id = "1";
    circumstances.session_sent = true;
    CHECK(described(judge(outcome_of(row.status, row.body), circumstances)) == row.with_session);
    circumstances.session_sent = false;
    const std::string_view without = row.without.empty() ? row.with_session : row.without;
    CHECK(described(judge(outcome_of(row.status, row.body), circumstances)) == without);
  }
}

TEST_CASE("a notification is accepted or not, and never answered") {
  for (const int status : {200, 202, 204}) {
    CHECK(judge(outcome_of(status, ""), {}).means == Means::accepted);
  }
  for (const int status : {400, 404, 413, 500}) {
    CHECK(judge(outcome_of(status, kNullAnswer), {}).means == Means::failed);
  }
}

TEST_CASE("without a response it matters whether anything has left") {
  Outcome outcome;
  outcome.error = base::Error{base::Kind::cut, "x"};
  Circumstances circumstances;
  circumstances.raw_id = "1";
  CHECK(described(judge(outcome, circumstances)) == "failed, not sent, -31003");
  outcome.body_left = true;
  CHECK(described(judge(outcome, circumstances)) == "failed, unclear, -31003");
  outcome.error->kind = base::Kind::timed_out;
  CHECK(described(judge(outcome, circumstances)) == "failed, unclear, -31008");
}

TEST_CASE("a certificate or proxy that says no will say no again, and nothing was carried out") {
  for (const base::Kind kind : {base::Kind::untrusted, base::Kind::forbidden}) {
    Outcome outcome;
    outcome.error = base::Error{kind, "x"};
    const Verdict verdict = judge(outcome, {});
    CHECK(verdict.evidence == Evidence::conclusive);
    CHECK(verdict.failure.executed == Executed::no);
  }
}

TEST_CASE("a stream that ends early is partial, one with nonsense in it conclusive") {
  Outcome outcome;
  outcome.status = 200;
  outcome.event_stream = true;
  Circumstances circumstances;
  circumstances.raw_id = "1";
  CHECK(described(judge(outcome, circumstances)) == "failed, partial, -31003");
  outcome.error = base::Error{base::Kind::timed_out, "x"};
  CHECK(described(judge(outcome, circumstances)) == "failed, partial, -31008");
  outcome.error->kind = base::Kind::malformed;
  CHECK(described(judge(outcome, circumstances)) == "failed, conclusive, -31011");
  outcome.error->kind = base::Kind::too_large;
  CHECK(described(judge(outcome, circumstances)) == "failed, conclusive, -31010");
}

TEST_CASE("a JSON answer that was cut off may have been carried out") {
  Outcome outcome = outcome_of(200, "");
  outcome.media_type = "application/json";
  Circumstances circumstances;
  circumstances.raw_id = "1";
  for (const base::Kind kind : {base::Kind::cut, base::Kind::timed_out}) {
    outcome.error = base::Error{kind, "x"};
    CHECK(judge(outcome, circumstances).evidence == Evidence::unclear);
  }
  for (const base::Kind kind : {base::Kind::malformed, base::Kind::too_large}) {
    outcome.error = base::Error{kind, "x"};
    CHECK(judge(outcome, circumstances).evidence == Evidence::conclusive);
  }
}

TEST_CASE("what the server wishes is passed on with the failure") {
  Outcome outcome = outcome_of(429, "");
  outcome.retry_after = "12";
  Circumstances circumstances;
  circumstances.raw_id = "1";
  Verdict verdict = judge(outcome, circumstances);
  CHECK(verdict.rate_limited);
  CHECK(verdict.wait == seconds(12));
  CHECK(verdict.failure.retry_after == seconds(12));
  outcome.retry_after = "soon";
  verdict = judge(outcome, circumstances);
  CHECK_FALSE(verdict.wait);
  CHECK_FALSE(verdict.failure.retry_after);
  outcome = outcome_of(503, "<html>");
  outcome.retry_after = "3";
  verdict = judge(outcome, circumstances);
  CHECK_FALSE(verdict.rate_limited);
  CHECK(verdict.wait == seconds(3));
}

TEST_CASE("a refusal of the credential says what to do, and nothing of the server's text") {
  Outcome outcome = outcome_of(401, "<b>CANARY</b>");
  Circumstances circumstances;
  circumstances.raw_id = "1";
  circumstances.advice = "Buy a ticket.";
  for (const int status : {401, 403}) {
    outcome.status = status;
    const Verdict verdict = judge(outcome, circumstances);
    CHECK(verdict.failure.message.find("Buy a ticket.") != std::string::npos);
    CHECK(verdict.failure.executed == Executed::no);
  }
}

TEST_CASE("nothing that a server wrote enters a failure") {
  for (const int status : {200, 301, 400, 401, 403, 404, 405, 429, 500, 503}) {
    for (const char* body : {"<p>CANARY", "CANARY", "{\"CANARY\":1}"}) {
      Circumstances circumstances;
      circumstances.raw_id = "1";
      const Verdict verdict = judge(outcome_of(status, body), circumstances);
      CHECK(write_failure("1", verdict.failure).find("CANARY") == std::string::npos);
    }
  }
}

TEST_CASE("an unrepeatable request that may have been carried out is reported as that") {
  Verdict verdict;
  verdict.failure = read_failure({base::Kind::timed_out, "too late"}, Evidence::unclear);
  for (const Evidence evidence : {Evidence::unclear, Evidence::partial}) {
    verdict.evidence = evidence;
    const Failure failure = final_failure(verdict, Safety::once, 2);
    CHECK(failure.code == -31009);
    CHECK(failure.kind == "outcome_unknown");
    CHECK_FALSE(failure.retryable);
    CHECK(failure.attempts == 2);
    CHECK(failure.message.find("too late") == 0);
    CHECK(failure.message.find("check before repeating") != std::string::npos);
    CHECK(final_failure(verdict, Safety::repeatable, 2).code == -31008);
  }
  for (const Evidence evidence : {Evidence::not_sent, Evidence::refused, Evidence::conclusive}) {
    verdict.evidence = evidence;
    CHECK(final_failure(verdict, Safety::once, 1).code == -31008);
  }
}

}  // namespace
}  // namespace dogpipe::bridge
