#include "bridge/descent/hidden_session.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "base/log.h"
#include "bridge/descent/modern_error.h"
#include "bridge/descent/response_tail.h"
#include "rpc/members.h"
#include "rpc/reply.h"

namespace dogpipe::bridge::descent {

HiddenSession::HiddenSession(Server& server, Mint mint, Owner& owner)
    : server_(server), mint_(std::move(mint)), owner_(owner) {}

std::string HiddenSession::send(std::string method, std::string_view raw_params) {
  Request request;
  request.raw_id = mint_();
  request.text =
      std::make_shared<const base::Bytes>(rpc::write_call(request.raw_id, method, raw_params));
  request.method = std::move(method);
  const std::string raw_id = request.raw_id;
  server_.send(std::move(request));
  return raw_id;
}

void HiddenSession::open(const Claim& claim) {
  if (state_ != State::none) return;
  state_ = State::opening;
  initialize_id_ = send("initialize", initialize_params(claim));
}

void HiddenSession::forget() {
  state_ = State::none;
  raw_result_.clear();
  detail_.reset();
}

bool HiddenSession::take_answer(const Request& request, const Message& message) {
  if (request.raw_id == level_id_) return true;
  if (state_ != State::opening || request.raw_id != initialize_id_) return false;
  if (message.envelope.shape == rpc::Shape::error) {
    state_ = State::none;
    const std::string tail = error_tail(modern_error(message.envelope.error.in(message.text)));
    owner_.on_not_open([&](std::string_view raw_id) { return with_tail(raw_id, tail); });
    return true;
  }
  state_ = State::open;
  raw_result_ = message.envelope.result.in(message.text);
  Request initialized;
  initialized.method = "notifications/initialized";
  initialized.text =
      std::make_shared<const base::Bytes>(rpc::write_call("", initialized.method, ""));
  server_.send(std::move(initialized));
  owner_.on_open();
  return true;
}

bool HiddenSession::take_failure(const Request& request, const Failure& failure) {
  if (!request.raw_id.empty() && request.raw_id == level_id_) {
    detail_.reset();  // whatever it logs now, it is asked again
    return true;
  }
  if (state_ != State::opening || request.raw_id != initialize_id_) return false;
  state_ = State::none;
  owner_.on_not_open([&](std::string_view raw_id) { return write_failure(raw_id, failure); });
  return true;
}

std::string_view HiddenSession::raw_server_info() const {
  const std::string_view raw = rpc::member(raw_result_, "serverInfo").value_or(std::string_view());
  return !raw.empty() && raw.front() == '{' ? raw : std::string_view();
}

bool HiddenSession::can(std::string_view capability, std::string_view detail) const {
  const auto capabilities = rpc::member(raw_result_, "capabilities");
  const auto one = capabilities ? rpc::member(*capabilities, capability) : std::nullopt;
  return one && rpc::member(*one, detail) == "true";
}

bool HiddenSession::has_logging() const {
  const auto capabilities = rpc::member(raw_result_, "capabilities");
  return capabilities && rpc::member(*capabilities, "logging").has_value();
}

void HiddenSession::want(std::optional<LogDetail> detail) {
  if (!is_open() || !detail || detail == detail_ || !has_logging()) return;
  detail_ = detail;
  level_id_ = send("logging/setLevel", fmt::format(R"({{"level":"{}"}})", name_of(*detail)));
}

}  // namespace dogpipe::bridge::descent
