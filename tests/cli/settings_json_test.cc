#include "cli/settings_json.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "cli/interpret.h"
#include "json/reader.h"

namespace dogpipe::cli {
namespace {

using Variables = std::map<std::string, std::string>;

TEST_CASE("settings are read as they were written") {
  Settings written;
  int number = 0;
  for (Setting* one : written.values()) one->value = "v\"\n\xc3\xa9" + std::to_string(number++);
  for (Switch* one : written.switches()) one->on = number++ % 2 == 0;
  written.headers = {"A: b", "C: \"d\""};
  written.header_file.value.clear();
  const std::string text = write_settings(written, Environment(Variables(), ""), {});

  Settings read;
  Environment environment(Variables(), "");
  REQUIRE(read_settings(text, read, environment));
  const auto values = written.values();
  for (std::size_t i = 0; i < values.size(); ++i) {
    CAPTURE(values[i]->name());
    CHECK(read.values()[i]->value == values[i]->value);
    CHECK_FALSE(read.values()[i]->in_arguments);
  }
  const auto switches = written.switches();
  for (std::size_t i = 0; i < switches.size(); ++i) {
    CAPTURE(std::string(switches[i]->flag));
    CHECK(read.switches()[i]->on == switches[i]->on);
  }
  CHECK(read.headers == written.headers);
}

TEST_CASE("what the bridge was not told the worker is not told by its own surroundings") {
  Settings written;
  const std::string text = write_settings(written, Environment(Variables(), ""), {});
  Settings read;
  read.site.value = "eu1";
  Environment environment(Variables(), "");
  REQUIRE(read_settings(text, read, environment));
  CHECK(read.site.value.empty());
}

TEST_CASE("proxies and the variables that were used go along, and no others") {
  const Environment bridge({{"HTTPS_PROXY", "http://p:1"}, {"SECRET", "hush"}}, "");
  Settings written;
  const std::string text =
      write_settings(written, bridge, {{"TEAM", "blue"}, {"HTTPS_PROXY", "http://q:2"}});
  CHECK(text.find("hush") == std::string::npos);

  Settings read;
  Environment worker(Variables(), "");
  REQUIRE(read_settings(text, read, worker));
  CHECK(worker.get({"HTTPS_PROXY"}) == "http://q:2");
  CHECK(worker.get({"TEAM"}) == "blue");
  CHECK_FALSE(worker.get({"SECRET"}));
}

TEST_CASE("what is withheld from a server is withheld from the worker, too") {
  const char* file = "DATADOG_CLIENT_SECRET=S3CRET\nDOGPIPE_URL=https://good.example/mcp\n";
  const Environment bridge(Variables(), file);
  Settings written;
  written.url.value = "https://evil.example/mcp";
  written.url.in_arguments = true;
  written.client_secret.value = "S3CRET";
  const auto there = interpret(written, bridge);
  REQUIRE(there);
  CHECK(there->sign_in.client.secret.empty());
  CHECK(there->worker_settings.find("S3CRET") == std::string::npos);

  Settings read;
  Environment worker(Variables(), file);
  REQUIRE(read_settings(there->worker_settings, read, worker));
  const auto here = interpret(read, worker);
  REQUIRE(here);
  CHECK(here->url.text() == "https://evil.example/mcp");
  CHECK(here->sign_in.client.secret.empty());
}

TEST_CASE("a worker comes to the options of the bridge that started it") {
  const Environment bridge({{"HTTPS_PROXY", "http://p:1"}, {"TEAM", "blue"}}, "");
  Settings written;
  written.site.value = "us3";
  written.scope.value = "read";
  written.client_id.value = "id";
  written.client_secret.value = "hush";
  written.no_browser.on = true;
  written.headers = {"X-Team: ${TEAM}"};
  const auto there = interpret(written, bridge);
  REQUIRE(there);

  Settings read;
  Environment worker(Variables(), "");
  REQUIRE(read_settings(there->worker_settings, read, worker));
  const auto here = interpret(read, worker);
  REQUIRE(here);
  CHECK(here->url.text() == there->url.text());
  CHECK(here->sign_in.scope == "read");
  CHECK(here->sign_in.client.id == "id");
  CHECK(here->sign_in.client.secret.reveal() == "hush");
  CHECK_FALSE(here->sign_in.open_browser);
  CHECK(here->network.proxy.reveal() == "http://p:1");
  REQUIRE(here->fields.size() == 1);
  CHECK(here->fields[0].value == "blue");
  CHECK(here->remarks.empty());
}

TEST_CASE("what are no settings is malformed") {
  for (const char* text : {"", "{", "[1"}) {
    Settings settings;
    Environment environment(Variables(), "");
    const auto read = read_settings(text, settings, environment);
    REQUIRE_FALSE(read);
    CHECK(read.error().kind == base::Kind::malformed);
  }
}

}  // namespace
}  // namespace dogpipe::cli
