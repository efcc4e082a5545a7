// Header fields, keys and tokens: what users give, and what is refused without repeating it.
#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "cli/environment.h"
#include "cli/fields.h"
#include "cli/options.h"
#include "cli/site.h"

namespace dogpipe::cli {
namespace {

using Variables = std::map<std::string, std::string>;

base::Result<Options> read(std::vector<const char*> arguments, Variables variables = {},
                           std::string_view file = {}) {
  arguments.insert(arguments.begin(), "dogpipe");
  const Environment environment(std::move(variables), file);
  auto all = read_options(static_cast<int>(arguments.size()), arguments.data(), environment);
  if (!all) return std::move(all).error();
  return std::get<Options>(*all);
}

std::string error(const base::Result<Options>& read) { return read ? "" : read.error().what; }

bool holds(std::string_view text, std::string_view piece) {
  return text.find(piece) != std::string_view::npos;
}

TEST_CASE("both keys are taken, from wherever each comes") {
  const auto made = read({}, {{"DD_API_KEY", "A"}}, "DD_APP_KEY=\"B\"\n");
  REQUIRE(made);
  CHECK(made->secrets.api_key.reveal() == "A");
  CHECK(made->secrets.application_key.reveal() == "B");
  CHECK(made->remarks.empty());
}

TEST_CASE("a lone key that was inherited is ignored with a remark") {
  for (const char* name : {"DD_API_KEY", "DD_APPLICATION_KEY", "DD_APP_KEY"}) {
    CAPTURE(std::string(name));
    const auto made = read({}, {{name, "SECRET"}});
    REQUIRE(made);
    REQUIRE(made->remarks.size() == 1);
    CHECK(made->remarks[0].level == base::LogLevel::info);
    CHECK_FALSE(holds(made->remarks[0].text, "SECRET"));
  }
}

TEST_CASE("a lone key that was set on purpose is an error") {
  CHECK(holds(error(read({"--api-key", "SECRET"})), "together"));
  CHECK(holds(error(read({"--app-key", "SECRET"})), "together"));
  for (const char* line : {"DD_API_KEY=SECRET", "DD_APPLICATION_KEY=SECRET", "DD_APP_KEY=SECRET"}) {
    CAPTURE(std::string(line));
    const std::string why = error(read({}, {}, line));
    CHECK(holds(why, "together"));
    CHECK_FALSE(holds(why, "SECRET"));
  }
}

TEST_CASE("a secret on the command line is remarked upon, without the secret") {
  const std::vector<std::vector<const char*>> lines = {
      {"--token", "SECRET"},
      {"--api-key", "SECRET", "--application-key", "SECRET"},
      {"--header", "Authorization: Bearer SECRET"},
      {"--header", "DD-API-KEY:SECRET"}};
  for (const auto& line : lines) {
    const auto made = read(line);
    REQUIRE(made);
    REQUIRE_FALSE(made->remarks.empty());
    for (const Remark& remark : made->remarks) {
      CHECK(remark.level == base::LogLevel::warn);
      CHECK_FALSE(holds(remark.text, "SECRET"));
    }
  }
  const auto expanded = read({"--header", "Authorization: Bearer ${T}"}, {{"T", "SECRET"}});
  REQUIRE(expanded);
  CHECK(expanded->remarks.empty());
  CHECK(expanded->fields[0].value == "Bearer SECRET");
}

TEST_CASE("secrets from the environment are not remarked upon") {
  const auto made = read({}, {{"DOGPIPE_TOKEN", "SECRET"}});
  REQUIRE(made);
  CHECK(made->secrets.token.reveal() == "SECRET");
  CHECK(made->remarks.empty());
}

TEST_CASE("an Authorization header of the user's own authorizes") {
  CHECK(read({"-H", "authorization: x"})->secrets.own_header);
  CHECK(read({"-H", "dd_application_key: x"})->secrets.own_header);
  CHECK_FALSE(read({"-H", "X-Mine: x"})->secrets.own_header);
}

TEST_CASE("a token file is read and trimmed") {
  std::string path = (std::filesystem::temp_directory_path() / "dogpipe-test-XXXXXX").string();
  const int fd = ::mkstemp(path.data());
  REQUIRE(fd >= 0);
  std::ofstream(path) << " \tSECRET\r\n";
  const auto made = read({"--token-file", path.c_str()}, {{"DOGPIPE_TOKEN", "other"}});
  REQUIRE(made);
  CHECK(made->secrets.token.reveal() == "SECRET");
  std::ofstream(path, std::ios::trunc) << " \n";
  CHECK(holds(error(read({"--token-file", path.c_str()})), "empty"));
  std::ofstream(path, std::ios::trunc) << "SEC\nRET";
  CHECK_FALSE(error(read({"--token-file", path.c_str()})).empty());
  std::ofstream(path, std::ios::trunc) << "# mine\r\n\nA: 1\nB:${V}\n";
  const auto fields = read({"--header-file", path.c_str()}, {{"V", "2"}});
  REQUIRE(fields);
  REQUIRE(fields->fields.size() == 2);
  CHECK(fields->fields[1].value == "2");
  std::filesystem::remove(path);
  CHECK(holds(error(read({"--token-file", path.c_str()})), "--token-file"));
}

TEST_CASE("header fields are read, and variables filled in") {
  const Expand expand = [](std::string_view name) {
    return name == "V" ? std::optional<std::string>("a${V}") : std::nullopt;
  };
  const auto field = read_field("X-A : 1 ${V}-${V} $V {V} ", expand);
  REQUIRE(field);
  CHECK(field->name == "X-A");
  CHECK(field->value == "1 a${V}-a${V} $V {V}");
  CHECK(read_field("A:", expand)->value.empty());
  for (const char* wrong : {"no colon", ": v", "a b: c", "A: ${MISSING}", "A: ${V", "A: \x01"}) {
    CAPTURE(std::string(wrong));
    CHECK_FALSE(read_field(wrong, expand));
  }
}

TEST_CASE("a variable may not smuggle in another field") {
  const Expand expand = [](std::string_view) { return std::optional<std::string>("a\r\nB: c"); };
  CHECK_FALSE(read_field("A: ${V}", expand));
}

TEST_CASE("fields that the transport needs are reserved, in any case") {
  const Expand none = [](std::string_view) { return std::optional<std::string>(); };
  for (const char* name : {"Accept", "CONTENT-TYPE", "content-length", "Host", "Mcp-Session-Id",
                           "MCP-Protocol-Version", "last-event-id", "Transfer-Encoding",
                           "Connection", "Expect", "Accept-Encoding"}) {
    CAPTURE(std::string(name));
    const auto field = read_field(std::string(name) + ": SECRET", none);
    REQUIRE_FALSE(field);
    CHECK_FALSE(holds(field.error().what, "SECRET"));
  }
}

TEST_CASE("the settings file has names, values, quotes and comments") {
  const Environment environment({{"SET", "process"}, {"EMPTY", ""}},
                                "# comment\n\n  A = 1 \r\nexport B='two words'\nC=\"x=y\"\n"
                                "SET=file\nEMPTY=file\nNOTHING=\nno equals\nA=last\nD='odd\"");
  CHECK(environment.get({"A"}) == "last");
  CHECK(environment.get({"B"}) == "two words");
  CHECK(environment.get({"C"}) == "x=y");
  CHECK(environment.get({"D"}) == "'odd\"");
  CHECK(environment.get({"SET"}) == "process");
  CHECK(environment.get({"EMPTY"}) == "file");
  CHECK_FALSE(environment.get({"NOTHING"}));
  CHECK_FALSE(environment.get({"#"}));
  CHECK(environment.get({"NOTHING", "B"}) == "two words");
  CHECK(environment.get({"A", "SET"}) == "process");
  CHECK(environment.from_file({"A"}));
  CHECK_FALSE(environment.from_file({"SET"}));
  CHECK_FALSE(environment.from_file({"NOTHING"}));
}

TEST_CASE("sites are known by name, number and address") {
  for (const char* name : {"us3", "US3", "us3.datadoghq.com", "app.us3.datadoghq.com",
                           "https://app.us3.datadoghq.com/logs", "https://us3.datadoghq.com",
                           "mcp.us3.datadoghq.com", "https://mcp.us3.datadoghq.com/v1/mcp"}) {
    CAPTURE(std::string(name));
    const auto site = read_site(name);
    REQUIRE(site);
    CHECK(*site == "us3.datadoghq.com");
  }
  CHECK(*read_site("eu") == "datadoghq.eu");
  CHECK(*read_site("https://app.datadoghq.com") == "datadoghq.com");
  for (const char* name : {"ddog-gov.com", "app.ddog-gov.com", "us2.ddog-gov.com", "gov"}) {
    const auto site = read_site(name);
    REQUIRE_FALSE(site);
    CHECK(holds(site.error().what, "government"));
  }
  for (const char* name : {"", "us4", "evil.example", "datadoghq.com.evil.example", "datadoghq"}) {
    CAPTURE(std::string(name));
    CHECK_FALSE(read_site(name));
  }
}

TEST_CASE("only names under a site are Datadog's") {
  CHECK(is_datadog_host("datadoghq.com"));
  CHECK(is_datadog_host("mcp.us5.datadoghq.com"));
  CHECK_FALSE(is_datadog_host("evildatadoghq.com"));
  CHECK_FALSE(is_datadog_host("datadoghq.com.evil"));
  CHECK_FALSE(is_datadog_host(""));
}

TEST_CASE("credentials of the settings file do not follow an address of the command line") {
  const char* file = "DOGPIPE_TOKEN=SECRET\n";
  const auto elsewhere = read({"--url", "https://mcp.elsewhere.example/mcp"}, {}, file);
  REQUIRE(elsewhere);
  CHECK(elsewhere->secrets.token.empty());
  REQUIRE(elsewhere->remarks.size() == 1);
  CHECK(elsewhere->remarks[0].level == base::LogLevel::warn);
  CHECK_FALSE(holds(elsewhere->remarks[0].text, "SECRET"));

  const auto sent = [&](std::vector<const char*> arguments, std::string_view text) {
    const auto made = read(std::move(arguments), {}, text);
    return made && !made->secrets.token.empty();
  };
  CHECK(sent({}, file));
  CHECK(sent({"--site", "eu1"}, file));
  CHECK(sent({"--url", "http://127.0.0.1:1/mcp", "--allow-http"}, file));
  CHECK(sent({}, "DOGPIPE_TOKEN=SECRET\nDOGPIPE_URL=https://mcp.elsewhere.example/mcp\n"));
  CHECK_FALSE(sent({"--url", "https://other.example/mcp"},
                   "DOGPIPE_TOKEN=SECRET\nDOGPIPE_URL=https://mcp.elsewhere.example/mcp\n"));
}

}  // namespace
}  // namespace dogpipe::cli
