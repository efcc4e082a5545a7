// Requests to a server of 2026-07-28: the fields they go with, and what may come back.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "modern_world.h"

namespace dogpipe::bridge {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kCall =
    R"({"id":1,"method":"tools/call","params":{"name":"a","_meta":$M}})";
constexpr std::string_view kRead =
    R"({"id":2,"method":"resources/read","params":{"uri":"file:///x","_meta":$M}})";
constexpr std::string_view kResult = R"({"id":1,"result":{"resultType":"complete"}})";

TEST_CASE("a request goes with the fields of its body, and without anything of a session") {
  ModernWorld::Settings settings;
  settings.fields = {{"X-Own", "1"}};
  ModernWorld world(settings);
  world.authorizer.sign_in();
  world.host(kCall);
  std::string fields;
  for (const auto& [name, value] : world.request(1).request().headers->fields()) {
    fields += fmt::format("{}: {}\n", name, value);
  }
  CHECK(fields ==
        "X-Own: 1\nUser-Agent: dogpipe/" DOGPIPE_VERSION
        "\nAuthorization: Bearer 1\nMCP-Protocol-Version: 2026-07-28\nMcp-Method: tools/call\n"
        "Mcp-Name: a\nAccept: application/json, text/event-stream\n"
        "Content-Type: application/json\n");
  CHECK(world.request(1).body() == modern(kCall));
}

TEST_CASE("each request goes with the revision that it claims itself") {
  ModernWorld world;
  for (const char* revision : {"2026-07-28", "2027-01-31", "2026-07-28"}) {
    world.host(fmt::format(
        R"({{"id":"{0}","method":"x/y","params":{{"_meta":{{"io.modelcontextprotocol/protocolVersion":"{0}"}}}}}})",
        revision));
    CHECK(world.request(world.requests()).field("MCP-Protocol-Version") == revision);
    world.json(world.requests(), fmt::format(R"({{"id":"{}","result":{{}}}})", revision));
  }
}

TEST_CASE("a session id that the server gives is not sent back") {
  ModernWorld world;
  world.host(kCall);
  world.reply(1, 200, "application/json", modern(kResult), {{"Mcp-Session-Id", "S1"}});
  world.host(kCall);
  CHECK(world.request(2).field("Mcp-Session-Id").empty());
}

TEST_CASE("a method may be answered by JSON at one time and by an event stream at another") {
  for (const char* type : {"application/json", "Application/JSON; charset=utf-8",
                           "text/event-stream", "text/event-stream; charset=utf-8"}) {
    CAPTURE(type);
    ModernWorld world;
    world.host(kCall);
    world.forget();
    const bool stream = std::string_view(type).starts_with("text");
    const std::string body = stream ? "data: " + modern(kResult) + "\n\n" : modern(kResult);
    world.reply(1, 200, type, body);
    CHECK(world.transcript() == fmt::format("= {}\n", kResult));
    CHECK(world.idle == 1);
    CHECK(world.server.idle());
  }
}

TEST_CASE("names that do not fit into a field are encoded, and none ends it") {
  struct Row {
    const char* name;  // as JSON
    const char* field;
  };
  for (const auto& [name, field] : {
           Row{"a b", "a b"},
           Row{"a\\r\\nX-Evil: 1", "=?base64?YQ0KWC1FdmlsOiAx?="},
           Row{"日本", "=?base64?5pel5pys?="},
           Row{" a", "=?base64?IGE=?="},
           Row{"=?base64?YQ==?=", "=?base64?PT9iYXNlNjQ/WVE9PT89?="},
       }) {
    ModernWorld world;
    world.host(fmt::format(
        R"({{"id":1,"method":"tools/call","params":{{"name":"{}","_meta":$M}}}})", name));
    CHECK(world.own_fields(1) ==
          fmt::format("MCP-Protocol-Version: 2026-07-28\nMcp-Method: tools/call\nMcp-Name: {}\n",
                      field));
  }
}

TEST_CASE("progress, logs and what nobody here knows pass before the answer, in order") {
  ModernWorld world;
  world.host(kCall);
  world.forget();
  world.stream(1, R"({"method":"notifications/progress","params":{"progress":1}})");
  world.more(1, R"({"method":"notifications/message","params":{"data":"a"}})");
  world.more(1, R"({"method":"notifications/new","params":{"x": 1}})");
  world.more(1, kResult);
  CHECK(world.transcript() == R"(1 < {"method":"notifications/progress","params":{"progress":1}})"
                              "\n"
                              R"(1 < {"method":"notifications/message","params":{"data":"a"}})"
                              "\n"
                              R"(1 < {"method":"notifications/new","params":{"x": 1}})"
                              "\n" +
                                  fmt::format("= {}\n#1 cancelled\n", kResult));
}

TEST_CASE("what may not come on a request's stream is dropped") {
  for (const char* stray :
       {R"({"id":9,"method":"elicitation/create","params":{}})", R"({"id":9,"method":"ping"})",
        R"({"method":"notifications/tools/list_changed"})",
        R"({"method":"notifications/prompts/list_changed"})",
        R"({"method":"notifications/resources/list_changed"})",
        R"({"method":"notifications/resources/updated","params":{"uri":"a"}})",
        R"({"method":"notifications/subscriptions/acknowledged","params":{}})",
        R"({"method":"notifications/cancelled","params":{"requestId":1}})",
        R"({"id":7,"result":{}})"}) {
    CAPTURE(stray);
    ModernWorld world;
    world.host(kCall);
    world.forget();
    world.stream(1, stray);
    world.more(1, kResult);
    CHECK(world.transcript() == fmt::format("= {}\n#1 cancelled\n", kResult));
  }
}

TEST_CASE("errors with an error status are the answer, with it") {
  struct Row {
    const char* request;
    int status;
    int code;
  };
  for (const Row& row : {Row{"prompts/get", 404, -32601}, Row{"tools/list", 400, -32602},
                         Row{"tools/list", 400, -32020}, Row{"tools/call", 400, -32021},
                         Row{"tools/call", 400, -32022}, Row{"tools/call", 400, -32000}}) {
    const auto& [request, status, code] = row;
    CAPTURE(row.code);
    ModernWorld world;
    world.host(fmt::format(R"({{"id":1,"method":"{}","params":{{"_meta":$M}}}})", request));
    world.forget();
    const std::string body =
        fmt::format(R"({{"id":1,"error":{{"code":{},"message":"unknown session"}}}})", code);
    world.json(1, body, status);
    CHECK(world.transcript() == fmt::format("= {} {}\n", status, body));
    CHECK(world.server.idle());
  }
}

TEST_CASE("an error without an id on a request's own response is its answer") {
  ModernWorld world;
  world.host(kCall);
  world.forget();
  world.json(1, R"({"error":{"code":-32602,"message":"no"}})", 400);
  CHECK(world.transcript() == "= 400 {\"id\":1,\"error\":{\"code\":-32602,\"message\":\"no\"}}\n");
}

TEST_CASE("each way to end without an answer is one failure") {
  struct Row {
    int status;
    const char* media_type;
    const char* body;
    const char* failure;
  };
  for (const Row& row : {
           Row{404, "text/html", "<html>session",
               "-31006 http_status retryable=false executed=no attempts=1 httpStatus=404"},
           Row{404, "", "",
               "-31006 http_status retryable=false executed=no attempts=1 httpStatus=404"},
           Row{400, "application/json", "{}",
               "-31006 http_status retryable=false executed=no attempts=1 httpStatus=400"},
           Row{405, "", "",
               "-31006 http_status retryable=false executed=no attempts=1 httpStatus=405"},
           Row{413, "", "",
               "-31006 http_status retryable=false executed=no attempts=1 httpStatus=413"},
           Row{431, "text/html", "<html>",
               "-31006 http_status retryable=false executed=no attempts=1 httpStatus=431"},
           Row{401, "", "",
               "-31001 sign_in_required retryable=false executed=no attempts=1 httpStatus=401"},
           Row{403, "", "",
               "-31006 http_status retryable=false executed=no attempts=1 httpStatus=403"},
           Row{307, "", "",
               "-31006 http_status retryable=false executed=no attempts=1 httpStatus=307"},
           Row{202, "", "",
               "-31009 outcome_unknown retryable=false executed=unknown attempts=1 "
               "httpStatus=202"},
           Row{200, "text/html", "<html>",
               "-31006 http_status retryable=false executed=unknown attempts=1 httpStatus=200"},
           Row{502, "text/html", "<html>",
               "-31009 outcome_unknown retryable=false executed=unknown attempts=1 "
               "httpStatus=502"},
       }) {
    const auto& [status, media_type, body, failure] = row;
    CAPTURE(row.status);
    ModernWorld world;
    world.host(kCall);
    world.forget();
    world.reply(1, status, media_type, body);
    CHECK(world.transcript() == fmt::format("! 1: {}\n", failure));
    CHECK(world.idle == 1);
  }
}

TEST_CASE("a request that is too large for the server says so") {
  struct Listener final : Server::Listener {
    void on_message(std::string_view, Message&) override {}
    void on_answer(const Request&, Message&, int) override {}
    void on_failure(const Request&, const Failure& failure) override { text = failure.message; }
    void on_idle() override {}
    std::string text;
  };
  ModernWorld world;
  Listener listener;
  world.server.attach(listener);
  world.host(kCall);
  SUBCASE("413") {
    world.reply(1, 413);
    CHECK(listener.text == "the request is larger than this server takes (HTTP 413)");
  }
  SUBCASE("431") {
    world.reply(1, 431);
    CHECK(listener.text ==
          "the request's header fields are larger than this server takes (HTTP 431): an argument "
          "that the tool wants repeated in one may be too long");
  }
}

TEST_CASE("cancelling closes the stream, and nothing else is sent or reported") {
  ModernWorld world;
  world.host(kCall);
  world.stream(1, R"({"method":"notifications/progress","params":{}})");
  world.client.hold();
  world.more(1, kResult);
  world.forget();
  world.cancel("1");
  world.client.release();
  world.turn();
  CHECK(world.transcript() == "#1 cancelled\n");
  CHECK(world.server.idle());
  CHECK(world.idle == 1);
}

TEST_CASE("cancelling what is unknown or answered does nothing") {
  ModernWorld world;
  world.host(kCall);
  world.json(1, kResult);
  world.forget();
  world.cancel("1");
  world.cancel("\"1\"");
  CHECK(world.transcript().empty());
  CHECK(world.idle == 1);
}

TEST_CASE("a request may be cancelled in the middle of what is said of it") {
  ModernWorld world;
  world.host(kCall);
  world.forget();
  world.on_report = [&world] { world.server.cancel("1", nullptr); };
  world.request(1).head(200, "text/event-stream");
  world.request(1).data("data: " + modern(R"({"method":"notifications/progress"})") +
                        "\n\ndata: " + modern(kResult) + "\n\n");
  world.turn();
  CHECK(world.transcript() == "1 < {\"method\":\"notifications/progress\"}\n#1 cancelled\n");
}

TEST_CASE("a request whose time is over ends, and the server learns it by the closed stream") {
  ModernWorld world;
  world.host(kCall);
  world.forget();
  world.fail(1, base::Kind::timed_out);
  CHECK(world.transcript() ==
        "! 1: -31009 outcome_unknown retryable=false executed=unknown attempts=1\n");
  CHECK(world.requests() == 1);
}

TEST_CASE("ids that look alike are different ones, and may be used again") {
  ModernWorld world;
  world.host(R"({"id":1,"method":"a"})");
  world.host(R"({"id":"1","method":"b"})");
  world.forget();
  world.json(2, R"({"id":"1","result":{}})");
  world.json(1, R"({"id":1,"result":{}})");
  world.host(R"({"id":1,"method":"c"})");
  world.json(3, R"({"id":1.0,"result":{"big":9007199254740993}})");
  CHECK(world.transcript() ==
        "= {\"id\":\"1\",\"result\":{}}\n= {\"id\":1,\"result\":{}}\n#3 POST c "
        "{\"id\":1,\"method\":\"c\"}\n= {\"id\":1,\"result\":{\"big\":9007199254740993}}\n");
}

TEST_CASE("a notification goes with the revision that is spoken, and is not answered") {
  ModernWorld world;
  world.host(R"({"method":"notifications/x"})");
  CHECK(world.transcript() ==
        "#1 POST 2026-07-28 notifications/x {\"method\":\"notifications/x\"}\n");
  CHECK_FALSE(world.server.idle());
  world.reply(1, 202);
  CHECK(world.transcript().empty());
  CHECK(world.server.idle());
  world.host(
      R"({"id":1,"method":"x/y","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2027-01-31"}}})");
  world.host(R"({"method":"notifications/x"})");
  CHECK(world.request(3).field("MCP-Protocol-Version") == "2027-01-31");
}

TEST_CASE("a notification that fails is reported, once") {
  ModernWorld world;
  world.host(R"({"method":"notifications/x"})");
  world.forget();
  world.reply(1, 404);
  CHECK(world.transcript() ==
        "! -: -31006 http_status retryable=false executed=no attempts=1 httpStatus=404\n");
}

TEST_CASE("abandoning closes all streams, and nothing is sent or reported") {
  ModernWorld world;
  world.host(kCall);
  world.host(R"({"id":3,"method":"subscriptions/listen","params":{"_meta":$M}})");
  world.json(1, R"({"id":1,"error":{"code":-32020,"message":"x"}})", 400);
  world.host(kRead);
  world.forget();
  world.server.abandon();
  world.turn();
  CHECK(world.transcript() == "#3 cancelled\n#4 cancelled\n#2 cancelled\n");
  CHECK(world.server.idle());
  bool left = false;
  world.server.leave([&left] { left = true; });
  world.pass(10min);
  CHECK(left);
  CHECK(world.transcript().empty());
}

}  // namespace
}  // namespace dogpipe::bridge
