#include "sandbox/oauth_authorize.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "sandbox/gate.h"
#include "sandbox/oauth_metadata.h"
#include "sandbox/oauth_reply.h"

namespace dogpipe::sandbox {
namespace {

constexpr std::array<std::string_view, 3> kScopes = {"mcp_all", "mcp_read", "mcp_write"};

struct Site {
  std::string domain, url;
};

// Sites of one label before the registered name have no app. in front.
Site site_of(const OAuthQuirks& quirks) {
  std::string domain = quirks.site;
  if (quirks.wrong_site) domain = domain == "datadoghq.eu" ? "datadoghq.com" : "datadoghq.eu";
  const bool bare = std::count(domain.begin(), domain.end(), '.') == 1;
  std::string url = bare ? "https://app." + domain : "https://" + domain;
  return {std::move(domain), std::move(url)};
}

bool is_s256(std::string_view challenge) {
  return challenge.size() == 43 && std::all_of(challenge.begin(), challenge.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

std::string consent_link(std::string_view path, const Form& form, std::string_view text) {
  return fmt::format("<li><a class=\"consent\" href=\"{}\">{}</a></li>\n",
                     escaped(with_query(path, form)), escaped(text));
}

}  // namespace

bool redirect_allowed(std::string_view uri) {
  if (uri.find('#') != std::string_view::npos || uri.find('\\') != std::string_view::npos) {
    return false;
  }
  const std::size_t mark = uri.find("://");
  if (mark == std::string_view::npos) return false;
  const std::string_view scheme = uri.substr(0, mark);
  std::string_view host = uri.substr(mark + 3);
  host = host.substr(0, host.find_first_of("/?"));
  if (host.find('@') != std::string_view::npos) return false;
  const std::size_t port = host.rfind(':');
  if (port != std::string_view::npos && host.back() != ']') host = host.substr(0, port);
  if (host == "localhost") return scheme == "http" || scheme == "https";
  if (host == "127.0.0.1" || host == "[::1]") return scheme == "http";
  return scheme == "https" && (host == "claude.ai" || host == "app.datadoghq.com");
}

ScopeVerdict judge_scope(const Form& form, const OAuthQuirks& quirks) {
  if (!form.has("scope")) {
    const bool without = quirks.refuse_mcp_all && quirks.default_scope == "mcp_all";
    return {without ? "mcp_read mcp_write" : quirks.default_scope, ""};
  }
  const std::string scope = form.value("scope");
  std::string unknown;
  for (const std::string& word : words(scope)) {
    if (std::find(kScopes.begin(), kScopes.end(), word) != kScopes.end()) continue;
    if (!unknown.empty()) unknown += ' ';
    unknown += word;
  }
  if (!unknown.empty() || words(scope).empty()) {
    return {"", "The following scopes are not recognized: " + unknown};
  }
  if (quirks.refuse_mcp_all && allows(scope, "mcp_all")) {
    return {"", "The following scopes are not permitted: org_authorized_apps_read"};
  }
  return {scope, ""};
}

event::HttpReply Authorize::open(const Form& form) {
  if (form.repeated()) return error_page("Duplicate parameters.");
  if (!clients_.known(form.value("client_id"))) {
    return error_page("Invalid client_id parameter value.");
  }
  const std::string uri = form.value("redirect_uri");
  if (!redirect_allowed(uri)) return error_page("Mismatching redirect URI.");
  if (form.value("code_challenge_method") != "S256" || !is_s256(form.value("code_challenge"))) {
    return error_page("Code challenge required.");
  }
  Request request;
  request.terms.grant.client_id = form.value("client_id");
  request.terms.grant.resource = form.value("resource");
  request.terms.redirect_uri = uri;
  request.terms.challenge = form.value("code_challenge");
  request.state = form.value("state");
  request.has_state = form.has("state");
  return go_on(std::move(request), form);
}

// From here on the client is told what is wrong.
event::HttpReply Authorize::go_on(Request request, const Form& form) {
  const OAuthQuirks& quirks = context_.quirks.oauth;
  if (form.value("response_type") != "code") {
    return refuse(request, "unsupported_response_type", "The response type must be code.");
  }
  ScopeVerdict verdict = judge_scope(form, quirks);
  if (!verdict.complaint.empty()) return refuse(request, "invalid_scope", verdict.complaint);
  request.terms.grant.scope = std::move(verdict.granted);
  if (quirks.require_resource &&
      request.terms.grant.resource != resource(quirks, context_.origins)) {
    return refuse(request, "invalid_target", "The resource is not known.");
  }
  const Organization* chosen = nullptr;
  if (form.has("dd_oid")) {
    chosen = find_organization(form.value("dd_oid"));
    if (chosen == nullptr) return refuse(request, "access_denied", "Not a member of that org.");
  }
  if (quirks.deny) return refuse(request, "access_denied", "The user has denied the request.");
  if (quirks.auto_consent) {
    return grant(std::move(request), chosen == nullptr ? kOrganizations[0] : *chosen);
  }
  return consent_page(std::move(request), chosen);
}

event::HttpReply Authorize::consent_page(Request request, const Organization* chosen) {
  auto ticket = crypto::random_hex(context_.random, 16);
  if (!ticket) return plain_error(500, "Internal error");
  const std::string path = oauth_paths(context_.quirks.oauth.place).consent;
  std::string body =
      fmt::format("<p>Permissions: {}</p>\n<ul>\n", escaped(request.terms.grant.scope));
  for (const Organization& organization : kOrganizations) {
    if (chosen != nullptr && chosen != &organization) continue;
    body += consent_link(path, Form().add("ticket", *ticket).add("org", organization.uuid),
                         fmt::format("Authorize for {}", organization.name));
  }
  body += consent_link(path, Form().add("ticket", *ticket).add("deny", "1"), "Deny");
  waiting_[*ticket] = std::move(request);
  return page(200, "Authorize access to Datadog", body + "</ul>\n");
}

event::HttpReply Authorize::consent(const Form& form) {
  const auto found = waiting_.find(form.value("ticket"));
  if (found == waiting_.end()) return error_page("Unknown consent.");
  const bool denies = form.has("deny");
  const Organization* organization = find_organization(form.value("org"));
  if (!denies && organization == nullptr) return error_page("Unknown org.");
  Request request = std::move(found->second);
  waiting_.erase(found);
  if (denies) return refuse(request, "access_denied", "The user has denied the request.");
  return grant(std::move(request), *organization);
}

event::HttpReply Authorize::grant(Request request, const Organization& organization) {
  request.terms.grant.organization = &organization;
  const auto code = tokens_.make_code(request.terms, context_.loop.now());
  if (!code) return refuse(request, "server_error", "");
  const Site site = site_of(context_.quirks.oauth);
  Form form;
  form.add("code", *code).add("dd_oid", organization.uuid).add("dd_org_name", organization.name);
  form.add("site", site.url).add("domain", site.domain);
  return send_back(request, std::move(form));
}

event::HttpReply Authorize::refuse(const Request& request, std::string_view error,
                                   std::string_view description) const {
  Form form;
  form.add("error", error);
  if (!description.empty()) form.add("error_description", description);
  return send_back(request, std::move(form));
}

event::HttpReply Authorize::send_back(const Request& request, Form form) const {
  const OAuthQuirks& quirks = context_.quirks.oauth;
  if (request.has_state) form.add("state", request.state);
  if (quirks.wrong_iss) {
    form.add("iss", "https://other.example.com");
  } else if (quirks.iss) {
    form.add("iss", issuer(quirks, context_.origins));
  }
  return redirect(with_query(request.terms.redirect_uri, form));
}

event::HttpReply Authorize::error_page(std::string_view description) const {
  if (context_.quirks.oauth.place != OAuthPlace::legacy) {
    return plain_error(400, fmt::format("invalid_request - {}", description));
  }
  event::HttpReply reply;
  reply.status = 400;
  reply.fields.add("Content-Type", "text/plain; charset=utf-8");
  reply.body = fmt::format("{}\n", description);
  return reply;
}

}  // namespace dogpipe::sandbox
