#include "auth/service_login.h"

#include <utility>

#include "event/uv_loop.h"

namespace dogpipe::auth {

using base::Error;
using base::Kind;
using base::Result;

ServiceLogin::ServiceLogin(const SignInContext& context, const SignInRequest& request,
                           const FoundServer& found, SignIn::Done done)
    : context_(context),
      request_(request),
      found_(found),
      done_(std::move(done)),
      scope_(scope_for(request, found)),
      refuse_(context.loop, [this] { finish(*refusal_); }) {
  if (auto asked = ask(); !asked) {
    refusal_ = std::move(asked).error();
    refuse_.schedule();
  }
}

Result<void> ServiceLogin::ask() {
  if (request_.client.id.empty()) {
    return Error{Kind::usage, "client credentials want a client id (DATADOG_CLIENT_ID)"};
  }
  client_ = given_client(request_.client, found_.server);
  if (client_.auth == ClientAuth::none) {
    return Error{Kind::usage,
                 "client credentials want a secret (DATADOG_CLIENT_SECRET) or a key "
                 "(--client-assertion-key)"};
  }
  auto url = check_endpoint(found_.server.token_endpoint, found_.server.issuer, request_.trusted);
  if (!url) return std::move(url).error().during("the token endpoint");
  auto assertion = assertion_for(request_.client, client_, found_.server, context_.random);
  if (!assertion) return std::move(assertion).error();
  const FormRequest form = client_credentials_request(client_, scope_, found_.resource, *assertion);
  fetch_ = ask_token(context_.client, form_post(*url, form, request_.trusted),
                     [this](Result<TokenAnswer> answer, bool) { on_token(std::move(answer)); });
  return {};
}

void ServiceLogin::on_token(Result<TokenAnswer> answer) {
  const auto ended = std::move(fetch_);
  if (!answer) return finish(std::move(answer).error());
  if (const auto* refusal = std::get_if<TokenRefusal>(&*answer)) return finish(no_token(*refusal));
  finish(make_grant(request_, found_, client_, scope_, std::move(std::get<TokenReply>(*answer))));
}

void ServiceLogin::finish(Result<Grant> grant) {
  const SignIn::Done done = std::move(done_);
  done(std::move(grant));
}

}  // namespace dogpipe::auth
