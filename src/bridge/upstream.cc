#include "bridge/upstream.h"

#include <algorithm>
#include <utility>

#include "mcp/headers.h"

namespace dogpipe::bridge {
namespace {

constexpr std::size_t kMostEnding = 16;

}  // namespace

Upstream::Upstream(event::Loop& loop, http::Client& client, auth::Authorizer& authorizer,
                   const Session& session, Endpoint endpoint)
    : loop_(loop),
      client_(client),
      authorizer_(authorizer),
      session_(session),
      endpoint_(std::move(endpoint)) {}

std::unique_ptr<Exchange> Upstream::post(SharedBytes body, Post how, Exchange::Listener& listener) {
  http::Request request;
  request.method = http::Method::post;
  request.headers =
      how.own_fields == nullptr
          ? post_headers(how.with_session && !answers_elsewhere())
          : std::make_shared<const http::Headers>(headers_for_post(false, *how.own_fields));
  request.body = std::move(body);
  request.url = message_url_;
  request.may_resend = how.may_resend;
  request.may_wait = how.may_wait;
  request.compressed = !how.endless;
  request.patience = endpoint_.patience;
  if (how.endless) request.patience = {.first_byte = endpoint_.patience.first_byte};
  return start(std::move(request), listener);
}

std::unique_ptr<Exchange> Upstream::listen(const std::string& last_event_id,
                                           Exchange::Listener& listener) {
  std::vector<http::Header> fields = common_fields(true);
  fields.push_back({"Accept", "text/event-stream"});
  if (http::valid_field(mcp::kLastEventId, last_event_id) && !last_event_id.empty()) {
    fields.push_back({std::string(mcp::kLastEventId), last_event_id});
  }
  http::Request request;
  request.method = http::Method::get;
  request.patience = endpoint_.patience;
  request.headers = std::make_shared<const http::Headers>(std::move(fields));
  return start(std::move(request), listener);
}

std::unique_ptr<Exchange> Upstream::end_session(Exchange::Listener& listener) {
  http::Request request;
  request.method = http::Method::del;
  request.patience = endpoint_.patience;
  request.headers = std::make_shared<const http::Headers>(common_fields(true));
  return start(std::move(request), listener);
}

std::unique_ptr<Exchange> Upstream::open_stream(Exchange::Listener& listener) {
  std::vector<http::Header> fields = common_fields(false);
  fields.push_back({"Accept", "text/event-stream"});
  http::Request request;
  request.method = http::Method::get;
  request.patience = {.first_byte = endpoint_.patience.first_byte};
  request.headers = std::make_shared<const http::Headers>(std::move(fields));
  return start(std::move(request), listener);
}

void Upstream::use_address(std::string url) {
  message_url_ = std::move(url);
  ++link_;
}

void Upstream::let_end(std::unique_ptr<Exchange> exchange) {
  std::erase_if(ending_, [](const auto& one) { return one->ended(); });
  if (ending_.size() < kMostEnding) ending_.push_back(std::move(exchange));
}

std::unique_ptr<Exchange> Upstream::start(http::Request request, Exchange::Listener& listener) {
  if (request.url.empty()) request.url = endpoint_.url;
  auto exchange = std::make_unique<Exchange>(endpoint_.longest_message, listener);
  exchange->start(client_, std::move(request));
  return exchange;
}

std::vector<http::Header> Upstream::common_fields(bool with_session) const {
  std::vector<http::Header> fields = endpoint_.fields;
  fields.push_back({"User-Agent", "dogpipe/" DOGPIPE_VERSION});
  for (const auto& [name, value] : authorizer_.credential().fields) {
    fields.push_back({name, std::string(value.reveal())});
  }
  if (!with_session) return fields;
  if (!session_.revision().empty()) {
    fields.push_back({std::string(mcp::kProtocolVersion), session_.revision()});
  }
  if (!session_.id().empty()) fields.push_back({std::string(mcp::kSessionId), session_.id()});
  return fields;
}

http::Headers Upstream::headers_for_post(bool with_session, const mcp::Fields& own_fields) const {
  std::vector<http::Header> fields = common_fields(with_session);
  for (const auto& [name, value] : own_fields) {
    if (http::valid_field(name, value)) fields.push_back({name, value});
  }
  fields.push_back({"Accept", "application/json, text/event-stream"});
  fields.push_back({"Content-Type", "application/json"});
  return http::Headers(std::move(fields));
}

const std::shared_ptr<const http::Headers>& Upstream::post_headers(bool with_session) {
  if (session_generation_ != session_.generation() ||
      credential_generation_ != authorizer_.generation()) {
    session_generation_ = session_.generation();
    credential_generation_ = authorizer_.generation();
    post_headers_.reset();
    first_headers_.reset();
  }
  auto& headers = with_session ? post_headers_ : first_headers_;
  if (!headers) headers = std::make_shared<const http::Headers>(headers_for_post(with_session, {}));
  return headers;
}

void Upstream::hold_back(std::chrono::milliseconds pause) {
  const base::Time until = loop_.now() + pause;
  held_until_ = std::max(held_until_.value_or(until), until);
}

base::Duration Upstream::pause_left() const {
  if (!held_until_) return base::Duration::zero();
  return std::max(*held_until_ - loop_.now(), base::Duration::zero());
}

}  // namespace dogpipe::bridge
