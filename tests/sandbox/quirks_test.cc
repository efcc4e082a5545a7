#include "sandbox/quirks.h"

#include <doctest/doctest.h>

#include "sandbox/faults.h"
#include "sandbox/gate.h"

namespace dogpipe::sandbox {
namespace {

using namespace std::chrono_literals;

TEST_CASE("switches are read with their operands, in both spellings") {
  const auto quirks = read_quirks({"--port", "8080", "--seed=5", "--sse", "always", "--rate-limit",
                                   "50/10", "--retry-after", "none", "--slow-calls", "12000",
                                   "--dead-session=401", "--no-event-ids", "--retry", "0"});
  REQUIRE(quirks);
  CHECK(quirks->port == 8080);
  CHECK(quirks->seed == 5);
  CHECK(quirks->sse == StreamUse::always);
  CHECK(quirks->rate_limit == 50);
  CHECK(quirks->rate_window == 10s);
  CHECK(quirks->slow_calls == 12s);
  CHECK(quirks->dead_session == 401);
  CHECK_FALSE(quirks->event_ids);
  CHECK(quirks->retry == 0ms);
}

TEST_CASE("planned faults say when") {
  const auto quirks = read_quirks(
      {"--fault", "close@3", "--fault", "502@tools/call", "--fault", "cut@tools/list:2"});
  REQUIRE(quirks);
  REQUIRE(quirks->faults.size() == 3);
  CHECK(quirks->faults[0].nth == 3);
  CHECK(quirks->faults[0].method.empty());
  CHECK(quirks->faults[1].method == "tools/call");
  CHECK(quirks->faults[1].nth == 0);
  CHECK(quirks->faults[2].method == "tools/list");
  CHECK(quirks->faults[2].nth == 2);
}

TEST_CASE("switches of the sign-in are read, too") {
  const auto quirks =
      read_quirks({"--app-port=9", "--legacy-oauth", "--as-metadata", "path", "--as-field", "a=[1]",
                   "--as-field=b=", "--token-life", "2", "--refresh-error", "slow:70", "--rotate",
                   "--dcr-refuse", "403", "--call-scope=mcp_write", "--slow-token", "5"});
  REQUIRE(quirks);
  const OAuthQuirks& oauth = quirks->oauth;
  CHECK(oauth.app_port == 9);
  CHECK(oauth.place == OAuthPlace::legacy);
  CHECK(oauth.as_metadata == "path");
  CHECK(oauth.as_fields == std::vector<OAuthQuirks::Field>{{"a", "[1]"}, {"b", ""}});
  CHECK(oauth.token_life == 2s);
  CHECK(oauth.refresh_error == RefreshError::slow);
  CHECK(oauth.refresh_delay == 70ms);
  CHECK(oauth.rotate);
  CHECK(oauth.refuse_registration == 403);
  CHECK(oauth.call_scope == "mcp_write");
  CHECK(oauth.slow_token == 5ms);
  CHECK(read_quirks({"--refresh-error=503"})->oauth.refresh_status == 503);
  CHECK(read_quirks({"--refresh-error=lost"})->oauth.refresh_error == RefreshError::lost);
}

TEST_CASE("switches of the wires are read, too") {
  const auto quirks = read_quirks({"--era=dual", "--stateless", "--shift-schema", "always",
                                   "--break-calls=after-notified:3", "--ttl", "7",
                                   "--cut-listen-after=2", "--sse-endpoint=foreign"});
  REQUIRE(quirks);
  CHECK(quirks->era == Era::dual);
  CHECK(quirks->stateless);
  CHECK(quirks->shift_schema == ShiftSchema::always);
  CHECK(quirks->break_calls == "after-notified");
  CHECK(quirks->break_times == 3);
  CHECK(quirks->cache_ttl == 7ms);
  CHECK(quirks->cut_listen_after == 2);
  CHECK(quirks->sse_endpoint == "foreign");
  CHECK(read_quirks({"--break-calls", "before"})->break_times == 0);
  CHECK(read_quirks({"--era", "sse"})->era == Era::sse);
  CHECK(read_quirks({"--era", "modern"})->rich());
  CHECK(read_quirks({"--trials"})->rich());
  CHECK_FALSE(read_quirks({})->rich());
}

TEST_CASE("what is wrong with the command line is said") {
  for (const std::vector<std::string_view>& wrong : {std::vector<std::string_view>{"--what"},
                                                     {"--port", "x"},
                                                     {"--port"},
                                                     {"--no-get=1"},
                                                     {"stray"},
                                                     {"--dead-session", "500"},
                                                     {"--fault", "nothing@1"},
                                                     {"--fault", "close"},
                                                     {"--as-field", "a"},
                                                     {"--as-field", "=1"},
                                                     {"--prm-field", "a={"},
                                                     {"--as-metadata", "here"},
                                                     {"--refresh-error", "200"},
                                                     {"--refresh-error", "slow:"},
                                                     {"--dcr-refuse", "500"},
                                                     {"--era", "new"},
                                                     {"--shift-schema", "never"},
                                                     {"--break-calls", "during"},
                                                     {"--break-calls", "after:x"}}) {
    const auto quirks = read_quirks(wrong);
    REQUIRE_FALSE(quirks);
    CHECK(quirks.error().kind == base::Kind::usage);
    CHECK(quirks.error().what.find(wrong.front().substr(0, wrong.front().find('='))) !=
          std::string::npos);
  }
}

TEST_CASE("every fault is found by its name and stands in the help") {
  const std::string page = help_page();
  for (const Fault& fault : all_faults()) {
    CHECK(find_fault(fault.name) == &fault);
    CHECK(page.find(fault.help) != std::string::npos);
  }
  CHECK(find_fault("") == nullptr);
}

TEST_CASE("the revision is the client's where it is known, else the newest") {
  CHECK(negotiate("2025-03-26", "2025-11-25") == "2025-03-26");
  CHECK(negotiate("2025-11-25", "2025-06-18") == "2025-06-18");
  CHECK(negotiate("2026-07-28", "2025-11-25") == "2025-11-25");
  CHECK(negotiate("", "2025-11-25") == "2025-11-25");
}

}  // namespace
}  // namespace dogpipe::sandbox
