#include "auth/become_client.h"

#include <utility>

#include "auth/ask.h"
#include "base/log.h"
#include "event/uv_loop.h"

namespace dogpipe::auth {
namespace {

using base::Error;
using base::Kind;
using base::Result;

constexpr std::size_t kLongestReply = 256u << 10;

bool has_expired(const ClientIdentity& client) {
  return client.secret_expires_at && *client.secret_expires_at <= base::unix_seconds();
}

const ClientIdentity* find(const Stored& stored, const std::string& issuer,
                           const std::string& redirect_uri) {
  for (const Registration& one : stored.registrations) {
    if (one.issuer == issuer && one.client.redirect_uri == redirect_uri) return &one.client;
  }
  return nullptr;
}

}  // namespace

BecomeClient::BecomeClient(const SignInContext& context, const SignInRequest& request,
                           const FoundServer& found, Need need, Done done)
    : context_(context),
      request_(request),
      found_(found),
      need_(std::move(need)),
      done_(std::move(done)),
      tell_(context.loop, [this] { finish(std::move(*known_)); }) {
  auto known = without_asking();
  if (!known) {
    known_ = std::move(known).error();
  } else if (*known) {
    known_ = std::move(**known);
  } else if (auto asked = ask(); !asked) {
    known_ = std::move(asked).error();
  }
  if (known_) tell_.schedule();
}

Result<std::optional<ClientIdentity>> BecomeClient::without_asking() {
  switch (choose_way(request_.client, found_.server)) {
    case ClientWay::given:
      if (auto same = check_issuer_of_given(); !same) return std::move(same).error();
      return std::optional(given_client(request_.client, found_.server));
    case ClientWay::document:
      return std::optional(document_client(request_.client));
    case ClientWay::none:
      return Error{Kind::usage,
                   "the authorization server registers no clients by itself: set a client id of it "
                   "(DATADOG_CLIENT_ID), or --client-metadata-url if it takes such documents"};
    case ClientWay::registration:
      break;
  }
  if (need_.anew) return std::optional<ClientIdentity>();
  auto stored = context_.store.read();
  if (!stored) return std::optional<ClientIdentity>();
  const ClientIdentity* known = find(*stored, found_.server.issuer, need_.redirect_uri);
  if (known == nullptr || has_expired(*known)) return std::optional<ClientIdentity>();
  return std::optional(*known);
}

// Which issuer the user's client belongs to nobody says; the one that it was first used with, then.
Result<void> BecomeClient::check_issuer_of_given() const {
  const auto grant = stored_grant(context_.store, request_);
  const bool moved = grant && grant->client.id == request_.client.id &&
                     grant->client.source == ClientIdentity::Source::given &&
                     grant->server.issuer != found_.server.issuer;
  if (!moved) return {};
  return Error{Kind::untrusted,
               "the server names another authorization server than the one that the client id "
               "was used with: log out first if that is right"};
}

Result<void> BecomeClient::ask() {
  auto url =
      check_endpoint(found_.server.registration_endpoint, found_.server.issuer, request_.trusted);
  if (!url) return std::move(url).error().during("registering");
  auth_ = registered_auth(found_.server);
  const std::string body = registration_body(need_.redirect_uri, auth_, need_.scope, need_.device);
  fetch_ = std::make_unique<http::Fetch>(
      context_.client, json_post(*url, body, request_.trusted), kLongestReply,
      [this](Result<http::Response> response, bool) { read(std::move(response)); });
  return {};
}

void BecomeClient::read(Result<http::Response> response) {
  const auto ended = std::move(fetch_);
  if (!response) return finish(std::move(response).error().during("registering"));
  if (response->status != 200 && response->status != 201) {
    const int status = response->status;
    const bool later = status >= 500 || status == 429 || status == 408;
    return finish(Error{later ? Kind::unreachable : Kind::denied,
                        describe_registration_refusal(response->status, response->body)});
  }
  auto client = read_registration(response->body, need_.redirect_uri, auth_);
  if (!client) return finish(std::move(client).error().during("registering"));
  Registration registration;
  registration.issuer = found_.server.issuer;
  registration.client = *client;
  auto kept = context_.store.change([&](Stored& stored) { stored.put(registration); });
  if (!kept)
    base::log(base::LogLevel::debug, "the registration is not kept: {}", kept.error().what);
  finish(std::move(client));
}

void BecomeClient::finish(Result<ClientIdentity> client) {
  const Done done = std::move(done_);
  done(std::move(client));
}

std::uint16_t registered_port(const Stored& stored, const std::string& issuer) {
  for (const Registration& one : stored.registrations) {
    if (one.issuer != issuer) continue;
    const auto url = http::read_url(one.client.redirect_uri);
    if (url && url->port != 80) return static_cast<std::uint16_t>(url->port);
  }
  return 0;
}

}  // namespace dogpipe::auth
