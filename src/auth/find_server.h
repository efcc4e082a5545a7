// Finding the authorization server of an MCP server (MCP authorization, "Authorization Server
// Discovery").
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/metadata.h"
#include "auth/url_policy.h"
#include "base/result.h"
#include "event/loop.h"
#include "http/client.h"
#include "http/fetch.h"

namespace dogpipe::auth {

struct FoundServer {
  ServerMetadata server;
  // The resource's identifier for RFC 8707, as published; else the endpoint without its query.
  std::string resource;
  std::optional<std::vector<std::string>> scopes;  // of the resource
  // Servers of revision 2025-03-26 that publish nothing: their endpoints are a convention, and what
  // they can do is not known.
  bool guessed = false;
};

// metadata of the resource -> an issuer -> metadata of the server. Owning is looking.
class FindServer {
 public:
  using Done = std::function<void(base::Result<FoundServer>)>;

  struct Hints {
    std::string resource_metadata;  // URL from the challenge; may be empty
    std::string issuer;             // preferred where the resource names several; may be empty
  };

  // All references must outlive it. `done` is called once, on a turn of its own, last; it may
  // destroy the FindServer.
  FindServer(event::Loop& loop, http::Client& client, const Trusted& trusted, Hints hints,
             Done done);
  FindServer(const FindServer&) = delete;
  FindServer& operator=(const FindServer&) = delete;

 private:
  struct Page {
    int status = 0;
    std::string body;
  };
  using OnPage = std::function<void(base::Result<Page>)>;
  using Check = base::Result<http::Url> (*)(std::string_view, const Trusted&);

  void ask_resource();
  void read_resource(const base::Result<Page>& page);
  void choose_issuer(const ResourceMetadata& metadata);
  void ask_server();
  void read_server(const base::Result<Page>& page);
  void without_resource();
  void finish(base::Result<FoundServer> found);

  void get(const std::string& url, Check check, OnPage on_page);
  void follow(const std::string& url);
  void take(base::Result<http::Response> response);
  void deliver(base::Result<Page> page);

  http::Client& client_;
  const Trusted& trusted_;
  Hints hints_;
  Done done_;
  FoundServer found_;
  std::string issuer_;  // wanted
  std::vector<std::string> places_;
  std::size_t next_ = 0;
  bool all_missing_ = true;  // every document asked for was answered with 404
  bool has_resource_ = false;
  // The present request.
  Check check_ = nullptr;
  OnPage on_page_;
  int redirects_ = 0;
  std::string base_;  // URL of the present hop
  std::optional<base::Error> refusal_;
  event::Deferred refuse_;
  std::unique_ptr<http::Fetch> fetch_;
};

}  // namespace dogpipe::auth
