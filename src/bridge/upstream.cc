#include "bridge/upstream.h"

#include <algorithm>
#include <utility>

#include "mcp/headers.h"

namespace dogpipe::bridge {

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
  request.headers = post_headers(how.with_session);
  request.body = std::move(body);
  request.may_resend = how.may_resend;
  request.may_wait = how.may_wait;
  request.compressed = true;
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
  request.headers = std::make_shared<const http::Headers>(std::move(fields));
  return start(std::move(request), listener);
}

std::unique_ptr<Exchange> Upstream::end_session(Exchange::Listener& listener) {
  http::Request request;
  request.method = http::Method::del;
  request.headers = std::make_shared<const http::Headers>(common_fields(true));
  return start(std::move(request), listener);
}

std::unique_ptr<Exchange> Upstream::start(http::Request request, Exchange::Listener& listener) {
  request.url = endpoint_.url;
  request.patience = endpoint_.patience;
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

const std::shared_ptr<const http::Headers>& Upstream::post_headers(bool with_session) {
  if (session_generation_ != session_.generation() ||
      credential_generation_ != authorizer_.generation()) {
    session_generation_ = session_.generation();
    credential_generation_ = authorizer_.generation();
    post_headers_.reset();
    first_headers_.reset();
  }
  auto& headers = with_session ? post_headers_ : first_headers_;
  if (!headers) {
    std::vector<http::Header> fields = common_fields(with_session);
    fields.push_back({"Accept", "application/json, text/event-stream"});
    fields.push_back({"Content-Type", "application/json"});
    headers = std::make_shared<const http::Headers>(std::move(fields));
  }
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
