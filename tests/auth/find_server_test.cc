#include "auth/find_server.h"

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fakes/fake_client.h"
#include "fakes/fake_loop.h"
#include "flow.h"

namespace dogpipe::auth {
namespace {

using base::Kind;
using Strings = std::vector<std::string>;

constexpr const char* kMcp = "https://mcp.datadoghq.com";
constexpr const char* kResource = "https://mcp.datadoghq.com/.well-known/oauth-protected-resource";
constexpr const char* kServer = "https://mcp.datadoghq.com/.well-known/oauth-authorization-server";
constexpr const char* kOpenId = "https://mcp.datadoghq.com/.well-known/openid-configuration";
constexpr const char* kApp = "https://app.datadoghq.com/.well-known/oauth-authorization-server";
constexpr const char* kAppOpenId = "https://app.datadoghq.com/.well-known/openid-configuration";

struct Page {
  int status = 404;
  std::string body;
  std::string location;
  std::string type = "application/json";
};

Page json(std::string body) { return {200, std::move(body), "", "application/json"}; }
Page moved(std::string to, int status = 302) { return {status, "", std::move(to), ""}; }
Page status(int number) { return {number, "", "", ""}; }

Page resource(const std::string& issuers = "\"https://app.datadoghq.com\"",
              const std::string& of = kEndpoint) {
  return json(R"({"resource":")" + of + R"(","authorization_servers":[)" + issuers +
              R"(],"scopes_supported":["read"]})");
}
Page server(const std::string& issuer = kIssuer) {
  return json(write_server_metadata(server_at(issuer)));
}

// The pages of the internet, by their addresses; what is not there is a 404. A page with status 0
// does not answer: the connection fails.
struct Scene : QuietLog {
  using Pages = std::map<std::string, Page>;

  explicit Scene(Pages all, FindServer::Hints hints = {}, const char* endpoint = kEndpoint)
      : pages(std::move(all)), trusted(trust_in(endpoint)) {
    client.on_send = [this](fakes::FakeRequest& request) { serve(request); };
    find = std::make_unique<FindServer>(loop, client, trusted, std::move(hints),
                                        [this](base::Result<FoundServer> server) {
                                          ++times;
                                          found = std::move(server);
                                          find.reset();
                                        });
    CHECK(times == 0);
    // As the real client, which answers on a turn of its own.
    for (std::size_t i = 0; i < client.count(); ++i) {
      play(client.at(i));
      loop.turn();
    }
    loop.turn();
    CHECK(times == 1);
  }

  void serve(fakes::FakeRequest& request) {
    urls.push_back(request.request().url);
    CHECK(request.request().method == http::Method::get);
    CHECK(request.field("MCP-Protocol-Version") == "2025-11-25");
    CHECK(request.field("Accept") == "application/json");
    CHECK(request.field("Authorization").empty());
    CHECK(request.request().public_only);
    CHECK(request.request().patience.total.count() > 0);
  }
  void play(fakes::FakeRequest& request) {
    const auto at = pages.find(request.request().url);
    const Page page = at == pages.end() ? Page() : at->second;
    if (page.status == 0) return request.fail(Kind::unreachable, false);
    std::vector<http::Header> fields;
    if (!page.location.empty()) fields.push_back({"Location", page.location});
    request.answer(page.status, page.type, page.body, fields);
  }
  std::string outcome() const {
    if (*found) return (*found)->server.issuer + ((*found)->guessed ? " guessed" : "");
    switch (found->error().kind) {
      case Kind::untrusted:
        return "untrusted";
      case Kind::malformed:
        return "malformed";
      case Kind::unreachable:
        return "unreachable";
      case Kind::too_large:
        return "too large";
      default:
        return "another error";
    }
  }

  Pages pages;
  fakes::FakeLoop loop;
  fakes::FakeClient client;
  Trusted trusted;
  Strings urls;
  int times = 0;
  std::optional<base::Result<FoundServer>> found;
  std::unique_ptr<FindServer> find;
};

std::string with_path(const char* place) { return place + std::string("/v1/mcp"); }

TEST_CASE("the resource names its server, and that describes itself") {
  const Scene scene({{with_path(kResource), resource()}, {kApp, server()}});
  CHECK(scene.urls == Strings{with_path(kResource), kApp});
  REQUIRE(scene.outcome() == kIssuer);
  const FoundServer& found = **scene.found;
  CHECK(found.server == server_at());
  CHECK(found.resource == kEndpoint);
  CHECK(found.scopes == Strings{"read"});
}

TEST_CASE("without a hint the well-known place with the path is tried first, then the root's") {
  const Scene scene(
      {{kResource, resource("\"https://app.datadoghq.com\"", kMcp)}, {kAppOpenId, server()}});
  CHECK(scene.urls == Strings{with_path(kResource), kResource, kApp, kAppOpenId});
  CHECK(scene.outcome() == kIssuer);
  CHECK((*scene.found)->resource == kMcp);
}

TEST_CASE("an endpoint without a path has one place only") {
  const Scene scene({}, {}, "https://mcp.datadoghq.com/");
  CHECK(scene.urls == Strings{kResource, kServer, kOpenId});
}

TEST_CASE("the query of the endpoint is not part of the place") {
  const Scene scene({{with_path(kResource), resource()}, {kApp, server()}}, {},
                    "https://mcp.datadoghq.com/v1/mcp?toolsets=all");
  CHECK(scene.urls.at(0) == with_path(kResource));
  CHECK(scene.outcome() == kIssuer);
}

TEST_CASE("the place that the challenge names is the only one") {
  const std::string place = "https://mcp.datadoghq.com/elsewhere";
  const Scene good({{place, resource()}, {kApp, server()}}, {place, ""});
  CHECK(good.urls == Strings{place, kApp});
  CHECK(good.outcome() == kIssuer);

  const Scene gone({{with_path(kResource), resource()}, {kServer, server(kMcp)}}, {place, ""});
  CHECK(gone.urls == Strings{place});
  CHECK(gone.outcome() == "malformed");
}

TEST_CASE("a challenge cannot send us elsewhere") {
  for (const char* place :
       {"https://evil.example/rm", "http://mcp.datadoghq.com/rm", "http://169.254.169.254/latest",
        "https://app.datadoghq.com/rm", "https://mcp.datadoghq.com:444/rm", "file:///etc/passwd",
        "https://u@mcp.datadoghq.com/rm"}) {
    CAPTURE(std::string(place));
    const Scene scene({}, {place, ""});
    CHECK(scene.urls.empty());
    CHECK(scene.outcome() == "untrusted");
  }
}

TEST_CASE("the documents of an issuer with a path are looked for in this order") {
  const std::string issuer = "https://app.datadoghq.com/t";
  const std::string origin = "https://app.datadoghq.com";
  const Scene scene({{with_path(kResource), resource('"' + issuer + '"')}});
  CHECK(scene.urls == Strings{with_path(kResource),
                              origin + "/.well-known/oauth-authorization-server/t",
                              origin + "/.well-known/openid-configuration/t",
                              origin + "/t/.well-known/openid-configuration",
                              origin + "/.well-known/oauth-authorization-server"});
  CHECK(scene.outcome() == "malformed");
}

TEST_CASE("a web page or nonsense in a document's place is passed over") {
  for (const Page& page :
       {Page{200, "<html>", "", "text/html"}, json("{}"), json("[]"), json("{\"resource\":1}"),
        status(500), status(401), status(204), status(304)}) {
    CAPTURE(page.body);
    CAPTURE(page.status);
    const Scene scene({{with_path(kResource), page},
                       {kResource, resource()},
                       {kApp, page},
                       {kAppOpenId, server()}});
    CHECK(scene.urls == Strings{with_path(kResource), kResource, kApp, kAppOpenId});
    CHECK(scene.outcome() == kIssuer);
  }
}

TEST_CASE("metadata about something else ends it") {
  for (const char* of :
       {"https://evil.example/v1/mcp", "https://mcp.datadoghq.com/v2",
        "https://mcp.datadoghq.com/v1/mc", "https://mcp.datadoghq.com/v1/mcp/x",
        "http://mcp.datadoghq.com/v1/mcp", "https://mcp.datadoghq.com/v1/mcp?a=b"}) {
    CAPTURE(std::string(of));
    const Scene scene(
        {{with_path(kResource), resource("\"https://app.datadoghq.com\"", of)}, {kApp, server()}});
    CHECK(scene.urls.size() == 1);
    CHECK(scene.outcome() == "untrusted");
  }
}

TEST_CASE("of several issuers the first that is trusted is asked, the known one preferred") {
  const std::string several =
      R"("https://evil.example","https://10.0.0.1","https://app.datadoghq.com",)"
      R"("https://us3.datadoghq.com")";
  const std::string us3 = "https://us3.datadoghq.com";
  const Scene::Pages pages = {{with_path(kResource), resource(several)},
                              {kApp, server()},
                              {us3 + "/.well-known/oauth-authorization-server", server(us3)}};
  CHECK(Scene(pages).outcome() == kIssuer);
  CHECK(Scene(pages, {"", us3}).outcome() == us3);
  CHECK(Scene(pages, {"", kIssuer}).outcome() == kIssuer);
  CHECK(Scene(pages, {"", "https://evil.example"}).outcome() == kIssuer);
}

TEST_CASE("no issuer that can be trusted, no request to any") {
  for (const char* issuer : {"https://evil.example", "http://app.datadoghq.com", "https://10.0.0.1",
                             "https://app.datadoghq.com/?a=b",
                             "https://app.datadoghq.com.evil.example", "javascript:x"}) {
    CAPTURE(std::string(issuer));
    const Scene scene({{with_path(kResource), resource('"' + std::string(issuer) + '"')}});
    CHECK(scene.urls.size() == 1);
    CHECK(scene.outcome() == "untrusted");
  }
}

TEST_CASE("a server that calls itself otherwise than it was called is not used") {
  for (const char* itself :
       {"https://app.datadoghq.com/", "https://APP.datadoghq.com", "https://app.datadoghq.com:443",
        "https://us3.datadoghq.com", "https://evil.example"}) {
    CAPTURE(std::string(itself));
    const Scene scene({{with_path(kResource), resource()}, {kApp, server(itself)}});
    CHECK(scene.urls == Strings{with_path(kResource), kApp});
    CHECK(scene.outcome() == "untrusted");
  }
}

TEST_CASE("a server that nothing is published of where a resource names it is none") {
  const Scene scene({{with_path(kResource), resource()}, {kServer, server(kMcp)}});
  CHECK(scene.urls == Strings{with_path(kResource), kApp, kAppOpenId});
  CHECK(scene.outcome() == "malformed");
}

TEST_CASE("a server of the older revision is its own authorization server") {
  const Scene scene({{kServer, server(kMcp)}});
  CHECK(scene.urls == Strings{with_path(kResource), kResource, kServer});
  CHECK(scene.outcome() == kMcp);
  CHECK((*scene.found)->resource == kEndpoint);
  CHECK_FALSE((*scene.found)->scopes);
}

TEST_CASE("where every document was missing, the older revision's endpoints are assumed") {
  const Scene scene({}, {}, "https://mcp.datadoghq.com/v1/mcp?toolsets=all");
  CHECK(scene.urls == Strings{with_path(kResource), kResource, kServer, kOpenId});
  CHECK(scene.outcome() == std::string(kMcp) + " guessed");
  const FoundServer& found = **scene.found;
  CHECK(found.server.authorization_endpoint == "https://mcp.datadoghq.com/authorize");
  CHECK(found.server.token_endpoint == "https://mcp.datadoghq.com/token");
  CHECK(found.server.registration_endpoint == "https://mcp.datadoghq.com/register");
  CHECK(found.resource == kEndpoint);
}

TEST_CASE("one document that was not missing, and nothing is assumed") {
  const Page pages[] = {status(500), status(403), Page{200, "<html>", "", "text/html"}, json("{}")};
  for (const Page& page : pages) {
    for (const std::string& at : {with_path(kResource), std::string(kResource),
                                  std::string(kServer), std::string(kOpenId)}) {
      CAPTURE(page.status);
      CAPTURE(at);
      const Scene scene({{at, page}});
      CHECK(scene.urls.size() == 4);
      CHECK(scene.outcome() == "malformed");
    }
  }
}

TEST_CASE("a network in trouble is not a server without metadata") {
  for (const std::string& at :
       {with_path(kResource), std::string(kResource), std::string(kServer)}) {
    const Scene scene({{at, Page{0, "", "", ""}}});
    CHECK(scene.urls.back() == at);
    CHECK(scene.outcome() == "unreachable");
  }
}

TEST_CASE("a document that does not end is given up") {
  const Scene scene({{with_path(kResource), json(std::string(257 << 10, ' '))}});
  CHECK(scene.outcome() == "too large");
}

TEST_CASE("redirects are followed three times, each kind of them") {
  for (const int number : {301, 302, 303, 307, 308}) {
    const Scene scene({{with_path(kResource), moved("/1", number)},
                       {std::string(kMcp) + "/1", moved("2", number)},
                       {std::string(kMcp) + "/2", moved("https://mcp.datadoghq.com/3", number)},
                       {std::string(kMcp) + "/3", resource()},
                       {kApp, server()}});
    CHECK(scene.urls.size() == 5);
    CHECK(scene.outcome() == kIssuer);
  }
}

TEST_CASE("the fourth redirect is not, and each document counts anew") {
  Scene::Pages pages = {{with_path(kResource), moved("/1")},
                        {std::string(kMcp) + "/1", moved("/2")},
                        {std::string(kMcp) + "/2", moved("/3")},
                        {std::string(kMcp) + "/3", resource()},
                        {kApp, moved("/a")},
                        {std::string(kIssuer) + "/a", moved("/b")},
                        {std::string(kIssuer) + "/b", server()}};
  CHECK(Scene(pages).outcome() == kIssuer);
  pages[std::string(kMcp) + "/3"] = moved("/4");
  pages[std::string(kMcp) + "/4"] = resource();
  const Scene scene(pages);
  CHECK(scene.urls.size() == 4);
  CHECK(scene.outcome() == "malformed");
}

TEST_CASE("a resource's document does not come from another origin by a redirect") {
  for (const char* to :
       {"https://app.datadoghq.com/rm", "https://evil.example/", "http://mcp.datadoghq.com/rm",
        "https://mcp.datadoghq.com:8443/rm", "//evil.example/rm", "http://169.254.169.254/",
        "https://127.0.0.1/", "file:///etc/passwd"}) {
    CAPTURE(std::string(to));
    const Scene scene({{with_path(kResource), moved(to)}});
    CHECK(scene.urls.size() == 1);
    CHECK(scene.outcome() == "untrusted");
  }
}

TEST_CASE("a server's document does not come from where nobody may go by a redirect") {
  for (const char* to :
       {"https://evil.example/", "http://app.datadoghq.com/md", "http://169.254.169.254/",
        "https://10.0.0.1/", "https://[::1]/", "https://0x7f.1/", "//localhost/"}) {
    CAPTURE(std::string(to));
    const Scene scene({{with_path(kResource), resource()}, {kApp, moved(to)}});
    CHECK(scene.urls.size() == 2);
    CHECK(scene.outcome() == "untrusted");
  }
}

TEST_CASE("a server's document may be kept elsewhere in the trusted domains") {
  const Scene scene({{with_path(kResource), resource()},
                     {kApp, moved("https://us3.datadoghq.com/md")},
                     {"https://us3.datadoghq.com/md", server()}});
  CHECK(scene.outcome() == kIssuer);
}

TEST_CASE("a redirect to nowhere is a missing document") {
  const Scene scene(
      {{with_path(kResource), status(302)}, {kResource, resource()}, {kApp, server()}});
  CHECK(scene.outcome() == kIssuer);
}

TEST_CASE("dropped, it asks nothing more and says nothing") {
  fakes::FakeLoop loop;
  fakes::FakeClient client;
  const Trusted trusted = trust_in();
  int times = 0;
  auto find = std::make_unique<FindServer>(loop, client, trusted, FindServer::Hints(),
                                           [&](const auto&) { ++times; });
  find.reset();
  CHECK(client.at(0).cancelled());
  auto refused =
      std::make_unique<FindServer>(loop, client, trusted, FindServer::Hints{"http://10.0.0.1/", ""},
                                   [&](const auto&) { ++times; });
  refused.reset();
  loop.turn();
  CHECK(times == 0);
  CHECK(client.count() == 1);
}

}  // namespace
}  // namespace dogpipe::auth
