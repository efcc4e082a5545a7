#include "auth/find_server.h"

#include <utility>

#include "auth/ask.h"
#include "auth/discovery.h"

namespace dogpipe::auth {
namespace {

using base::Error;
using base::Kind;
using base::Result;

constexpr std::size_t kLongestDocument = 256u << 10;
constexpr int kMostRedirects = 3;

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// A document's issuer need not be on an origin that endpoints may be on; where it is may lead to
// another public place.
Result<http::Url> check_document_url(std::string_view url, const Trusted& trusted) {
  return check_issuer(url, trusted);
}

Error no_server(const char* why) {
  return {Kind::malformed,
          std::string("no authorization server can be found: ") + why +
              ". If the server takes a token or keys, set DOGPIPE_TOKEN, or DD_API_KEY and "
              "DD_APPLICATION_KEY"};
}

}  // namespace

FindServer::FindServer(event::Loop& loop, http::Client& client, const Trusted& trusted, Hints hints,
                       Done done)
    : client_(client),
      trusted_(trusted),
      hints_(std::move(hints)),
      done_(std::move(done)),
      refuse_(loop, [this] { deliver(*refusal_); }) {
  if (hints_.resource_metadata.empty()) {
    places_ = resource_metadata_urls(trusted_.endpoint);
  } else {
    places_ = {hints_.resource_metadata};
  }
  ask_resource();
}

void FindServer::ask_resource() {
  if (next_ == places_.size()) return without_resource();
  get(places_[next_++], check_resource_metadata_url,
      [this](const Result<Page>& page) { read_resource(page); });
}

void FindServer::read_resource(const Result<Page>& page) {
  if (!page) return finish(page.error());
  all_missing_ = all_missing_ && page->status == 404;
  if (page->status != 200) return ask_resource();
  auto metadata = read_resource_metadata(page->body);
  // A web page in its place, for example.
  if (!metadata) return ask_resource();
  if (!covers(metadata->resource, trusted_.endpoint)) {
    return finish(Error{Kind::untrusted,
                        "the server's protected-resource metadata is about another resource"});
  }
  found_.resource = metadata->resource;
  found_.scopes = metadata->scopes;
  has_resource_ = true;
  choose_issuer(*metadata);
}

// The choice is ours (RFC 9728 section 7.6): one that we are a client of already, else the first
// that may be used.
void FindServer::choose_issuer(const ResourceMetadata& metadata) {
  for (const std::string& issuer : metadata.authorization_servers) {
    if (!check_issuer(issuer, trusted_)) continue;
    if (issuer_.empty() || issuer == hints_.issuer) issuer_ = issuer;
  }
  if (issuer_.empty()) {
    return finish(Error{Kind::untrusted,
                        "the server names an authorization server that is not trusted: "
                        "--allow-issuer admits one"});
  }
  places_ = server_metadata_urls(issuer_);
  next_ = 0;
  all_missing_ = true;
  ask_server();
}

// Revision 2025-03-26: the server is its own authorization server, or one that publishes nothing.
void FindServer::without_resource() {
  if (!hints_.resource_metadata.empty()) {
    return finish(no_server("the metadata that the server's challenge names is not there"));
  }
  issuer_ = legacy_issuer(trusted_.endpoint);
  http::Url endpoint = trusted_.endpoint;
  endpoint.query.clear();
  found_.resource = endpoint.text();
  if (found_.resource.back() == '/') found_.resource.pop_back();
  places_ = server_metadata_urls(issuer_);
  next_ = 0;
  ask_server();
}

void FindServer::ask_server() {
  if (next_ < places_.size()) {
    return get(places_[next_++], check_document_url,
               [this](const Result<Page>& page) { read_server(page); });
  }
  if (has_resource_ || !all_missing_) {
    return finish(no_server("its metadata is not where it should be"));
  }
  found_.server = legacy_endpoints(trusted_.endpoint);
  found_.guessed = true;
  finish(std::move(found_));
}

void FindServer::read_server(const Result<Page>& page) {
  if (!page) return finish(page.error());
  all_missing_ = all_missing_ && page->status == 404;
  if (page->status != 200) return ask_server();
  auto metadata = read_server_metadata(page->body);
  if (!metadata) return ask_server();
  if (!is_document_of(*metadata, issuer_)) {
    return finish(Error{Kind::untrusted,
                        "the authorization server's metadata names another issuer than the one "
                        "that was asked"});
  }
  found_.server = std::move(*metadata);
  finish(std::move(found_));
}

void FindServer::finish(Result<FoundServer> found) {
  const Done done = std::move(done_);
  done(std::move(found));
}

// ---- one document, with the redirects on the way to it; each hop is checked like the first

void FindServer::get(const std::string& url, Check check, OnPage on_page) {
  check_ = check;
  on_page_ = std::move(on_page);
  redirects_ = 0;
  follow(url);
}

void FindServer::follow(const std::string& url) {
  auto checked = check_(url, trusted_);
  if (!checked) {
    refusal_ = std::move(checked).error().during("discovery");
    return refuse_.schedule();
  }
  base_ = checked->text();
  fetch_ = std::make_unique<http::Fetch>(
      client_, metadata_request(*checked, trusted_), kLongestDocument,
      [this](Result<http::Response> response, bool) { take(std::move(response)); });
}

void FindServer::take(Result<http::Response> response) {
  const auto ended = std::move(fetch_);
  if (!response) return deliver(std::move(response).error().during("discovery"));
  if (!is_redirect(response->status) || response->location.empty()) {
    return deliver(Page{response->status, std::move(response->body)});
  }
  if (++redirects_ > kMostRedirects) return deliver(no_server("its metadata redirects for ever"));
  follow(http::resolve(base_, response->location));
}

// Moved out first: it may ask for the next document.
void FindServer::deliver(Result<Page> page) {
  const OnPage on_page = std::move(on_page_);
  on_page(std::move(page));
}

}  // namespace dogpipe::auth
