#include "sandbox/oauth_server.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "sandbox/gate.h"
#include "sandbox/oauth_reply.h"

namespace dogpipe::sandbox {
namespace {

constexpr std::size_t kLogged = 200;

TokenTable::Rules rules_of(const OAuthQuirks& quirks) {
  return {quirks.token_life, quirks.refresh_life, quirks.rotate, !quirks.no_refresh_grant};
}

void log(std::vector<std::string>& paths, const std::string& path) {
  if (paths.size() < kLogged) paths.push_back(path);
}

// What a request said, with the secrets left out.
std::map<std::string, std::string> shown(const Form& form) {
  constexpr std::array<std::string_view, 7> kSecret = {
      "code", "code_verifier", "refresh_token", "device_code", "token", "client_secret", "state"};
  std::map<std::string, std::string> out;
  for (const auto& [name, value] : form) {
    const bool secret = std::find(kSecret.begin(), kSecret.end(), name) != kSecret.end();
    out[name] = secret && !value.empty() ? "*" : value;
  }
  return out;
}

}  // namespace

OAuthServer::OAuthServer(Context& context)
    : context_(context),
      paths_(oauth_paths(context.quirks.oauth.place)),
      clients_(context.random, context.quirks.oauth),
      tokens_(context.random, rules_of(context.quirks.oauth)),
      authorize_(context, clients_, tokens_),
      devices_(context, tokens_),
      token_endpoint_(context, clients_, tokens_, devices_) {}

bool OAuthServer::serve(Host host, const event::HttpRequest& request, event::HttpAnswer& answer) {
  if (is_discovery(request.path)) {
    ++context_.ledger.oauth.discoveries;
    log(context_.ledger.oauth.discovery_paths, request.path);
    if (host == Host::app) {
      answer.respond(plain_error(404, "Not found"));
    } else {
      serve_metadata(request, answer);
    }
    return true;
  }
  const Host own = context_.quirks.oauth.place == OAuthPlace::app ? Host::app : Host::mcp;
  if (host == own && (serve_visit(request, answer) || serve_client(request, answer))) return true;
  if (host == Host::mcp && is_endpoint(request.path)) return false;
  ++context_.ledger.oauth.unexpected;
  log(context_.ledger.oauth.unexpected_paths, request.path);
  answer.respond(plain_error(404, "Not found"));
  return true;
}

void OAuthServer::serve_metadata(const event::HttpRequest& request, event::HttpAnswer& answer) {
  auto document = metadata_at(request.path, context_.quirks.oauth, context_.origins);
  if (!document) return answer.respond(plain_error(404, "Not found"));
  if (request.method != "GET") return answer.respond(wrong_method("GET"));
  answer.respond(json_reply(200, *std::move(document)));
}

// What a browser opens.
bool OAuthServer::serve_visit(const event::HttpRequest& request, event::HttpAnswer& answer) {
  const bool device = context_.quirks.oauth.device && request.path == paths_.verification;
  if (!device && request.path != paths_.authorize && request.path != paths_.consent) return false;
  const Form form(request.query);
  if (request.method != "GET") {
    answer.respond(wrong_method("GET"));
  } else if (device) {
    answer.respond(devices_.verification_page(form));
  } else if (request.path == paths_.consent) {
    answer.respond(authorize_.consent(form));
  } else {
    ++context_.ledger.oauth.authorizations;
    context_.ledger.oauth.last_authorization = shown(form);
    answer.respond(authorize_.open(form));
  }
  return true;
}

// What a client asks for by itself.
bool OAuthServer::serve_client(const event::HttpRequest& request, event::HttpAnswer& answer) {
  const OAuthQuirks& quirks = context_.quirks.oauth;
  if (request.path == paths_.token) {
    context_.ledger.oauth.last_token_request = shown(Form(request.body));
    serve_token(request, answer);
  } else if (request.path == paths_.registration) {
    ++context_.ledger.oauth.registrations;
    context_.ledger.oauth.last_registration = request.body;
    answer.respond(clients_.register_client(request));
  } else if (quirks.revocation && request.path == paths_.revocation) {
    answer.respond(token_endpoint_.revoke(request));
  } else if (quirks.device && request.path == paths_.device) {
    answer.respond(token_endpoint_.device(request));
  } else {
    return false;
  }
  return true;
}

void OAuthServer::serve_token(const event::HttpRequest& request, event::HttpAnswer& answer) {
  auto outcome = token_endpoint_.token(request);
  if (outcome.lost) return answer.abort();
  if (outcome.delay.count() == 0) return answer.respond(std::move(outcome.reply));
  // Shared only because std::function wants to be copied.
  auto kept = std::make_shared<event::HttpAnswer>(std::move(answer));
  context_.later.after(outcome.delay,
                       [kept, reply = std::move(outcome.reply)] { kept->respond(reply); });
}

bool OAuthServer::serve_tests(const event::HttpRequest& request, event::HttpAnswer& answer) {
  if (request.path == "/sandbox/approve-device" || request.path == "/sandbox/deny-device") {
    answer.respond(settle_device(request, request.path == "/sandbox/approve-device"));
    return true;
  }
  if (request.method != "POST") return false;
  if (request.path == "/sandbox/expire-tokens") {
    tokens_.expire();
  } else if (request.path == "/sandbox/revoke-all") {
    tokens_.revoke_all();
  } else if (request.path == "/sandbox/forget-clients") {
    clients_.forget();
  } else {
    return false;
  }
  answer.respond(json_reply(200, "{}"));
  return true;
}

event::HttpReply OAuthServer::settle_device(const event::HttpRequest& request, bool approved) {
  const Form form(request.query);
  const Organization* organization =
      form.has("org") ? find_organization(form.value("org")) : kOrganizations.data();
  if (organization == nullptr) return plain_error(400, "Unknown org");
  if (!devices_.settle(form.value("user_code"), approved ? organization : nullptr)) {
    return plain_error(404, "Unknown user code");
  }
  return page(200, approved ? "Device connected" : "Device refused", "");
}

}  // namespace dogpipe::sandbox
