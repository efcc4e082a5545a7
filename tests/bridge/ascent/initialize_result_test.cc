#include "bridge/ascent/initialize_result.h"

#include <doctest/doctest.h>

#include "bridge/ascent/legacy_error.h"

namespace dogpipe::bridge::ascent {
namespace {

TEST_CASE("a host is told the revision it asked for, or the last before the newer era") {
  for (const char* known : {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"}) {
    CHECK(revision_for(known) == known);
  }
  for (const char* other : {"", "2024-10-07", "2026-07-28", "2099-01-01", "x"}) {
    CHECK(revision_for(other) == "2025-11-25");
  }
}

TEST_CASE("a DiscoverResult becomes an InitializeResult") {
  CHECK(initialize_result(
            R"({"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":)"
            R"({"tools":{"listChanged":true},"extensions":{"io.modelcontextprotocol/tasks":{},)"
            R"("io.modelcontextprotocol/ui":{ "m": 1.0 }}},"instructions":"do\u0021","ttlMs":1,)"
            R"("cacheScope":"public","_meta":{"io.modelcontextprotocol/serverInfo":)"
            R"({"name":"s","version":"2","title":"T"},"x":1},"new":[1]})",
            "2025-06-18", "mcp.example") ==
        R"({"capabilities":{"tools":{"listChanged":true},"extensions":)"
        R"({"io.modelcontextprotocol/ui":{ "m": 1.0 }}},"instructions":"do\u0021",)"
        R"("_meta":{"x":1},"new":[1],"protocolVersion":"2025-06-18",)"
        R"("serverInfo":{"name":"s","version":"2","title":"T"}})");
}

TEST_CASE("a server that does not say who it is goes by the name of its host") {
  const auto info = [](const std::string& members) {
    const std::string text = initialize_result("{" + members + "}", "2025-11-25", "mcp.example");
    return text.substr(text.find("\"serverInfo\""));
  };
  CHECK(initialize_result("{}", "2025-11-25", "mcp.example") ==
        R"({"protocolVersion":"2025-11-25","capabilities":{},)"
        R"("serverInfo":{"name":"mcp.example","version":"unknown"}})");
  CHECK(info(R"("_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s"}})") ==
        R"("serverInfo":{"name":"s","version":"unknown"}})");
  CHECK(info(R"("_meta":{"io.modelcontextprotocol/serverInfo":{"version":"1"}})") ==
        R"("serverInfo":{"version":"1","name":"mcp.example"}})");
  CHECK(info(R"("_meta":{"io.modelcontextprotocol/serverInfo":"s"})") ==
        R"("serverInfo":{"name":"mcp.example","version":"unknown"}})");
}

TEST_CASE("capabilities lose tasks, of either kind") {
  CHECK(initialize_result(R"({"capabilities":{"tasks":{"list":{}},"extensions":)"
                          R"({"io.modelcontextprotocol/tasks":{}},"logging":{}}})",
                          "2025-11-25", "h")
            .starts_with(R"({"capabilities":{"logging":{}},)"));
}

TEST_CASE("what a server offers is read from its capabilities") {
  const Offers all =
      read_offers(R"({"capabilities":{"tools":{"listChanged":true},"prompts":{"listChanged":true},)"
                  R"("resources":{"listChanged":true,"subscribe":true},"logging":{}}})");
  CHECK(all.changes == ListKinds{true, true, true});
  CHECK(all.logging);
  CHECK(all.subscriptions);
  const Offers none = read_offers(
      R"({"capabilities":{"tools":{},"prompts":{"listChanged":false},"resources":{}}})");
  CHECK_FALSE(none.changes.any());
  CHECK_FALSE((none.logging || none.subscriptions));
  CHECK(read_offers(R"({"capabilities":{"prompts":{"listChanged":true}}})").changes ==
        ListKinds{false, true, false});
}

Message message(std::string_view text) {
  Message message;
  message.text = text;
  message.envelope = *rpc::scan(text);
  return message;
}

TEST_CASE("a host is told which revisions a server has that nobody here knows") {
  CHECK(
      write_incompatible("1", message(R"({"jsonrpc":"2.0","id":"x","result":)"
                                      R"({"supportedVersions":["2099-01-01"]}})")) ==
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"Unsupported protocol version",)"
      R"("data":{"supported":["2099-01-01"],"requested":"2026-07-28"}}})");
  CHECK(
      write_incompatible(
          "1", message(R"({"jsonrpc":"2.0","id":"x","error":{"code":-32022,"message":"m",)"
                       R"("data":{"supported":["2099-01-01"],"requested":"r"}}})")) ==
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"Unsupported protocol version",)"
      R"("data":{"supported":["2099-01-01"],"requested":"r"}}})");
}

}  // namespace
}  // namespace dogpipe::bridge::ascent
