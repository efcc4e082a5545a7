#include "auth/discovery.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace dogpipe::auth {
namespace {

http::Url url(std::string_view text) { return *http::read_url(text); }

std::string lines(const std::vector<std::string>& urls) {
  std::string text;
  for (const std::string& each : urls) text += each + '\n';
  return text;
}

TEST_CASE("the resource's metadata is looked for with the path, then at the root") {
  const auto urls = [](std::string_view endpoint) {
    return lines(resource_metadata_urls(url(endpoint)));
  };
  CHECK(urls("https://h/a/b/mcp") ==
        "https://h/.well-known/oauth-protected-resource/a/b/mcp\n"
        "https://h/.well-known/oauth-protected-resource\n");
  CHECK(urls("https://mcp.datadoghq.com/v1/mcp?toolsets=core,apm") ==
        "https://mcp.datadoghq.com/.well-known/oauth-protected-resource/v1/mcp\n"
        "https://mcp.datadoghq.com/.well-known/oauth-protected-resource\n");
  CHECK(urls("http://localhost:8080/mcp/") ==
        "http://localhost:8080/.well-known/oauth-protected-resource/mcp\n"
        "http://localhost:8080/.well-known/oauth-protected-resource\n");
  CHECK(urls("https://h") == "https://h/.well-known/oauth-protected-resource\n");
  CHECK(urls("https://h/?q=1") == "https://h/.well-known/oauth-protected-resource\n");
  CHECK(urls("https://h/a%2Fb") ==
        "https://h/.well-known/oauth-protected-resource/a%2Fb\n"
        "https://h/.well-known/oauth-protected-resource\n");
}

TEST_CASE("metadata speaks of an endpoint on its origin, at its path or below") {
  const http::Url endpoint = url("https://mcp.datadoghq.com/v1/mcp?toolsets=core");
  for (const char* resource :
       {"https://mcp.datadoghq.com", "https://mcp.datadoghq.com/", "https://mcp.datadoghq.com/v1",
        "https://mcp.datadoghq.com/v1/", "https://mcp.datadoghq.com/v1/mcp",
        "https://mcp.datadoghq.com/v1/mcp/", "https://MCP.datadoghq.com:443/v1/mcp",
        "https://mcp.datadoghq.com/v1/mcp?toolsets=core"}) {
    CAPTURE(resource);
    CHECK(covers(resource, endpoint));
  }
  for (const char* resource :
       {"", "https://evil/mcp", "https://evil/v1/mcp", "http://mcp.datadoghq.com/v1/mcp",
        "https://mcp.datadoghq.com:8443/v1/mcp", "https://datadoghq.com/v1/mcp",
        "https://mcp.datadoghq.com.evil/v1/mcp", "https://mcp.datadoghq.com/v1/m",
        "https://mcp.datadoghq.com/v", "https://mcp.datadoghq.com/v1/mcp/x",
        "https://mcp.datadoghq.com/v2", "https://mcp.datadoghq.com/V1/mcp",
        "https://mcp.datadoghq.com/v1%2Fmcp", "https://mcp.datadoghq.com/v1/mcp?toolsets=all",
        "https://mcp.datadoghq.com/v1/mcp#x", "https://u@mcp.datadoghq.com/v1/mcp",
        "mcp.datadoghq.com", "/v1/mcp", "https://mcp.datadoghq.com/v1//mcp"}) {
    CAPTURE(resource);
    CHECK_FALSE(covers(resource, endpoint));
  }
  CHECK(covers("http://localhost:8080/", url("http://localhost:8080/mcp")));
  CHECK_FALSE(covers("http://localhost:8081/", url("http://localhost:8080/mcp")));
  CHECK(covers("https://h/mcp", url("https://h/mcp/")));
}

TEST_CASE("the server's metadata is looked for in the order of the specification, then the root") {
  const auto urls = [](std::string_view issuer) { return lines(server_metadata_urls(issuer)); };
  const std::string with_path =
      "https://h/.well-known/oauth-authorization-server/t\n"
      "https://h/.well-known/openid-configuration/t\n"
      "https://h/t/.well-known/openid-configuration\n"
      "https://h/.well-known/oauth-authorization-server\n";
  CHECK(urls("https://h/t") == with_path);
  CHECK(urls("https://h/t/") == with_path);
  CHECK(urls("https://mcp.datadoghq.com/v1/mcp") ==
        "https://mcp.datadoghq.com/.well-known/oauth-authorization-server/v1/mcp\n"
        "https://mcp.datadoghq.com/.well-known/openid-configuration/v1/mcp\n"
        "https://mcp.datadoghq.com/v1/mcp/.well-known/openid-configuration\n"
        "https://mcp.datadoghq.com/.well-known/oauth-authorization-server\n");
  const std::string without =
      "http://127.0.0.1:99/.well-known/oauth-authorization-server\n"
      "http://127.0.0.1:99/.well-known/openid-configuration\n";
  CHECK(urls("http://127.0.0.1:99") == without);
  CHECK(urls("http://127.0.0.1:99/") == without);
  CHECK(server_metadata_urls("https://h/a%2Fb%7e").front() ==
        "https://h/.well-known/oauth-authorization-server/a%2Fb%7e");
  for (const char* issuer : {"", "h", "https://h/t?q", "https://h/t?", "https://h/#f",
                             "https://h/#", "https://u@h/", "ftp://h/", "javascript:alert(1)"}) {
    CAPTURE(issuer);
    CHECK(urls(issuer).empty());
  }
}

TEST_CASE("a document counts only under the name it was looked for, byte for byte") {
  struct Row {
    const char* issuer;
    const char* wanted;
    bool counts;
  };
  for (const Row& row : {
           Row{"https://h", "https://h", true},
           Row{"https://h/v1/mcp", "https://h/v1/mcp", true},
           Row{"https://h/", "https://h/", true},
           Row{"https://h/", "https://h", false},
           Row{"https://h", "https://h/", false},
           Row{"https://h/t/", "https://h/t", false},
           Row{"https://h/T", "https://h/t", false},
           Row{"https://H/t", "https://h/t", false},
           Row{"HTTPS://h/t", "https://h/t", false},
           Row{"https://h/a%2Fb", "https://h/a/b", false},
           Row{"https://h/a%2Fb", "https://h/a%2fb", false},
           Row{"https://h/%74", "https://h/t", false},
           Row{"https://h:443/t", "https://h/t", false},
           Row{"https://h/x/../t", "https://h/t", false},
           Row{"https://h/t?", "https://h/t", false},
           Row{"http://h/t", "https://h/t", false},
           Row{"https://h.evil/t", "https://h/t", false},
           Row{" https://h/t", "https://h/t", false},
           // At the root of an issuer with a path stands its document, or another's.
           Row{"https://h", "https://h/v1/mcp", false},
           Row{"https://h/v1/mcp", "https://h", false},
           Row{"", "https://h", false},
       }) {
    CAPTURE(row.issuer);
    CAPTURE(row.wanted);
    ServerMetadata document;
    document.issuer = row.issuer;
    CHECK(is_document_of(document, row.wanted) == row.counts);
  }
}

TEST_CASE("a server of 2025-03-26 is its own authorization server") {
  const http::Url endpoint = url("https://h:8443/v1/mcp?q=1");
  CHECK(legacy_issuer(endpoint) == "https://h:8443");
  ServerMetadata expected;
  expected.issuer = "https://h:8443";
  expected.authorization_endpoint = "https://h:8443/authorize";
  expected.token_endpoint = "https://h:8443/token";
  expected.registration_endpoint = "https://h:8443/register";
  expected.challenge_methods = {"S256"};
  CHECK(legacy_endpoints(endpoint) == expected);
}

}  // namespace
}  // namespace dogpipe::auth
