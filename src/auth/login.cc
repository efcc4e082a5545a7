#include "auth/login.h"

#include <chrono>
#include <utility>

#include "auth/scope.h"
#include "auth/site_choice.h"
#include "base/log.h"
#include "event/uv_loop.h"

namespace dogpipe::auth {
namespace {

using base::Error;
using base::Kind;
using base::Result;

constexpr base::Duration kPagePatience = std::chrono::seconds(2);

// From the URL in an address bar, or from its query alone.
std::string_view query_of(std::string_view pasted) {
  pasted = pasted.substr(0, pasted.find('#'));
  const std::size_t mark = pasted.find('?');
  return mark == std::string_view::npos ? pasted : pasted.substr(mark + 1);
}

Error describe(Return::Refusal refusal) {
  switch (refusal) {
    case Return::Refusal::access_denied:
      return {Kind::denied, "the sign-in was refused in the browser"};
    case Return::Refusal::invalid_scope:
      return {Kind::denied,
              "the authorization server refused the scopes asked for: --scope sets others"};
    case Return::Refusal::server:
      return {Kind::unreachable, "the authorization server failed: try again later"};
    case Return::Refusal::other:
      break;
  }
  return {Kind::denied, "the authorization server refused the request"};
}

}  // namespace

Login::Login(const SignInContext& context, const SignInRequest& request, const FoundServer& found,
             const SignInEvents& events, SignIn::Done done)
    : context_(context),
      request_(request),
      found_(found),
      events_(events),
      done_(std::move(done)),
      scope_(scope_for(request, found)),
      tell_(context.loop, [this] { finish(std::move(*outcome_)); }),
      page_patience_(context.loop, [this] { over_(); }) {
  auto ready = check_server();
  if (ready) ready = listen();
  if (ready) {
    become_client(false);
  } else {
    outcome_ = std::move(ready).error();
    tell_.schedule();
  }
}

Login::~Login() = default;

Result<void> Login::check_server() const {
  if (found_.server.authorization_endpoint.empty()) {
    return Error{Kind::denied, "the authorization server offers no sign-in by browser"};
  }
  if (!found_.guessed && !does_s256(found_.server)) {
    return Error{Kind::untrusted, "the authorization server does not offer PKCE with S256"};
  }
  return {};
}

// Before anything else: the redirect URI must be ours before anybody hears it.
Result<void> Login::listen() {
  Callback::Place place;
  place.redirect_uri = request_.redirect_uri;
  if (auto stored = context_.store.read()) {
    place.preferred_port = registered_port(*stored, found_.server.issuer);
  }
  auto callback = Callback::listen(context_.loop, place,
                                   [this](std::string_view query, Callback::Visitor visitor) {
                                     on_visit(query, std::move(visitor));
                                   });
  if (!callback) return std::move(callback).error().during("waiting for the browser");
  callback_ = std::move(*callback);
  return {};
}

void Login::become_client(bool anew) {
  registered_anew_ = anew;
  becoming_ = std::make_unique<BecomeClient>(
      context_, request_, found_,
      BecomeClient::Need{callback_->redirect_uri(), scope_, anew, false},
      [this](Result<ClientIdentity> client) { on_client(std::move(client)); });
}

void Login::on_client(Result<ClientIdentity> client) {
  const auto ended = std::move(becoming_);
  if (!client) return finish(std::move(client).error());
  client_ = std::move(*client);
  if (auto sent = authorize(); !sent) finish(std::move(sent).error());
}

Result<void> Login::authorize() {
  auto endpoint = check_browser_url(found_.server.authorization_endpoint, found_.server.issuer,
                                    request_.trusted);
  if (!endpoint) return std::move(endpoint).error().during("the authorization endpoint");
  auto pkce = make_pkce(context_.random);
  if (!pkce) return std::move(pkce).error();
  auto state = make_state(context_.random);
  if (!state) return std::move(state).error();
  pkce_ = std::move(*pkce);
  expected_ = {*state, found_.server.issuer, found_.server.names_issuer_in_response};
  AuthorizationRequest request;
  request.client_id = client_.id;
  request.redirect_uri = callback_->redirect_uri();
  request.scope = scope_;
  request.resource = found_.resource;
  request.state = std::move(*state);
  request.challenge = pkce_.challenge;
  request.organization = request_.organization;
  const std::string text = authorization_url(*endpoint, request);
  auto url = check_browser_url(text, found_.server.issuer, request_.trusted);
  if (!url) return std::move(url).error().during("the authorization URL");
  events_.on_url(url->text());
  if (request_.open_browser) open_browser(*url);
  return {};
}

void Login::open_browser(const http::Url& url) {
  browser_ = std::make_unique<BrowserLaunch>(context_.loop, context_.spawner,
                                             browser_commands(url, this_machine()),
                                             [this](bool opened) { events_.on_browser(opened); });
}

void Login::on_visit(std::string_view query, Callback::Visitor visitor) {
  if (!take(query)) return visitor.reject();
  visitor_.emplace(std::move(visitor));
}

Result<void> Login::paste(std::string_view url) {
  if (take(query_of(url))) return {};
  return Error{Kind::malformed,
               "this is not the address that the browser was sent to at the end of this sign-in"};
}

// Whether it is the answer to our request. There is only one: what comes later is a stranger's.
bool Login::take(std::string_view query) {
  if (expected_.state.empty() || outcome_) return false;
  back_ = read_return(query, expected_);
  if (back_.means == Return::Means::stranger) return false;
  expected_.state.clear();
  outcome_ = describe(back_.refusal);
  if (back_.means == Return::Means::granted) {
    auto asked = check_choice(back_);
    if (asked) asked = exchange(back_.code);
    if (asked) return true;
    outcome_ = std::move(asked).error();
  }
  tell_.schedule();
  return true;
}

Result<void> Login::check_choice(const Return& back) const {
  if (!request_.organization.empty() && !back.organization.empty() &&
      back.organization != request_.organization) {
    return Error{Kind::denied,
                 "another organization was chosen in the browser than the profile's: nothing is "
                 "kept of this sign-in"};
  }
  if (!is_choice_of(request_.site, back.domain, request_.trusted.domains)) {
    return Error{Kind::denied, "the browser signed in at another Datadog site than " +
                                   request_.site +
                                   ": nothing is kept of this sign-in; --site sets the site"};
  }
  return {};
}

Result<void> Login::exchange(const base::Secret& code) {
  auto url = check_endpoint(found_.server.token_endpoint, found_.server.issuer, request_.trusted);
  if (!url) return std::move(url).error().during("the token endpoint");
  auto assertion = assertion_for(request_.client, client_, found_.server, context_.random);
  if (!assertion) return std::move(assertion).error();
  const FormRequest form = code_request(client_, code, callback_->redirect_uri(), pkce_.verifier,
                                        found_.resource, *assertion);
  fetch_ = ask_token(context_.client, form_post(*url, form, request_.trusted),
                     [this](Result<TokenAnswer> answer, bool) { on_token(std::move(answer)); });
  return {};
}

void Login::on_token(Result<TokenAnswer> answer) {
  const auto ended = std::move(fetch_);
  if (!answer) return finish(std::move(answer).error());
  if (auto* reply = std::get_if<TokenReply>(&*answer)) {
    Grant grant = make_grant(request_, found_, client_, scope_, std::move(*reply));
    grant.organization = back_.organization;
    grant.organization_name = back_.organization_name;
    return finish(std::move(grant));
  }
  const auto refusal = std::get<TokenRefusal>(*answer);
  const bool forgotten = refusal == TokenRefusal::invalid_client &&
                         client_.source == ClientIdentity::Source::registered;
  if (!forgotten || registered_anew_) return finish(no_token(refusal));
  base::log(base::LogLevel::info, "the authorization server has forgotten us: registering anew");
  if (visitor_) visitor_->show({ResultPage::Kind::failed, {}});
  visitor_.reset();
  outcome_.reset();
  become_client(true);
}

void Login::finish(Result<Grant> grant) {
  show(grant);
  const SignIn::Done done = std::move(done_);
  done(std::move(grant));
}

void Login::show(const Result<Grant>& grant) {
  if (!visitor_) return;
  ResultPage page;
  if (grant) {
    page = {ResultPage::Kind::signed_in, back_.organization_name};
  } else if (back_.means == Return::Means::refused) {
    page.kind = ResultPage::Kind::refused;
  }
  callback_->on_shown([this] { on_shown(); });
  visitor_->show(std::move(page));
}

void Login::on_shown() {
  page_shown_ = true;
  if (over_) page_patience_.start(base::Duration::zero());
}

// The browser may have been faster than whoever wants to go.
bool Login::linger(const std::function<void()>& over) {
  if (!visitor_) return false;
  over_ = over;
  page_patience_.start(page_shown_ ? base::Duration::zero() : kPagePatience);
  return true;
}

}  // namespace dogpipe::auth
