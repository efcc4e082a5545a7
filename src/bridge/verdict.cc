#include "bridge/verdict.h"

#include <fmt/format.h>

#include "base/text.h"
#include "http/retry_after.h"
#include "mcp/codes.h"
#include "rpc/id.h"
#include "rpc/members.h"

namespace dogpipe::bridge {
namespace {

using Means = Verdict::Means;

Verdict failed(Evidence evidence, Failure failure) {
  Verdict verdict;
  verdict.evidence = evidence;
  failure.executed = executed(evidence);
  verdict.failure = std::move(failure);
  return verdict;
}

Failure status_failure(int status, std::string message) {
  Failure failure;
  failure.code = mcp::kUnexpectedStatus;
  failure.kind = "http_status";
  failure.message = std::move(message);
  failure.http_status = status;
  return failure;
}

bool is_html(const Outcome& outcome) { return outcome.media_type == "text/html"; }

// The message of an error body that answers the request: it has its id, or none at all.
bool answers(const Outcome& outcome, const Circumstances& circumstances) {
  if (!outcome.message || circumstances.raw_id.empty()) return false;
  const rpc::Envelope& envelope = outcome.message->envelope;
  if (envelope.shape != rpc::Shape::response && envelope.shape != rpc::Shape::error) return false;
  if (!envelope.id) return true;
  const std::string_view id = envelope.id.in(outcome.message->text);
  return id == "null" || rpc::same_id(id, circumstances.raw_id);
}

std::string_view error_code(const Outcome& outcome) {
  if (!outcome.message || outcome.message->envelope.shape != rpc::Shape::error) return {};
  const std::string_view error = outcome.message->envelope.error.in(outcome.message->text);
  return rpc::member(error, "code").value_or("");
}

bool mentions_session(std::string_view text) {
  return base::lower(text).find("session") != std::string::npos;
}

// Servers say "unknown session" with 404 as the specification asks, with 400, or with 401.
bool session_lost(const Outcome& outcome, const Circumstances& circumstances) {
  if (!circumstances.session_sent) return false;
  switch (outcome.status) {
    case 404:
      return error_code(outcome) != "-32601" && !is_html(outcome);
    case 401:
      return true;
    case 400:
      if (is_html(outcome)) return false;
      if (!outcome.message) {
        return outcome.body_bytes == 0 || mentions_session(outcome.error_body);
      }
      return error_code(outcome).substr(0, 4) == "-320" && mentions_session(outcome.error_body);
    default:
      return false;
  }
}

Verdict judge_no_response(const Outcome& outcome) {
  const Evidence evidence = outcome.body_left ? Evidence::unclear : Evidence::not_sent;
  const base::Error no_http{base::Kind::malformed, "the server's response is no HTTP"};
  Verdict verdict = failed(evidence, read_failure(outcome.error.value_or(no_http), evidence));
  // A certificate that is not accepted, a wrong password: the next attempt would end the same way.
  if (evidence == Evidence::not_sent && !verdict.failure.retryable) {
    verdict.evidence = Evidence::conclusive;
  }
  return verdict;
}

Verdict judge_stream(const Outcome& outcome) {
  if (outcome.error && (outcome.error->kind == base::Kind::too_large ||
                        outcome.error->kind == base::Kind::malformed)) {
    return failed(Evidence::conclusive, read_failure(*outcome.error, Evidence::conclusive));
  }
  const base::Error ended{base::Kind::cut, "the server's event stream ended without an answer"};
  return failed(Evidence::partial, read_failure(outcome.error.value_or(ended), Evidence::partial));
}

Verdict judge_success(const Outcome& outcome, const Circumstances& circumstances) {
  const bool too_large = outcome.error && outcome.error->kind == base::Kind::too_large;
  if (circumstances.raw_id.empty() || (circumstances.answered_elsewhere && !too_large)) {
    Verdict accepted;
    accepted.means = Means::accepted;
    return accepted;
  }
  if (outcome.event_stream) return judge_stream(outcome);
  if (outcome.error) {
    const bool incomplete =
        outcome.error->kind == base::Kind::cut || outcome.error->kind == base::Kind::timed_out;
    const Evidence evidence = incomplete ? Evidence::unclear : Evidence::conclusive;
    return failed(evidence, read_failure(*outcome.error, evidence));
  }
  if (is_html(outcome)) {
    return failed(
        Evidence::conclusive,
        status_failure(outcome.status,
                       "a web page came instead of an answer: does this network ask for a "
                       "sign-in of its own, or is the URL not that of an MCP server?"));
  }
  // Accepted, and nothing more: for a tool call nobody knows what came of it.
  const base::Error no_answer{base::Kind::malformed,
                              "the server accepted the request but gave no answer to it"};
  const Evidence evidence =
      circumstances.safety == Safety::once ? Evidence::unclear : Evidence::conclusive;
  Verdict verdict = failed(evidence, read_failure(no_answer, evidence));
  verdict.failure.http_status = outcome.status;
  return verdict;
}

Verdict judge_rate_limit() {
  Failure failure =
      status_failure(429, "the server asks for fewer requests (HTTP 429): try again later");
  failure.code = mcp::kRateLimited;
  failure.kind = "rate_limited";
  failure.retryable = true;
  Verdict verdict = failed(Evidence::refused, std::move(failure));
  verdict.rate_limited = true;
  return verdict;
}

Verdict judge_unauthorized(const Outcome& outcome, const Circumstances& circumstances) {
  const bool unknown = outcome.status == 401;
  Failure failure =
      status_failure(outcome.status, fmt::format("the server refused the request (HTTP {}). {}",
                                                 outcome.status, circumstances.advice));
  if (unknown) {
    failure.code = mcp::kSignInRequired;
    failure.kind = "sign_in_required";
  }
  Verdict verdict = failed(Evidence::conclusive, std::move(failure));
  verdict.failure.executed = Executed::no;
  return verdict;
}

Verdict judge_server_error(const Outcome& outcome) {
  const bool refused = outcome.status == 503 && outcome.message.has_value();
  Failure failure = status_failure(
      outcome.status, fmt::format("the server failed (HTTP {}): try again later", outcome.status));
  failure.retryable = true;
  return failed(refused ? Evidence::refused : Evidence::unclear, std::move(failure));
}

std::string describe_client_error(const Outcome& outcome) {
  switch (outcome.status) {
    case 404:
      return "there is no MCP server at this URL (HTTP 404): check --site, --url and "
             "--endpoint-path";
    case 405:
      return "this URL takes no MCP requests (HTTP 405): check --url";
    case 413:
      return "the request is larger than this server takes (HTTP 413)";
    case 431:
      return "the request's header fields are larger than this server takes (HTTP 431): an "
             "argument that the tool wants repeated in one may be too long";
    default:
      break;
  }
  std::string text = fmt::format("the server refused the request (HTTP {})", outcome.status);
  // What a web server in front says to a connection without the certificate it wants.
  if (outcome.status == 400 && is_html(outcome)) {
    text += ": if it asks for a client certificate, set --client-cert and --client-key";
  }
  return text;
}

Verdict judge_status(const Outcome& outcome, const Circumstances& circumstances) {
  const int status = outcome.status;
  if (status == 401 || status == 403) return judge_unauthorized(outcome, circumstances);
  if (status == 429) return judge_rate_limit();
  if (status == 421) {
    return failed(Evidence::refused,
                  status_failure(status, "the server is not at this address (HTTP 421)"));
  }
  if (status >= 500) return judge_server_error(outcome);
  if (status == 404 && is_html(outcome) && circumstances.session_sent) {
    return failed(Evidence::unclear, status_failure(status, describe_client_error(outcome)));
  }
  const bool redirect = status >= 300 && status < 400;
  Verdict verdict = failed(
      Evidence::conclusive,
      status_failure(
          status, redirect ? fmt::format("the server answered with a redirect (HTTP {}), which is "
                                         "not followed with credentials: give its target as --url",
                                         status)
                           : describe_client_error(outcome)));
  verdict.failure.executed = Executed::no;
  return verdict;
}

Verdict judge_lost_session(const Outcome& outcome, const Circumstances& circumstances) {
  // 401 may also be about the credential: then that is what the client should hear.
  Verdict verdict = judge_status(outcome, circumstances);
  verdict.means = Means::session_lost;
  verdict.evidence = Evidence::refused;
  if (outcome.status == 401) return verdict;
  verdict.failure.code = mcp::kSessionLost;
  verdict.failure.kind = "session_lost";
  verdict.failure.message = "the server does not know its own session: try again later";
  verdict.failure.retryable = true;
  return verdict;
}

}  // namespace

Verdict judge(const Outcome& outcome, const Circumstances& circumstances) {
  if (outcome.status == 0) return judge_no_response(outcome);
  if (outcome.status >= 200 && outcome.status < 300) return judge_success(outcome, circumstances);
  if (session_lost(outcome, circumstances)) {
    return judge_lost_session(outcome, circumstances);
  }
  const bool answered = answers(outcome, circumstances);
  // These four are the server's, or a gateway's, word on the request, whatever the body looks like.
  const bool about_request = outcome.status == 401 || outcome.status == 403 ||
                             outcome.status == 429 || outcome.status == 503;
  if (answered && !about_request) {
    Verdict verdict;
    verdict.means = Means::in_band;
    verdict.evidence = Evidence::conclusive;
    return verdict;
  }
  Verdict verdict = judge_status(outcome, circumstances);
  if (outcome.retry_after) {
    verdict.wait = http::read_retry_after(*outcome.retry_after, std::chrono::system_clock::now());
    verdict.failure.retry_after = verdict.wait;
  }
  verdict.answered = answered && outcome.status == 503;
  return verdict;
}

Failure final_failure(const Verdict& verdict, Safety safety, int attempts) {
  Failure failure = verdict.failure;
  failure.attempts = attempts;
  const bool in_doubt =
      verdict.evidence == Evidence::unclear || verdict.evidence == Evidence::partial;
  if (safety == Safety::once && in_doubt) {
    failure.code = mcp::kOutcomeUnknown;
    failure.kind = "outcome_unknown";
    failure.retryable = false;
    failure.message += ". It may have been carried out: check before repeating it";
  }
  return failure;
}

}  // namespace dogpipe::bridge
