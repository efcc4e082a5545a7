#include "sandbox/oauth_authorize.h"

#include <doctest/doctest.h>

namespace dogpipe::sandbox {
namespace {

TEST_CASE("a redirect URI is judged by its host") {
  for (const char* uri :
       {"http://localhost:19876/callback", "http://localhost", "https://localhost/x?y=z",
        "http://127.0.0.1:1/any/path", "http://[::1]:9/", "http://[::1]/c",
        "https://claude.ai/api/mcp/auth_callback", "https://app.datadoghq.com/x"}) {
    CAPTURE(uri);
    CHECK(redirect_allowed(uri));
  }
  for (const char* uri :
       {"", "localhost", "http://example.com/", "http://localhost.example.com/",
        "http://claude.ai/", "http://localhost@evil.com/", "http://localhost:80@evil.com/",
        "http://evil.com/?://localhost", "ftp://localhost/", "http://localhost:1/#fragment",
        "http://evil.com\\@localhost/", "https://127.0.0.1/",
        "cursor://anysphere.cursor-retrieval/oauth/callback"}) {
    CAPTURE(uri);
    CHECK_FALSE(redirect_allowed(uri));
  }
}

TEST_CASE("scopes are granted or complained about in Datadog's words") {
  const std::string unknown = "The following scopes are not recognized: ";
  struct Row {
    const char* query;
    bool refuse_mcp_all;
    std::string granted, complaint;
  };
  const Row rows[] = {
      {"", false, "mcp_all", ""},
      {"scope=mcp_all", false, "mcp_all", ""},
      {"scope=mcp_read+mcp_write", false, "mcp_read mcp_write", ""},
      {"scope=", false, "", unknown},
      {"scope=+", false, "", unknown},
      {"scope=mcp", false, "", unknown + "mcp"},
      {"scope=openid+mcp_read+email", false, "", unknown + "openid email"},
      {"", true, "mcp_read mcp_write", ""},
      {"scope=mcp_read", true, "mcp_read", ""},
      {"scope=mcp_all", true, "",
       "The following scopes are not permitted: org_authorized_apps_read"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.query);
    CAPTURE(row.refuse_mcp_all);
    OAuthQuirks quirks;
    quirks.refuse_mcp_all = row.refuse_mcp_all;
    const ScopeVerdict verdict = judge_scope(Form(row.query), quirks);
    CHECK(verdict.granted == row.granted);
    CHECK(verdict.complaint == row.complaint);
  }
  OAuthQuirks quirks;
  quirks.default_scope = "mcp_read";
  CHECK(judge_scope(Form(""), quirks).granted == "mcp_read");
}

}  // namespace
}  // namespace dogpipe::sandbox
