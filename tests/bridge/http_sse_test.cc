// HTTP+SSE, the transport of 2024-11-05: how it is found, and what passes by it.
#include <doctest/doctest.h>

#include "http_sse_world.h"

namespace dogpipe::bridge {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kRefusedByPost =
    "< 0: -31006 http_status retryable=false executed=no attempts=1 httpStatus=405\n";

TEST_CASE("a server that refuses initialize is asked for a stream, and talked to by that") {
  OldWorld world;
  world.host(kInitialize);
  SUBCASE("405") { world.reply(1, 405); }
  SUBCASE("404 in HTML") { world.reply(1, 404, "text/html", "<h1>Cannot POST</h1>"); }
  SUBCASE("400") { world.reply(1, 400); }
  SUBCASE("400 with an error of no meaning") {
    world.json(1, R"({"id":null,"error":{"code":-32000,"message":"no"}})", 400);
  }
  SUBCASE("405 with an error") {
    world.json(1, R"({"id":null,"error":{"code":-32601,"message":"no"}})", 405);
  }
  CHECK(world.transcript() == post(1, kFirst) + "#2 GET - -\n");
  CHECK(world.request(2).field("Accept") == "text/event-stream");
  CHECK(world.request(2).request().url == "https://mcp.example/v1/mcp");
  world.stream(2, "");
  CHECK(world.transcript() == "");
  world.more(2, kEndpoint);
  CHECK(world.transcript() == post(3, kFirst));
  CHECK(world.request(3).request().url == kAddress);
  world.reply(3, 202);
  CHECK(world.transcript() == "");
  world.more(2, OldWorld::opened());
  CHECK(world.transcript() ==
        "< "
        R"({"id":0,"result":{"protocolVersion":"2024-11-05","capabilities":{}}})"
        "\n");
  world.host(kInitialized);
  world.reply(4, 202);
  world.host(kCalled);
  world.reply(5, 202);
  CHECK(world.transcript() ==
        post(4, R"({"method":"notifications/initialized"})") + post(5, kCalled));
  world.more(2, event(R"({"id":1,"result":{"a":1}})"));
  CHECK(world.transcript() ==
        "< "
        R"({"id":1,"result":{"a":1}})"
        "\n");
  CHECK(world.request(2).live());
}

TEST_CASE("other refusals of initialize are no reason to look for a stream") {
  for (const int status : {401, 403, 406, 410, 429, 500, 503}) {
    CAPTURE(status);
    OldWorld world;
    world.host(kInitialize);
    world.reply(1, status);
    CHECK(world.transcript().find("GET") == std::string::npos);
  }
}

TEST_CASE("without such a stream the host hears of the first refusal") {
  OldWorld world;
  world.knock();
  world.forget();
  SUBCASE("405") { world.reply(2, 405); }
  SUBCASE("404") { world.reply(2, 404); }
  SUBCASE("403") { world.reply(2, 403); }
  SUBCASE("500") { world.reply(2, 500); }
  SUBCASE("JSON") { world.json(2, R"({"id":0,"result":{}})"); }
  SUBCASE("it ends") {
    world.stream(2, ": hello\n\n");
    world.end(2);
  }
  SUBCASE("it is cut off") { world.fail(2, base::Kind::cut); }
  SUBCASE("it speaks of other things") {
    world.stream(2, event(R"({"id":0,"result":{}})") + "event: other\ndata: /messages\n\n");
    world.end(2);
  }
  SUBCASE("it is silent for five seconds") {
    world.stream(2, ": hello\n\n");
    world.pass(4999ms);
    CHECK(world.transcript() == "");
    world.pass(1ms);
    world.turn();
    CHECK(world.transcript() == std::string(kRefusedByPost) + "#2 cancelled\n");
    CHECK(world.idle > 0);
    return;
  }
  CHECK(world.transcript() == kRefusedByPost);
  CHECK(world.idle > 0);
}

TEST_CASE("... and of the server's own words, if it had any") {
  OldWorld world;
  world.host(kInitialize);
  world.host(kListed);
  world.json(1, R"({"id":0,"error":{"code":-32000,"message":"no"}})", 400);
  world.forget();
  world.reply(2, 405);
  CHECK(world.transcript() ==
        "< "
        R"({"id":0,"error":{"code":-32000,"message":"no"}})"
        "\n"
        "< 2: -32600 not_initialized retryable=false executed=no attempts=0\n");
  SUBCASE("and the next initialize begins from the start") {
    world.host(kInitialize);
    CHECK(world.transcript() == post(3, kFirst));
    world.reply(3, 405);
    CHECK(world.transcript() == "#4 GET - -\n");
  }
}

TEST_CASE("the address is read like a link, and must be of the same origin") {
  struct Row {
    std::string_view reference;
    std::string_view url;  // empty: it is refused
  };
  constexpr Row kRows[] = {
      {"/messages?s=1", "https://mcp.example/messages?s=1"},
      {"messages/2", "https://mcp.example/v1/messages/2"},
      {"?s=1", "https://mcp.example/v1/mcp?s=1"},
      {"https://mcp.example/m", "https://mcp.example/m"},
      {"https://mcp.example:443/m", "https://mcp.example:443/m"},
      {"https://MCP.example/m", "https://MCP.example/m"},
      {"//mcp.example/m", "https://mcp.example/m"},
      {"http://mcp.example/m", ""},
      {"https://mcp.example:8443/m", ""},
      {"https://evil.example/m", ""},
      {"//evil.example/m", ""},
      {"https://mcp.example@evil.example/m", ""},
      {"https://u:p@mcp.example/m", ""},
      {"https://mcp.example.evil.example/m", ""},
      {"javascript:alert(1)", ""},
      {"file:///etc/passwd", ""},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.reference);
    OldWorld world;
    world.knock();
    world.forget();
    world.stream(2, fmt::format("event: endpoint\ndata: {}\n\n", row.reference));
    world.turn();
    if (row.url.empty()) {
      CHECK(world.transcript() ==
            "#2 cancelled\n< 0: -31011 malformed retryable=false executed=no attempts=1\n");
    } else {
      REQUIRE(world.requests() == 3);
      CHECK(world.request(3).request().url == row.url);
    }
  }
}

TEST_CASE("only the first address counts") {
  OldWorld world;
  world.begin();
  world.more(2, "event: endpoint\ndata: /other\n\n");
  world.host(kCalled);
  CHECK(world.request(5).request().url == kAddress);
}

TEST_CASE("an answer counts wherever it comes first, and once") {
  OldWorld world;
  world.begin();
  world.host(kCalled);
  const std::string answer = R"({"id":1,"result":{}})";
  const std::string line = "< " + answer + "\n";
  world.forget();
  SUBCASE("before the response to its POST, which may end") {
    world.more(2, event(answer));
    CHECK(world.transcript() == line);
    CHECK(world.request(5).live());
    world.reply(5, 202);
    CHECK_FALSE(world.request(5).cancelled());
  }
  SUBCASE("in that response") {
    world.json(5, answer);
    CHECK(world.transcript() == line);
  }
  SUBCASE("in an event stream of its own") {
    world.stream(5, event(answer));
    CHECK(world.transcript() == line + "#5 cancelled\n");
  }
  world.more(2, event(answer));
  CHECK(world.transcript() == "");
}

TEST_CASE("whatever a server says to a POST that it has accepted, the answer is waited for") {
  OldWorld world;
  world.begin();
  world.host(kCalled);
  world.forget();
  SUBCASE("200 with a word") { world.reply(5, 200, "text/plain", "Accepted"); }
  SUBCASE("200 with JSON of another kind") {
    world.reply(5, 200, "application/json", R"({"ok":true})");
  }
  SUBCASE("204") { world.reply(5, 204); }
  SUBCASE("202 that is cut off") {
    world.request(5).head(202, "text/plain");
    world.fail(5, base::Kind::cut);
  }
  SUBCASE("a web page") { world.reply(5, 200, "text/html", "<p>Accepted"); }
  SUBCASE("an event stream without the answer") {
    world.stream(5, ": hello\n\n");
    world.end(5);
  }
  world.pass(600s);
  CHECK(world.transcript() == "");
  world.more(2, event(R"({"id":1,"result":{}})"));
  CHECK(world.transcript() ==
        "< "
        R"({"id":1,"result":{}})"
        "\n");
}

TEST_CASE("answers come in any order, in batches, and with ids as the server spells them") {
  OldWorld world;
  world.begin();
  world.host(kCalled);
  world.host(R"({"id":"\u0061","method":"tools/list"})");
  world.host(R"({"id":3,"method":"tools/list"})");
  for (const std::size_t n : {5, 6, 7}) world.reply(n, 202);
  world.forget();
  world.more(2, event(R"([{"id":3,"result":{}},{"id":"a","result":{}}])"));
  world.more(2, event(R"({"id":1,"result":{}})"));
  CHECK(world.transcript() ==
        "< "
        R"({"id":3,"result":{}})"
        "\n"
        "< "
        R"({"id":"\u0061","result":{}})"
        "\n"
        "< "
        R"({"id":1,"result":{}})"
        "\n");
}

TEST_CASE("answers that were not asked for are dropped") {
  OldWorld world;
  world.begin();
  world.host(kCalled);
  world.reply(5, 202);
  world.forget();
  world.more(2, event(R"({"id":9,"result":{}})"));
  world.more(2, event(R"({"id":null,"error":{"code":-32000,"message":"?"}})"));
  world.more(2, event("nonsense"));
  CHECK(world.transcript() == "");
  world.more(2, event(R"({"id":1,"result":{}})"));
  CHECK(world.transcript() ==
        "< "
        R"({"id":1,"result":{}})"
        "\n");
}

TEST_CASE("what the server asks and announces passes, and the host's responses are sent") {
  OldWorld world;
  world.begin();
  const std::string asked = R"({"id":"s","method":"sampling/createMessage","params":{}})";
  const std::string told = R"({"method":"notifications/tools/list_changed"})";
  world.more(2, event(asked) + event(told));
  CHECK(world.transcript() == "< " + asked + "\n< " + told + "\n");
  world.host(R"({"id":"s","result":{}})");
  CHECK(world.transcript() == post(5, R"({"id":"s","result":{}})"));
  CHECK(world.request(5).request().url == kAddress);
}

TEST_CASE("a POST that fails fails its request, by the same rules as elsewhere") {
  OldWorld world;
  world.begin();
  SUBCASE("403") {
    world.host(kCalled);
    world.forget();
    world.reply(5, 403);
    CHECK(world.transcript() ==
          "< 1: -31006 http_status retryable=false executed=no attempts=1 httpStatus=403\n");
  }
  SUBCASE("500 to a tool call") {
    world.host(kCalled);
    world.forget();
    world.reply(5, 500);
    CHECK(world.transcript() ==
          "< 1: -31009 outcome_unknown retryable=false executed=unknown attempts=1 "
          "httpStatus=500\n");
  }
  SUBCASE("500 to a list") {
    world.host(kListed);
    world.forget();
    world.reply(5, 500);
    world.pass(2s);
    CHECK(world.transcript() == post(6, kListed));
    world.reply(6, 202);
    world.more(2, event(R"({"id":2,"result":{}})"));
    CHECK(world.transcript() ==
          "< "
          R"({"id":2,"result":{}})"
          "\n");
  }
  SUBCASE("the network, before a byte") {
    world.host(kCalled);
    world.forget();
    world.fail(5, base::Kind::unreachable, false);
    world.pass(2s);
    CHECK(world.transcript() == post(6, kCalled));
  }
  SUBCASE("the network, after a byte") {
    world.host(kCalled);
    world.forget();
    world.fail(5, base::Kind::cut);
    CHECK(world.transcript() ==
          "< 1: -31009 outcome_unknown retryable=false executed=unknown attempts=1\n");
  }
  SUBCASE("a message of the server with an error status is the answer") {
    world.host(kCalled);
    world.forget();
    world.json(5, R"({"id":1,"error":{"code":-32602,"message":"x"}})", 400);
    CHECK(world.transcript() ==
          "< "
          R"({"id":1,"error":{"code":-32602,"message":"x"}})"
          "\n");
  }
  CHECK(world.request(2).live());
}

TEST_CASE("an initialize that is refused at the address too is refused") {
  OldWorld world;
  world.knock();
  world.stream(2, kEndpoint);
  world.forget();
  SUBCASE("by a status") {
    world.reply(3, 404);
    CHECK(world.transcript() ==
          "< 0: -31006 http_status retryable=false executed=no attempts=1 httpStatus=404\n#2 "
          "cancelled\n");
  }
  SUBCASE("by an answer") {
    world.reply(3, 202);
    world.more(2, event(R"({"id":0,"error":{"code":-32602,"message":"no"}})"));
    CHECK(world.transcript() ==
          "< "
          R"({"id":0,"error":{"code":-32602,"message":"no"}})"
          "\n#2 cancelled\n");
  }
  world.host(kInitialize);
  CHECK(world.transcript() == "#4 GET - -\n");
  world.stream(4, "event: endpoint\ndata: /messages?s=2\n\n");
  CHECK(world.transcript() == post(5, kFirst));
  CHECK(world.request(5).request().url == "https://mcp.example/messages?s=2");
}

TEST_CASE("a request that the host gives up is given up at the server") {
  OldWorld world;
  world.begin();
  const std::string cancelled = R"({"method":"notifications/cancelled","params":{"requestId":1}})";
  world.host(kCalled);
  world.reply(5, 202);
  world.forget();
  world.host(cancelled);
  CHECK(world.transcript() == post(6, cancelled));
  CHECK(world.request(6).request().url == kAddress);
  world.more(2, event(R"({"id":1,"result":{}})"));
  CHECK(world.transcript() == "");
}

TEST_CASE("no session is sent or ended, and no stream opened beside") {
  OldWorld world;
  world.knock();
  world.stream(2, kEndpoint);
  world.reply(3, 200, "application/json",
              full(R"({"id":0,"result":{"protocolVersion":"2025-06-18"}})"),
              {{"Mcp-Session-Id", "S1"}});
  world.host(kInitialized);
  world.reply(4, 202, "", "", {{"Mcp-Session-Id", "S1"}});
  world.host(kCalled);
  world.forget();
  world.json(5, R"({"id":1,"result":{}})");
  world.forget();
  CHECK(world.requests() == 5);
  bool left = false;
  world.router.leave([&] { left = true; });
  CHECK(left);
  world.turn();
  CHECK(world.transcript() == "#2 cancelled\n");
}

TEST_CASE("the credential goes with the GET and every POST, and is mended at either") {
  OldWorld world;
  world.authorizer.sign_in();
  world.authorizer.can_mend = true;
  world.knock();
  world.forget();
  CHECK(world.request(2).field("Authorization") == "Bearer 1");
  world.reply(2, 401, "", "", {{"WWW-Authenticate", "Bearer"}});
  CHECK(world.authorizer.refusals.at(0).challenge == "Bearer");
  world.pass(60s);  // somebody signs in
  CHECK(world.transcript() == "");
  world.authorizer.settle();
  CHECK(world.transcript() == "#3 GET - -\n");
  CHECK(world.request(3).field("Authorization") == "Bearer 2");
  world.stream(3, kEndpoint);
  CHECK(world.request(4).field("Authorization") == "Bearer 2");
  world.reply(4, 401, "", "", {{"WWW-Authenticate", "Bearer"}});
  world.authorizer.settle();
  CHECK(world.request(5).field("Authorization") == "Bearer 3");
  CHECK(world.request(5).request().url == kAddress);
  world.reply(5, 202);
  world.forget();
  world.more(3, OldWorld::opened());
  CHECK(world.transcript() ==
        "< "
        R"({"id":0,"result":{"protocolVersion":"2024-11-05","capabilities":{}}})"
        "\n");
}

TEST_CASE("a stream that wants a credential that nobody has says so") {
  OldWorld world;
  world.knock();
  world.forget();
  SUBCASE("the server's word is the last") {
    world.reply(2, 401);
    CHECK(world.transcript() ==
          "< 0: -31001 sign_in_required retryable=false executed=no attempts=1 httpStatus=401\n");
  }
  SUBCASE("the user has to sign in") {
    world.authorizer.can_mend = true;
    world.reply(2, 401);
    auth::Impediment impediment;
    impediment.what = "sign in";
    world.authorizer.settle(impediment);
    CHECK(world.transcript() ==
          "< 0: -31001 sign_in_required retryable=true executed=no attempts=1\n");
  }
  SUBCASE("a server that likes no credential is not asked for ever") {
    world.authorizer.can_mend = true;
    for (std::size_t n = 2; n <= 4; ++n) {
      world.reply(n, 401);
      world.authorizer.settle();
    }
    world.forget();
    world.reply(5, 401);
    CHECK(world.transcript() ==
          "< 0: -31001 sign_in_required retryable=false executed=no attempts=4 httpStatus=401\n");
  }
}

// ---- between the eras

TEST_CASE("a refusal that reads like a newer server's is looked into first") {
  World::Settings settings;
  settings.era = ServerEra::legacy;
  OldWorld world(settings);
  world.host(kInitialize);
  world.json(1, R"({"id":0,"error":{"code":-32601,"message":"no"}})", 404);
  world.turn();
  const std::string asked = world.transcript();
  CHECK(asked.find("server/discover") != std::string::npos);
  CHECK(asked.find("GET") == std::string::npos);
  world.reply(2, 405);  // no newer server either
  world.turn();
  CHECK(world.transcript() == "#3 GET - -\n");
  SUBCASE("there is a stream") {
    world.stream(3, kEndpoint);
    CHECK(world.transcript() == post(4, kFirst));
    world.reply(4, 202, "", "", {{"Mcp-Session-Id", "S1"}});
    world.more(3, OldWorld::opened());
    world.forget();
    world.end(3);
    world.host(kInitialize);
    CHECK(world.transcript() == "#5 GET - -\n");
    world.reply(5, 405);  // which is no refusal of this initialize, nor of the first
    CHECK(world.transcript() == "< 0: -31003 network retryable=true executed=no attempts=1\n");
  }
  SUBCASE("there is none") {
    world.reply(3, 405);
    world.turn();
    CHECK(world.transcript() ==
          "< "
          R"({"id":0,"error":{"code":-32601,"message":"no"}})"
          "\n");
  }
}

TEST_CASE("where the user has decided for the older era every refusal is a reason to look") {
  World::Settings settings;
  settings.policy.override_era = Override::legacy;
  OldWorld world(settings);
  world.host(kInitialize);
  world.forget();
  world.json(1, R"({"id":0,"error":{"code":-32601,"message":"no"}})", 404);
  CHECK(world.transcript() == "#2 GET - -\n");
}

// A host of 2026-07-28 has made a call, and the server has it, as request 5.
struct NewHostWorld : OldWorld {
  explicit NewHostWorld(bool like_a_newer_server) {
    host(R"({"id":7,"method":"tools/call","params":{"name":"a","_meta":{)"
         R"("io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
         R"("io.modelcontextprotocol/clientCapabilities":{"elicitation":{}},)"
         R"("io.modelcontextprotocol/clientInfo":{"name":"h","version":"1"}}}})");
    if (like_a_newer_server) {
      json(1, R"({"id":"b1","error":{"code":-32602,"message":"no"}})", 400);
    } else {
      reply(1, 405);
    }
    stream(2, kEndpoint);
    CHECK(request(3).body() == request(1).body());
    reply(3, 202);
    more(2, replaced(opened(), R"("id":0)", R"("id":"b1")"));
    reply(4, 202);  // initialized
    CHECK(request(5).request().url == kAddress);
    reply(5, 202);
    forget();
  }
};

TEST_CASE("a host of 2026-07-28 is served by it too") {
  for (const bool like_a_newer_server : {false, true}) {
    NewHostWorld world(like_a_newer_server);
    world.more(2, event(R"({"id":"b2","result":{"content":[]}})"));
    CHECK(world.transcript().starts_with(R"(< {"id":7,"result":{"content":[])"));
  }
}

TEST_CASE("what the server asks while one call is under way is about that call") {
  NewHostWorld world(false);
  world.more(2, event(R"({"id":1,"method":"elicitation/create","params":{"message":"who?"}})"));
  CHECK(world.transcript().starts_with(R"(< {"id":7,"result":{"resultType":"input_required")"));
}

}  // namespace
}  // namespace dogpipe::bridge
