#include "bridge/descent/passages.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "bridge/descent/modern_error.h"
#include "bridge/descent/modern_result.h"
#include "bridge/descent/response_tail.h"
#include "mcp/codes.h"
#include "rpc/id.h"
#include "rpc/members.h"
#include "rpc/object_edit.h"
#include "rpc/reply.h"

namespace dogpipe::bridge::descent {
namespace {

std::string_view raw_member(std::string_view object, std::string_view key) {
  return rpc::member(object, key).value_or(std::string_view());
}

std::string target_of(std::string_view method, std::string_view raw_params) {
  const std::string_view key = method == "resources/read" ? "uri" : "name";
  return rpc::string_value(raw_member(raw_params, key)).value_or(std::string());
}

bool declines(std::string_view raw_responses) {
  bool found = false;
  for (rpc::Members members(raw_responses); const auto one = members.next();) {
    const auto action = rpc::string_value(raw_member(one->value, "action"));
    found = found || action == "decline" || action == "cancel";
  }
  return found;
}

SharedBytes shared(std::string_view text) { return std::make_shared<const base::Bytes>(text); }

}  // namespace

Passages::Passages(event::Loop& loop, Server& server, Replies& replies, Mint mint,
                   HiddenSession& session)
    : server_(server),
      replies_(replies),
      mint_(mint),
      session_(session),
      handles_(loop, std::move(mint), [this](const std::string& id) { expire(id); }),
      stop_lost_(loop, [this] { stop_lost(); }) {}

Passages::Passage* Passages::find(std::string_view upstream_id) const {
  const auto at = by_upstream_id_.find(upstream_id);
  return at == by_upstream_id_.end() ? nullptr : at->second.get();
}

void Passages::clear() {
  handles_.clear();
  by_host_id_.clear();
  by_upstream_id_.clear();
}

// ---- from its beginning to its end

void Passages::take(const HostMessage& message, const Claim& claim) {
  const std::string_view raw_state = raw_member(message.raw_params(), "requestState");
  if (raw_state.empty()) {
    begin(message, claim);
  } else {
    resume(message, claim, raw_state);
  }
}

void Passages::begin(const HostMessage& message, const Claim& claim) {
  auto passage = std::make_unique<Passage>();
  passage->upstream_id = mint_();
  passage->method = message.method;
  passage->target = target_of(message.method, message.raw_params());
  passage->raw_upstream_token = claim.raw_progress_token;
  passage->declined = declines(raw_member(message.raw_params(), "inputResponses"));
  Passage& started = *passage;
  by_upstream_id_.emplace(started.upstream_id, std::move(passage));
  bind(started, message, claim);
  server_.send({started.upstream_id, message.method,
                shared(rpc::write_call(started.upstream_id, message.method,
                                       legacy_params(message.raw_params())))});
}

void Passages::bind(Passage& passage, const HostMessage& message, const Claim& claim) {
  passage.host_id = message.raw_id();
  passage.raw_capabilities = claim.raw_capabilities;
  passage.raw_host_token = claim.raw_progress_token;
  passage.log_detail = claim.log_detail;
  by_host_id_[passage.host_id] = &passage;
  tell_log_detail();
}

void Passages::unbind(Passage& passage) {
  by_host_id_.erase(passage.host_id);
  passage.host_id.clear();
  tell_log_detail();
}

void Passages::erase(Passage& passage) {
  unbind(passage);
  handles_.forget(passage.upstream_id);
  by_upstream_id_.erase(std::string(passage.upstream_id));
}

void Passages::tell_log_detail() {
  std::optional<LogDetail> most;
  for (const auto& [id, passage] : by_host_id_) most = std::max(most, passage->log_detail);
  session_.want(most);
}

bool Passages::cancel(std::string_view raw_id, std::string_view raw_params) {
  const auto at = by_host_id_.find(raw_id);
  if (at == by_host_id_.end()) return false;
  Passage& passage = *at->second;
  const std::string params = legacy_params(raw_params);
  rpc::ObjectEdit edit(params);
  edit.set("requestId", passage.upstream_id);
  stop(passage, shared(rpc::write_call("", "notifications/cancelled", edit.write())));
  erase(passage);
  return true;
}

void Passages::stop(Passage& passage, SharedBytes notification) {
  if (!std::exchange(passage.at_server, false)) return;
  server_.cancel(passage.upstream_id, std::move(notification));
}

void Passages::take_answer(const Request& request, const Message& message) {
  Passage* const passage = find(request.raw_id);
  if (passage == nullptr) return;
  passage->at_server = false;
  end(*passage, answer_to(*passage, message));
}

void Passages::take_failure(const Request& request, const Failure& failure) {
  if (!request.raw_id.empty()) {
    Passage* const passage = find(request.raw_id);
    if (passage == nullptr) return;
    passage->at_server = false;
    return end(*passage, failure);
  }
  // A response of ours has not arrived: the server would wait for it for ever.
  for (const auto& [id, passage] : by_upstream_id_) {
    const auto& responses = passage->responses;
    if (std::find(responses.begin(), responses.end(), request.text) == responses.end()) continue;
    if (!passage->at_server) return;
    stop(*passage);
    Failure with_more = failure;
    with_more.executed = Executed::unknown;
    with_more.retryable = false;
    return end(*passage, std::move(with_more));
  }
}

void Passages::end(Passage& passage, Outcome outcome) {
  passage.outcome = std::move(outcome);
  passage.questions.clear();
  if (!passage.host_id.empty()) deliver(passage);
}

void Passages::deliver(Passage& passage) {
  const std::string& id = passage.host_id;
  if (const auto* failure = std::get_if<Failure>(&passage.outcome)) {
    replies_.answer(id, write_failure(id, *failure));
  } else if (const auto* tail = std::get_if<std::string>(&passage.outcome)) {
    replies_.answer(id, with_tail(id, *tail));
  }
  erase(passage);
}

std::string Passages::answer_to(const Passage& passage, const Message& message) const {
  if (message.envelope.shape == rpc::Shape::error) {
    return error_to(passage, message.envelope.error.in(message.text));
  }
  return result_tail(modern_result(passage.method, message.envelope.result.in(message.text),
                                   session_.raw_server_info()));
}

std::string Passages::error_to(const Passage& passage, std::string_view raw_error) const {
  const auto missing = [](const Unasked& unasked) {
    return error_tail(
        mcp::kMissingCapability, "the server needs a capability that the request does not declare",
        R"({"source":"dogpipe","requiredCapabilities":)" + unasked.raw_required + '}');
  };
  // What it failed with is what we told the server, handed on.
  if (passage.unasked && passage.unasked->code == error_code(raw_error)) {
    return missing(*passage.unasked);
  }
  const auto requests = url_input_requests(raw_error);
  if (!requests || !may_require_input(passage.method)) return error_tail(modern_error(raw_error));
  const auto unmet =
      unmet_capability("elicitation/create", R"({"mode":"url"})", passage.raw_capabilities);
  if (unmet) return missing(*unmet);
  if (passage.declined) {  // asking again would never end
    return error_tail(mcp::kInternalError, "the user has declined what the server requires",
                      R"({"source":"dogpipe"})");
  }
  return result_tail(input_required(*requests, {}));
}

// ---- what the server asks on its way

SharedBytes Passages::respond(std::string text) {
  SharedBytes bytes = shared(text);
  server_.send({{}, {}, bytes});
  return bytes;
}

void Passages::refuse_server(std::string_view raw_id, int code, std::string_view message) {
  respond(rpc::write_error(raw_id, code, message, {}));
}

void Passages::refuse_host(std::string_view raw_id, int code, std::string_view message) {
  replies_.answer(raw_id, write_refusal(raw_id, code, message));
}

void Passages::take_request(std::string_view upstream_id, const Message& message) {
  const std::string_view raw_id = message.envelope.id.in(message.text);
  const std::string method = rpc::unescape(message.envelope.method.in(message.text));
  const std::string_view raw_params = message.envelope.params.in(message.text);
  if (method == "ping") return void(respond(rpc::write_result(raw_id, "{}")));
  if (!is_input_request(method)) {
    return refuse_server(raw_id, mcp::kMethodNotFound, "the client has no such method");
  }
  Passage* passage = find(upstream_id);
  if (passage == nullptr || !may_require_input(passage->method) || passage->outcome.index() != 0) {
    return refuse_server(raw_id, mcp::kInvalidParams,
                         "the client can be asked only on the stream of a tools/call, prompts/get "
                         "or resources/read that is under way");
  }
  Questions& questions = passage->questions;
  if (questions.has(raw_id)) return;  // its stream was resumed
  if (questions.full()) {
    return refuse_server(raw_id, mcp::kInternalError, "the client is asked too much at a time");
  }
  questions.add(raw_id, method, raw_params);
  passage->unasked.reset();  // the server has gone on without
  drop_unmet(*passage);
  if (!questions.empty() && !passage->host_id.empty()) park(*passage);
}

// What the host cannot be asked, as it has declared itself last.
void Passages::drop_unmet(Passage& passage) {
  for (auto& refused : passage.questions.take_unmet(passage.raw_capabilities)) {
    refuse_server(refused.raw_id, refused.why.code, "the client has not declared that capability");
    if (!refused.why.raw_required.empty()) passage.unasked = std::move(refused.why);
  }
}

void Passages::park(Passage& passage) {
  const std::string raw_state = handles_.park(passage.upstream_id);
  replies_.answer(passage.host_id,
                  with_tail(passage.host_id,
                            result_tail(input_required(passage.questions.write(), raw_state))));
  unbind(passage);
}

void Passages::resume(const HostMessage& message, const Claim& claim, std::string_view raw_state) {
  const std::string_view raw_id = message.raw_id();
  const auto upstream_id = handles_.find(raw_state);
  Passage* const passage = upstream_id ? find(*upstream_id) : nullptr;
  if (passage == nullptr) {
    return refuse_host(raw_id, mcp::kInvalidParams,
                       "the request state is unknown, used already or expired: make the request "
                       "anew without it");
  }
  if (passage->method != message.method ||
      passage->target != target_of(message.method, message.raw_params())) {
    return refuse_host(raw_id, mcp::kInvalidParams, "the request state is that of another request");
  }
  const std::string_view raw_responses = raw_member(message.raw_params(), "inputResponses");
  if (!passage->questions.well_answered(raw_responses)) {
    return refuse_host(raw_id, mcp::kInvalidParams, "the input responses are no objects");
  }
  handles_.forget(passage->upstream_id);
  bind(*passage, message, claim);
  if (passage->outcome.index() != 0) return deliver(*passage);
  answer_questions(*passage, raw_responses);
  drop_unmet(*passage);
  if (!passage->questions.empty()) park(*passage);
}

// What has no response yet is asked again (basic/patterns/mrtr, "Error Handling").
void Passages::answer_questions(Passage& passage, std::string_view raw_responses) {
  for (const auto& answer : passage.questions.take_answered(raw_responses)) {
    passage.responses.push_back(respond(rpc::write_result(answer.raw_id, answer.raw_result)));
  }
}

void Passages::expire(const std::string& upstream_id) {
  Passage* const passage = find(upstream_id);
  if (passage == nullptr) return;
  if (passage->outcome.index() == 0) {
    for (const std::string& raw_id : passage->questions.raw_ids()) {
      refuse_server(raw_id, mcp::kInternalError, "the client has not answered in time");
    }
  }
  stop(*passage);
  erase(*passage);
}

void Passages::session_gone() {
  Failure lost;
  lost.code = mcp::kSessionLost;
  lost.kind = "session_lost";
  lost.message =
      "the server has lost its session, and with it this request: check whether it was carried out "
      "before making it anew";
  lost.executed = Executed::unknown;
  for (const auto& [id, passage] : by_upstream_id_) {
    if (!passage->host_id.empty() || passage->outcome.index() != 0) continue;
    end(*passage, lost);
  }
  stop_lost_.schedule();
}

void Passages::stop_lost() {
  for (const auto& [id, passage] : by_upstream_id_) {
    if (passage->host_id.empty() && passage->outcome.index() != 0) stop(*passage);
  }
}

// ---- what else the server says on its way

Passages::Passage* Passages::find_by_token(std::string_view upstream_id,
                                           std::string_view raw_token) const {
  const auto has_token = [&](const Passage& passage) {
    return !passage.raw_upstream_token.empty() &&
           rpc::same_id(passage.raw_upstream_token, raw_token);
  };
  Passage* const own = find(upstream_id);
  if (own != nullptr && has_token(*own)) return own;
  for (const auto& [id, passage] : by_upstream_id_) {
    if (has_token(*passage)) return passage.get();
  }
  return nullptr;
}

void Passages::take_progress(std::string_view upstream_id, Message& message) {
  const std::string_view raw_params = message.envelope.params.in(message.text);
  const std::string_view raw_token = raw_member(raw_params, "progressToken");
  const Passage* const passage = find_by_token(upstream_id, raw_token);
  if (passage == nullptr || passage->host_id.empty() || passage->raw_host_token.empty()) return;
  if (passage->raw_host_token == raw_token) return replies_.deliver(message);
  rpc::ObjectEdit edit(raw_params);
  edit.set("progressToken", passage->raw_host_token);
  replies_.write_line(rpc::write_call("", "notifications/progress", edit.write()));
}

void Passages::take_log(std::string_view upstream_id, Message& message) {
  const Passage* const passage = find(upstream_id);
  if (passage == nullptr || passage->host_id.empty() || !passage->log_detail) return;
  const auto detail =
      read_log_detail(raw_member(message.envelope.params.in(message.text), "level"));
  if (detail && *detail <= *passage->log_detail) replies_.deliver(message);
}

void Passages::take_cancel(std::string_view upstream_id, std::string_view raw_params) {
  Passage* const passage = find(upstream_id);
  if (passage == nullptr) return;
  const std::string_view raw_id = raw_member(raw_params, "requestId");
  passage->questions.withdraw(raw_id);
}

}  // namespace dogpipe::bridge::descent
