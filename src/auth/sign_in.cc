#include "auth/sign_in.h"

#include <chrono>
#include <utility>

#include "auth/ask.h"
#include "auth/device_login.h"
#include "auth/login.h"
#include "auth/scope.h"
#include "auth/service_login.h"
#include "base/clock.h"
#include "event/uv_loop.h"

namespace dogpipe::auth {

using base::Error;
using base::Kind;
using base::Result;

Result<void> SignIn::Method::paste(std::string_view) {
  return Error{Kind::usage, "this way of signing in takes no URL"};
}

bool SignIn::Method::linger(const std::function<void()>&) { return false; }

SignIn::SignIn(const SignInContext& context, SignInRequest request, SignInEvents events, Done done)
    : context_(context),
      request_(std::move(request)),
      events_(std::move(events)),
      done_(std::move(done)),
      patience_(context.loop, [this] { give_up(); }) {
  patience_.start(request_.patience);
  if (request_.ask_for_challenge) {
    knock();
  } else {
    find();
  }
}

// A ping outside any session: all that can come of it is a refusal, and that may say where to go.
void SignIn::knock() {
  constexpr std::size_t kLongestAnswer = 64u << 10;
  constexpr std::string_view kPing = R"({"jsonrpc":"2.0","id":0,"method":"ping"})";
  knock_ = std::make_unique<http::Fetch>(
      context_.client, mcp_post(request_.trusted.endpoint, kPing), kLongestAnswer,
      [this](Result<http::Response> response, bool) {
        const auto ended = std::move(knock_);
        const bool unreachable = !response && response.error().kind != Kind::too_large;
        if (unreachable) return finish(std::move(response).error());
        if (response) request_.challenge = read_challenge(response->challenge);
        find();
      });
}

void SignIn::find() {
  FindServer::Hints hints;
  hints.resource_metadata = request_.challenge.resource_metadata;
  if (const auto known = known_server()) hints.issuer = known->issuer;
  find_ = std::make_unique<FindServer>(
      context_.loop, context_.client, request_.trusted, std::move(hints),
      [this](Result<FoundServer> found) { on_found(std::move(found)); });
}

SignIn::~SignIn() = default;

Result<void> SignIn::paste(std::string_view url) {
  if (!method_) return Error{Kind::malformed, "the sign-in has not come that far"};
  return method_->paste(url);
}

bool SignIn::linger(const std::function<void()>& over) {
  patience_.stop();
  return method_ && method_->linger(over);
}

std::optional<ServerMetadata> SignIn::known_server() const {
  const auto grant = stored_grant(context_.store, request_);
  if (!grant) return std::nullopt;
  return grant->server;
}

// Endpoints are made up only for a server that has never published any.
Result<void> SignIn::check_guess() const {
  const auto known = known_server();
  const bool published = known && !known->token_endpoint.empty() &&
                         known->token_endpoint != found_.server.token_endpoint;
  if (!found_.guessed || !published) return {};
  return Error{Kind::unreachable,
               "the server's metadata is not there now, although it was: try again later"};
}

void SignIn::on_found(Result<FoundServer> found) {
  const auto ended = std::move(find_);
  if (!found) return finish(std::move(found).error());
  found_ = std::move(*found);
  if (auto right = check_guess(); !right) return finish(std::move(right).error());
  const Done done = [this](Result<Grant> grant) { finish(std::move(grant)); };
  switch (request_.method) {
    case SignInMethod::browser:
      method_ = std::make_unique<Login>(context_, request_, found_, events_, done);
      break;
    case SignInMethod::device:
      method_ = std::make_unique<DeviceLogin>(context_, request_, found_, events_, done);
      break;
    case SignInMethod::client_credentials:
      method_ = std::make_unique<ServiceLogin>(context_, request_, found_, done);
      break;
  }
}

// A code is good for one time: whoever has it goes on with it.
void SignIn::give_up() {
  if (method_ && method_->is_deciding()) return;
  find_.reset();
  method_.reset();
  finish(Error{Kind::timed_out, "nobody has signed in in time"});
}

void SignIn::finish(Result<Grant> grant) {
  patience_.stop();
  const Done done = std::move(done_);
  done(std::move(grant));
}

std::string endpoint_of(const Trusted& trusted) {
  http::Url endpoint = trusted.endpoint;
  endpoint.query.clear();
  return endpoint.text();
}

std::optional<Grant> stored_grant(TokenStore& store, const SignInRequest& request) {
  const auto stored = store.read();
  const Grant* grant =
      stored ? stored->find(request.profile, endpoint_of(request.trusted)) : nullptr;
  return grant == nullptr ? std::nullopt : std::optional(*grant);
}

std::string scope_for(const SignInRequest& request, const FoundServer& found) {
  ScopeSources sources;
  sources.chosen = request.scope;
  sources.challenge = request.challenge.scope;
  sources.resource = found.scopes;
  sources.server = found.server.scopes;
  sources.before = request.scope_before;
  return choose_scope(sources);
}

Grant make_grant(const SignInRequest& request, const FoundServer& found,
                 const ClientIdentity& client, const std::string& scope, TokenReply reply) {
  Grant grant;
  grant.profile = request.profile;
  grant.endpoint = endpoint_of(request.trusted);
  grant.server = found.server;
  grant.client = client;
  // What the user has set is the user's to keep.
  if (client.source == ClientIdentity::Source::given) grant.client.secret = base::Secret();
  grant.resource = found.resource;
  grant.requested_scope = scope;
  grant.site = request.site;
  renew(grant, std::move(reply));
  grant.signed_in_at = grant.issued_at;
  grant.refreshed_at = 0;
  return grant;
}

void renew(Grant& grant, TokenReply reply) {
  grant.access_token = std::move(reply.access_token);
  if (!reply.refresh_token.empty()) grant.refresh_token = std::move(reply.refresh_token);
  if (reply.scope) grant.granted_scope = *reply.scope;
  grant.issued_at = base::unix_seconds();
  grant.refreshed_at = grant.issued_at;
  grant.expires_at.reset();
  if (reply.lifetime) grant.expires_at = grant.issued_at + reply.lifetime->count();
  ++grant.generation;
}

Error no_token(TokenRefusal refusal) {
  const Kind kind = refusal == TokenRefusal::unavailable ? Kind::unreachable : Kind::denied;
  return {kind, "the authorization server gives no token: " + std::string(describe(refusal))};
}

Result<base::Secret> assertion_for(const ClientSettings& settings, const ClientIdentity& client,
                                   const ServerMetadata& server, crypto::Random& random) {
  if (client.auth != ClientAuth::private_key) return base::Secret();
  return client_assertion(settings.key, client.id, server.issuer,
                          std::chrono::seconds(base::unix_seconds()), random);
}

}  // namespace dogpipe::auth
