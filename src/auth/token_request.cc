#include "auth/token_request.h"

#include <string>

#include "auth/form.h"
#include "crypto/base64.h"

namespace dogpipe::auth {
namespace {

// RFC 6749 section 2.3.1: both parts are form-encoded before they are joined.
http::Header basic_authentication(const ClientIdentity& client) {
  const base::Secret secret(form_encoded(client.secret.reveal()));
  std::string text = form_encoded(client.id);
  text.reserve(text.size() + 1 + secret.reveal().size());
  text += ':';
  text += secret.reveal();
  const base::Secret pair(std::move(text));
  return {"Authorization", "Basic " + crypto::base64(pair.reveal())};
}

void authenticate(Form& form, const ClientIdentity& client, const base::Secret& assertion) {
  if (client.auth == ClientAuth::basic) return;
  form.add("client_id", client.id);
  if (client.auth == ClientAuth::post) form.add("client_secret", client.secret.reveal());
  if (client.auth != ClientAuth::private_key) return;
  form.add("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
  form.add("client_assertion", assertion.reveal());
}

FormRequest finished(Form& form, const ClientIdentity& client, const base::Secret& assertion) {
  authenticate(form, client, assertion);
  FormRequest request;
  request.fields = {{"Content-Type", "application/x-www-form-urlencoded"},
                    {"Accept", "application/json"}};
  if (client.auth == ClientAuth::basic) request.fields.push_back(basic_authentication(client));
  request.body = form.take();
  return request;
}

}  // namespace

FormRequest code_request(const ClientIdentity& client, const base::Secret& code,
                         std::string_view redirect_uri, const base::Secret& verifier,
                         std::string_view resource, const base::Secret& assertion) {
  Form form;
  form.add("grant_type", "authorization_code").add("code", code.reveal());
  form.add("redirect_uri", redirect_uri).add("code_verifier", verifier.reveal());
  form.add_unless_empty("resource", resource);
  return finished(form, client, assertion);
}

FormRequest refresh_request(const ClientIdentity& client, const base::Secret& refresh_token,
                            std::string_view resource, const base::Secret& assertion) {
  Form form;
  form.add("grant_type", "refresh_token").add("refresh_token", refresh_token.reveal());
  form.add_unless_empty("resource", resource);
  return finished(form, client, assertion);
}

FormRequest client_credentials_request(const ClientIdentity& client, std::string_view scope,
                                       std::string_view resource, const base::Secret& assertion) {
  Form form;
  form.add("grant_type", "client_credentials");
  form.add_unless_empty("scope", scope).add_unless_empty("resource", resource);
  return finished(form, client, assertion);
}

FormRequest device_request(const ClientIdentity& client, std::string_view scope,
                           std::string_view resource, const base::Secret& assertion) {
  Form form;
  form.add_unless_empty("scope", scope).add_unless_empty("resource", resource);
  return finished(form, client, assertion);
}

FormRequest device_token_request(const ClientIdentity& client, const base::Secret& device_code,
                                 std::string_view resource, const base::Secret& assertion) {
  Form form;
  form.add("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
  form.add("device_code", device_code.reveal()).add_unless_empty("resource", resource);
  return finished(form, client, assertion);
}

FormRequest revocation_request(const ClientIdentity& client, const base::Secret& token,
                               std::string_view hint, const base::Secret& assertion) {
  Form form;
  form.add("token", token.reveal()).add_unless_empty("token_type_hint", hint);
  return finished(form, client, assertion);
}

}  // namespace dogpipe::auth
