#include "auth/device_login.h"

#include <utility>

#include "event/uv_loop.h"

namespace dogpipe::auth {
namespace {

using base::Error;
using base::Kind;
using base::Result;

constexpr std::size_t kLongestReply = 64u << 10;
// Nobody comes back to it, but registrations want one; it also tells those for devices from others.
constexpr const char* kRedirect = "http://localhost/device";
constexpr std::chrono::seconds kSlower{5};  // RFC 8628 section 3.5, slow_down

}  // namespace

DeviceLogin::DeviceLogin(const SignInContext& context, const SignInRequest& request,
                         const FoundServer& found, const SignInEvents& events, SignIn::Done done)
    : context_(context),
      request_(request),
      found_(found),
      events_(events),
      done_(std::move(done)),
      scope_(scope_for(request, found)),
      pause_(context.loop, [this] {
        if (auto asked = ask_for_token(); !asked) finish(std::move(asked).error());
      }) {
  becoming_ = std::make_unique<BecomeClient>(
      context_, request_, found_, BecomeClient::Need{kRedirect, scope_, false, true},
      [this](Result<ClientIdentity> client) { on_client(std::move(client)); });
}

Result<http::Url> DeviceLogin::endpoint(const std::string& url) const {
  auto checked = check_endpoint(url, found_.server.issuer, request_.trusted);
  if (!checked) return std::move(checked).error().during("device authorization");
  return checked;
}

void DeviceLogin::on_client(Result<ClientIdentity> client) {
  const auto ended = std::move(becoming_);
  if (!client) return finish(std::move(client).error());
  client_ = std::move(*client);
  if (auto asked = ask_for_code(); !asked) finish(std::move(asked).error());
}

Result<void> DeviceLogin::ask_for_code() {
  if (found_.server.device_authorization_endpoint.empty()) {
    return Error{Kind::denied,
                 "the authorization server offers no sign-in on another device: use --paste"};
  }
  auto url = endpoint(found_.server.device_authorization_endpoint);
  if (!url) return std::move(url).error();
  auto assertion = assertion_for(request_.client, client_, found_.server, context_.random);
  if (!assertion) return std::move(assertion).error();
  const FormRequest form = device_request(client_, scope_, found_.resource, *assertion);
  fetch_ = std::make_unique<http::Fetch>(
      context_.client, form_post(*url, form, request_.trusted), kLongestReply,
      [this](Result<http::Response> response, bool) { on_code(std::move(response)); });
  return {};
}

void DeviceLogin::on_code(Result<http::Response> response) {
  const auto ended = std::move(fetch_);
  if (!response) return finish(std::move(response).error().during("device authorization"));
  if (response->status != 200) {
    return finish(no_token(read_token_refusal(response->status, response->body)));
  }
  auto device = read_device_reply(response->body);
  if (!device) return finish(std::move(device).error().during("device authorization"));
  device_ = std::move(*device);
  if (auto shown = show(); !shown) return finish(std::move(shown).error());
  ends_ = context_.loop.now() + device_.lifetime;
  wait_and_ask();
}

Result<void> DeviceLogin::show() {
  const auto checked = [this](const std::string& url) {
    return check_browser_url(url, found_.server.issuer, request_.trusted);
  };
  auto page = checked(device_.verification_uri);
  if (!page) return std::move(page).error().during("the page for the code");
  const auto complete = checked(device_.verification_uri_complete);
  events_.on_device(page->text(), device_.user_code, complete ? complete->text() : "");
  return {};
}

void DeviceLogin::wait_and_ask() {
  if (context_.loop.now() + device_.interval > ends_) {
    return finish(Error{Kind::timed_out, "nobody has entered the code in time"});
  }
  pause_.start(device_.interval);
}

Result<void> DeviceLogin::ask_for_token() {
  auto url = endpoint(found_.server.token_endpoint);
  if (!url) return std::move(url).error();
  auto assertion = assertion_for(request_.client, client_, found_.server, context_.random);
  if (!assertion) return std::move(assertion).error();
  const FormRequest form =
      device_token_request(client_, device_.device_code, found_.resource, *assertion);
  fetch_ = ask_token(context_.client, form_post(*url, form, request_.trusted),
                     [this](Result<TokenAnswer> answer, bool) { on_token(std::move(answer)); });
  return {};
}

void DeviceLogin::on_token(Result<TokenAnswer> answer) {
  const auto ended = std::move(fetch_);
  if (!answer) {  // the network comes and goes while a person types (section 3.5)
    device_.interval *= 2;
    return wait_and_ask();
  }
  if (auto* reply = std::get_if<TokenReply>(&*answer)) {
    return finish(make_grant(request_, found_, client_, scope_, std::move(*reply)));
  }
  switch (const auto refusal = std::get<TokenRefusal>(*answer)) {
    case TokenRefusal::slow_down:
    case TokenRefusal::unavailable:
      device_.interval += kSlower;
      return wait_and_ask();
    case TokenRefusal::authorization_pending:
      return wait_and_ask();
    default:
      return finish(no_token(refusal));
  }
}

void DeviceLogin::finish(Result<Grant> grant) {
  const SignIn::Done done = std::move(done_);
  done(std::move(grant));
}

}  // namespace dogpipe::auth
