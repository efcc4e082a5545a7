#include "bridge/modern_server.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "base/log.h"
#include "mcp/codes.h"
#include "mcp/headers.h"
#include "rpc/members.h"
#include "rpc/text.h"

namespace dogpipe::bridge {
namespace {

using base::log;
using base::LogLevel;

std::int64_t milliseconds_since(base::Time start, base::Time now) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(now - start).count();
}

Request request_of(const Call& call) { return {call.raw_id(), call.method(), call.text()}; }

std::string_view params_of(const Request& request) {
  return rpc::member(request.text->view(), "params").value_or("");
}

Message message_of(base::Bytes&& text) {
  Message message;
  message.owned = std::move(text);
  message.text = message.owned.view();
  if (const rpc::Scanned scanned = rpc::scan(message.text)) message.envelope = *scanned;
  return message;
}

// The message with another result in place of its own.
Message with_result(const Message& message, std::string_view raw_result) {
  const rpc::Span& old = message.envelope.result;
  base::Bytes text;
  text.reserve(message.text.size() - (old.end - old.begin) + raw_result.size());
  text.append(message.text.substr(0, old.begin));
  text.append(raw_result);
  text.append(message.text.substr(old.end));
  return message_of(std::move(text));
}

}  // namespace

ModernServer::ModernServer(const ServerContext& context, const Mint& mint)
    : upstream_(context.loop, context.client, context.authorizer, no_session_, context.endpoint),
      context_{context.loop, upstream_, no_session_, context.budget},
      mint_(mint),
      catalogue_(context.trust_hints),
      pending_(context.loop),
      sweep_(context.loop, [this] { spent_.clear(); }) {}

void ModernServer::send(Request request) {
  const bool listens = request.method == "subscriptions/listen" && !request.raw_id.empty();
  listens ? listen(std::move(request)) : submit(std::move(request));
}

void ModernServer::submit(Request request) {
  const std::string_view raw_params = params_of(request);
  Call::Spec spec;
  spec.modern.emplace();
  spec.modern->mint = &mint_;
  spec.modern->fields = fields_for(request, raw_params);
  const bool calls = request.method == "tools/call";
  const ToolHints hints = calls ? catalogue_.hints_for(raw_params) : ToolHints{};
  spec.safety = request.raw_id.empty() ? Safety::once : safety_of(request.method, hints);
  spec.raw_id = std::move(request.raw_id);
  spec.method = std::move(request.method);
  spec.text = std::move(request.text);
  pending_.add(std::make_unique<Call>(context_, static_cast<Call::Owner&>(*this), std::move(spec)))
      .start();
}

// Notifications need not say their revision, but each POST must.
mcp::Fields ModernServer::fields_for(const Request& request, std::string_view raw_params) {
  mcp::Fields fields = mcp::request_fields(request.method, raw_params);
  const bool says = !fields.empty() && fields.front().first == mcp::kProtocolVersion;
  if (says) revision_ = fields.front().second;
  if (!says && request.raw_id.empty()) {
    fields.emplace_back(mcp::kProtocolVersion, revision_);
  }
  if (request.method == "tools/call") {
    mcp::Fields mirrored = catalogue_.fields_for(raw_params);
    std::move(mirrored.begin(), mirrored.end(), std::back_inserter(fields));
  }
  return fields;
}

void ModernServer::listen(Request request) {
  mcp::Fields fields = fields_for(request, params_of(request));
  const std::string id = request.raw_id;
  auto& place = listens_[id];
  place = std::make_unique<Listen>(context_, mint_, static_cast<Listen::Owner&>(*this),
                                   std::move(request), std::move(fields));
  place->start();
}

void ModernServer::cancel(std::string_view raw_id, SharedBytes) {
  const std::string id(raw_id);
  if (const auto at = listens_.find(id); at != listens_.end()) {
    at->second->drop();
    return remove(*at->second);
  }
  if (Call* call = pending_.find(id)) {
    call->drop();
    second_chances_.erase(id);
    remove(*call);
  } else if (std::erase_if(refused_, [&](const Refused& one) { return one.request.raw_id == id; }) >
             0) {
    if (refused_.empty()) relist_.reset();
  } else {
    return;
  }
  tell_if_idle();
}

void ModernServer::abandon() {
  refused_.clear();
  second_chances_.clear();
  relist_.reset();
  for (Call* call : pending_.all_requests()) {
    call->drop();
    pending_.remove(*call);
  }
  while (!listens_.empty()) {
    Listen& one = *listens_.begin()->second;
    one.drop();
    remove(one);
  }
}

// ---- the calls

void ModernServer::on_other_message(Call& call, Message& message) {
  log(LogLevel::debug, "server -> {} bytes={}", message.envelope.method.in(message.text),
      message.text.size());
  listener_->on_message(call.raw_id(), message);
}

void ModernServer::on_answer(Call& call, Message& message) {
  log(LogLevel::debug, "server -> answer to {} id={} status={} ms={} bytes={}", call.method(),
      call.raw_id(), call.status(), milliseconds_since(call.started(), context_.loop.now()),
      message.text.size());
  if (wants_other_fields(call, message)) return put_aside(call, message);
  const Request request = request_of(call);
  const int status = call.status();
  remove(call);
  second_chances_.erase(request.raw_id);
  const bool list =
      request.method == "tools/list" && message.envelope.shape == rpc::Shape::response;
  const auto filtered =
      list ? catalogue_.observe_modern(message.envelope.result.in(message.text)) : std::nullopt;
  if (filtered) {
    Message shorter = with_result(message, filtered->view());
    listener_->on_answer(request, shorter, status);
  } else {
    listener_->on_answer(request, message, status);
  }
  tell_if_idle();
}

void ModernServer::on_accepted(Call& call) {
  log(LogLevel::debug, "server -> accepted {} status={} ms={}", call.method(), call.status(),
      milliseconds_since(call.started(), context_.loop.now()));
  remove(call);
  tell_if_idle();
}

void ModernServer::on_failure(Call& call, const Failure& failure) {
  log(call.raw_id().empty() ? LogLevel::warn : LogLevel::debug, "{} failed: {} ({})", call.method(),
      failure.message, failure.code);
  const Request request = request_of(call);
  remove(call);
  second_chances_.erase(request.raw_id);
  listener_->on_failure(request, failure);
  tell_if_idle();
}

// ---- header fields that the server does not find right

bool ModernServer::wants_other_fields(const Call& call, const Message& message) const {
  if (call.method() != "tools/call" || message.envelope.shape != rpc::Shape::error) return false;
  // With any other status it may be the word of a server behind this one, and the call made.
  if (call.status() != 400 || second_chances_.contains(call.raw_id())) return false;
  const auto code = rpc::member(message.envelope.error.in(message.text), "code");
  return code == std::to_string(mcp::kHeaderMismatch);
}

void ModernServer::put_aside(Call& call, const Message& message) {
  Refused refused{request_of(call), base::Bytes(message.text), call.status()};
  remove(call);
  if (!relist_) {
    const std::string meta(rpc::member(params_of(refused.request), "_meta").value_or("{}"));
    relist_ = std::make_unique<Relist>(context_, mint_, catalogue_, meta,
                                       [this](bool complete) { on_relisted(complete); });
  }
  refused_.push_back(std::move(refused));
}

void ModernServer::on_relisted(bool complete) {
  relist_.reset();
  if (!complete) log(LogLevel::warn, "the server's tools could not be listed anew");
  // One by one: whoever hears of one may cancel another.
  while (!refused_.empty()) {
    Refused one = std::move(refused_.back());
    refused_.pop_back();
    if (complete) {
      second_chances_.insert(one.request.raw_id);
      submit(std::move(one.request));
    } else {
      Message answer = message_of(std::move(one.answer));
      listener_->on_answer(one.request, answer, one.status);
    }
  }
  tell_if_idle();
}

// ---- the subscriptions

void ModernServer::on_listen_message(Listen& listen, Message& message) {
  const std::string_view method = message.envelope.method.in(message.text);
  log(LogLevel::debug, "server -> {} bytes={}", method, message.text.size());
  if (rpc::spells(method, "notifications/tools/list_changed")) catalogue_.forget();
  listener_->on_message(listen.request().raw_id, message);
}

void ModernServer::on_listen_answer(Listen& listen, Message& message, int status) {
  const Request request = listen.request();
  log(LogLevel::debug, "server -> end of subscription id={} status={}", request.raw_id, status);
  remove(listen);
  listener_->on_answer(request, message, status);
}

void ModernServer::on_listen_failure(Listen& listen, const Failure& failure) {
  const Request request = listen.request();
  log(LogLevel::debug, "subscription id={} failed: {} ({})", request.raw_id, failure.message,
      failure.code);
  remove(listen);
  listener_->on_failure(request, failure);
}

// It may be the one that is speaking: it is destroyed on the next turn.
void ModernServer::remove(Listen& listen) {
  const auto at = listens_.find(listen.request().raw_id);
  if (at == listens_.end() || at->second.get() != &listen) return;
  spent_.push_back(std::move(at->second));
  listens_.erase(at);
  sweep_.schedule();
}

void ModernServer::remove(Call& call) { pending_.remove(call); }

void ModernServer::tell_if_idle() {
  if (idle()) listener_->on_idle();
}

}  // namespace dogpipe::bridge
