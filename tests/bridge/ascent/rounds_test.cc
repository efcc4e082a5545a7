// Requests that the server answers with questions.
#include "bridge/ascent/rounds.h"

#include <doctest/doctest.h>

#include "bridge/ascent/input_requests.h"
#include "scene.h"

namespace dogpipe::bridge::ascent {
namespace {

using namespace std::chrono_literals;

std::string input(std::string_view requests, std::string_view state = "") {
  std::string text = R"({"resultType":"input_required")";
  if (!requests.empty()) text.append(R"(,"inputRequests":)").append(requests);
  if (!state.empty()) text.append(R"(,"requestState":)").append(state);
  return text + "}";
}

const std::string kForm =
    R"({"method":"elicitation/create","params":{"message":"m","requestedSchema":{}}})";
const std::string kUrl =
    R"({"method":"elicitation/create","params":{"mode":"url","url":"https://u","message":"m"}})";
const std::string kSampling = R"({"method":"sampling/createMessage","params":{"messages":[]}})";
const std::string kRoots = R"({"method":"roots/list"})";
const std::string kEverything = R"({"elicitation":{"form":{},"url":{}},"sampling":{},"roots":{}})";

std::string cancelled(std::string_view id) {
  return rpc::write_call("", "notifications/cancelled", R"({"requestId":)" + std::string(id) + "}");
}

// A host with a tool call, id 7, under way as b2.
struct RoundsScene : AscentScene {
  explicit RoundsScene(std::string its_capabilities = kEverything,
                       std::string_view revision = "2025-11-25")
      : capabilities(std::move(its_capabilities)) {
    open(revision, capabilities);
    request("7", "tools/call", R"({"name":"t"})");
    take_transcript();
  }
  void server_says(std::string_view result) { server.answer(server.id(-1), result); }
  void host_answers(std::string_view id, std::string_view result) { host(response(id, result)); }
  // What the server was sent last, without what is always the same.
  std::string sent() const {
    const std::string text(server.text(-1));
    const std::string claim = meta(capabilities);
    return text.substr(text.find(claim) + claim.size());
  }

  std::string capabilities;
};

TEST_CASE("what a server asks for is read with its state and its keys as they are") {
  const auto read = read_input_required(input(
      R"({"a\u0062":)" + kForm + R"(,"u":)" + kUrl + R"(,"s":)" + kSampling + R"(,"r":)" + kRoots +
          R"(,"x":{"method":"x"},"m":{"method":"elicitation/create","params":{"mode":"voice"}}})",
      R"("\u005a")"));
  REQUIRE(read);
  using enum InputRequest::Kind;
  const InputRequest::Kind kinds[] = {form, url, sampling, roots, unknown, unknown};
  REQUIRE(read->requests.size() == 6);
  for (std::size_t i = 0; i < 6; ++i) CHECK(read->requests[i].kind == kinds[i]);
  CHECK(read->requests[0].key == R"(a\u0062)");
  CHECK(read->requests[2].raw_params == R"({"messages":[]})");
  CHECK(read->requests[3].raw_params.empty());
  CHECK(read->raw_state == R"("\u005a")");
  CHECK(read_input_required(input("{}", R"("s")")));
  CHECK_FALSE(read_input_required(input("{}")));
  CHECK_FALSE(read_input_required(input("")));
}

TEST_CASE("a host is asked what it has declared, nothing else") {
  using enum InputRequest::Kind;
  const struct {
    InputRequest::Kind kind;
    const char* capabilities;
    bool can;
  } rows[] = {{form, R"({"elicitation":{}})", true},
              {form, R"({"elicitation":{"form":{}}})", true},
              {form, R"({"elicitation":{"url":{}}})", false},
              {form, "{}", false},
              {url, R"({"elicitation":{}})", false},
              {url, R"({"elicitation":{"form":{}}})", false},
              {url, R"({"elicitation":{"url":{}}})", true},
              {sampling, R"({"sampling":{}})", true},
              {sampling, R"({"roots":{}})", false},
              {roots, R"({"roots":{}})", true},
              {roots, R"({"roots":null})", false},
              {unknown, R"({"unknown":{}})", false}};
  for (const auto& row : rows) {
    CAPTURE(std::string(row.capabilities));
    CHECK(can_be_asked(row.kind, row.capabilities) == row.can);
  }
}

TEST_CASE(
    "all questions of a round are asked at once, and the request goes again with all answers") {
  RoundsScene scene;
  scene.server_says(input(R"({"k\u0031":)" + kSampling + R"(,"k2":)" + kRoots + "}", "\"S\""));
  CHECK(scene.take() == Lines{R"({"jsonrpc":"2.0","id":"b3","method":"sampling/createMessage",)"
                              R"("params":{"messages":[]}})",
                              R"({"jsonrpc":"2.0","id":"b4","method":"roots/list"})"});
  scene.host_answers("\"b4\"", R"({"roots":[ ]})");
  CHECK(scene.server.count() == 2);
  scene.host_answers("\"b3\"", R"({"model":"x", "n":1.0})");
  REQUIRE(scene.server.count() == 3);
  CHECK(scene.server.id(-1) == "\"b5\"");
  CHECK(scene.sent() == R"(,"inputResponses":{"k\u0031":{"model":"x", "n":1.0},)"
                        R"("k2":{"roots":[ ]}},"requestState":"S"}})");
  CHECK(scene.take().empty());
}

TEST_CASE("state and answers belong to their round alone") {
  RoundsScene scene;
  scene.server_says(input(R"({"k":)" + kRoots + "}", "\"S\""));
  scene.host_answers("\"b3\"", R"({"roots":[]})");
  scene.server_says(input(R"({"l":)" + kRoots + "}"));
  scene.host_answers("\"b5\"", R"({"roots":[1]})");
  CHECK(scene.sent() == R"(,"inputResponses":{"l":{"roots":[1]}}}})");
}

TEST_CASE("the host's answer is known by the meaning of its id, and counts once") {
  RoundsScene scene;
  scene.server_says(input(R"({"k":)" + kRoots + "}"));
  scene.host_answers("\"x\"", "{}");
  CHECK(scene.server.count() == 2);
  scene.host_answers(R"("\u00623")", "{}");
  CHECK(scene.server.count() == 3);
  scene.host_answers("\"b3\"", "{}");
  CHECK(scene.server.count() == 3);
}

TEST_CASE("a refused elicitation counts as cancelled") {
  RoundsScene scene;
  scene.server_says(input(R"({"k":)" + kForm + R"(,"u":)" + kUrl + "}"));
  scene.host(R"({"jsonrpc":"2.0","id":"b3","error":{"code":-1,"message":"no"}})");
  scene.host(R"({"jsonrpc":"2.0","id":"b5","error":{"code":-1,"message":"no"}})");
  CHECK(scene.sent() == R"(,"inputResponses":{"k":{"action":"cancel"},"u":{"action":"cancel"}}}})");
}

TEST_CASE("refused sampling or roots fail the request, and the other questions are taken back") {
  const std::pair<std::string, std::string> rows[] = {{kSampling, "sampling"}, {kRoots, "roots"}};
  for (const auto& [request, name] : rows) {
    RoundsScene scene;
    scene.server_says(input(R"({"k":)" + request + R"(,"u":)" + kForm + "}"));
    scene.take();
    scene.host(R"({"jsonrpc":"2.0","id":"b3","error":{"code":-1,"message":"no"}})");
    CHECK(scene.take() ==
          Lines{cancelled("\"b4\""),
                refusal("7", -32603, "this client has refused the server's request for " + name)});
    CHECK(scene.server.count() == 2);
    CHECK(scene.ascent->idle());
    scene.host_answers("\"b4\"", R"({"action":"accept"})");
    CHECK(scene.server.count() == 2);
  }
}

TEST_CASE("a host that cancels the request need not answer the questions any more") {
  RoundsScene scene;
  scene.server_says(input(R"({"k":)" + kForm + "}"));
  scene.take();
  scene.host(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}})");
  CHECK(scene.take() == Lines{cancelled("\"b3\"")});
  CHECK(scene.server.cancelled().empty());
  CHECK(scene.ascent->idle());
  scene.host_answers("\"b3\"", R"({"action":"accept"})");
  CHECK(scene.server.count() == 2);
}

TEST_CASE("questions of one request are not those of another") {
  RoundsScene scene;
  scene.request("8", "tools/call");
  scene.server.answer("\"b2\"", input(R"({"k":)" + kForm + "}"));   // b4
  scene.server.answer("\"b3\"", input(R"({"k":)" + kRoots + "}"));  // b5
  scene.take();
  scene.host(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}})");
  CHECK(scene.take() == Lines{cancelled("\"b4\"")});
  scene.host_answers("\"b5\"", R"({"roots":[]})");
  scene.server_says(R"({"ok":1})");
  CHECK(scene.take() == Lines{response("8", R"({"ok":1})")});
}

TEST_CASE("what the host has not declared it is not asked, and the request fails") {
  const struct {
    const char* capabilities;
    const char* revision;
    std::string request;
    const char* name;
  } rows[] = {
      {"{}", "2025-11-25", kForm, "elicitation"},
      {"{}", "2025-11-25", kSampling, "sampling"},
      {"{}", "2025-11-25", kRoots, "roots"},
      {R"({"elicitation":{}})", "2025-11-25", kUrl, "elicitation by URL"},
      {R"({"elicitation":{"url":{}}})", "2025-06-18", kUrl, "elicitation by URL"},
      {R"({"elicitation":{}})", "2025-03-26", kForm, "elicitation"},
      {R"({"elicitation":{}})", "2025-11-25", R"({"method":"evil/x"})", "something unknown"},
  };
  for (const auto& row : rows) {
    AscentScene scene;
    scene.open(row.revision, row.capabilities);
    scene.request("7", "tools/call");
    scene.server.answer("\"b2\"", input(R"({"k":)" + row.request + "}", "\"S\""));
    CHECK(scene.take() == Lines{refusal("7", -32603,
                                        std::string("the server asks for ") + row.name +
                                            ", which this client has not declared")});
    CHECK(scene.ascent->idle());
    CHECK(scene.server.count() == 2);
  }
}

TEST_CASE("a server that wants input and asks for nothing fails the request") {
  RoundsScene scene;
  scene.server_says(input(""));
  CHECK(scene.take() ==
        Lines{refusal("7", -32603, "the server wants input and does not say which")});
}

TEST_CASE("too many questions at once are not asked") {
  RoundsScene scene;
  std::string requests = "{";
  for (int i = 0; i < 65; ++i) {
    requests += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":" + kRoots;
  }
  scene.server_says(input(requests + "}"));
  CHECK(scene.take() ==
        Lines{refusal("7", -32603, "the server asks 65 questions at once: too many")});
}

TEST_CASE("rounds have an end") {
  RoundsScene scene;
  for (int i = 0; i < 9; ++i) {
    scene.server_says(input(R"({"k":)" + kRoots + "}"));
    scene.host_answers("\"b" + std::to_string(scene.minted) + "\"", "{}");
  }
  scene.take();
  CHECK(scene.server.count() == 11);
  scene.server_says(input(R"({"k":)" + kRoots + "}"));
  CHECK(scene.take() == Lines{refusal("7", -32603, "the server wants input after 10 rounds")});
  CHECK(scene.server.count() == 11);
}

TEST_CASE("a server that only wants its state back gets it, ever more slowly") {
  RoundsScene scene;
  auto wait = 250ms;
  for (int i = 0; i < 9; ++i) {
    scene.server_says(input("", "\"S\""));
    CHECK(scene.loop.next_wait() == wait);
    CHECK(scene.server.count() == static_cast<std::size_t>(2 + i));
    scene.loop.pass(wait);
    CHECK(scene.sent() == R"(,"requestState":"S"}})");
    wait = std::min<std::chrono::milliseconds>(wait * 2, 10s);
  }
  scene.server_says(input("", "\"S\""));
  CHECK(scene.take() == Lines{refusal("7", -32603, "the server wants input after 10 rounds")});
  CHECK_FALSE(scene.loop.waits_for_a_timer());
}

TEST_CASE("after a question the pace is as at first") {
  RoundsScene scene;
  for (const auto wait : {250ms, 500ms}) {
    scene.server_says(input("", "\"S\""));
    CHECK(scene.loop.next_wait() == wait);
    scene.loop.pass(wait);
  }
  scene.server_says(input(R"({"k":)" + kRoots + "}"));
  scene.host_answers("\"b" + std::to_string(scene.minted) + "\"", "{}");
  scene.server_says(input("", "\"S\""));
  CHECK(scene.loop.next_wait() == 250ms);
}

TEST_CASE("questions from before a second initialize can still be answered") {
  RoundsScene scene;
  scene.server_says(input(R"({"k":)" + kRoots + "}"));
  scene.initialize("2025-11-25", kEverything);
  scene.host_answers("\"b3\"", R"({"roots":[]})");
  CHECK(scene.server.request(-1).method == "tools/call");
}

TEST_CASE("a request that is cancelled between two rounds does not come again") {
  RoundsScene scene;
  scene.server_says(input("", "\"S\""));
  scene.host(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}})");
  CHECK_FALSE(scene.loop.waits_for_a_timer());
  CHECK(scene.server.cancelled().empty());
}

TEST_CASE("an elicitation by URL gets an id that the host's revision wants") {
  RoundsScene scene;
  scene.server_says(input(R"({"k":)" + kUrl + "}"));
  CHECK(scene.take() ==
        Lines{R"({"jsonrpc":"2.0","id":"b4","method":"elicitation/create","params":{"mode":"url",)"
              R"("url":"https://u","message":"m","elicitationId":"b3"}})"});
  scene.host_answers("\"b4\"", R"({"action":"decline"})");
  CHECK(scene.sent() == R"(,"inputResponses":{"k":{"action":"decline"}}}})");
}

TEST_CASE("an id that an elicitation by URL has already stays") {
  InputRequest request;
  request.kind = InputRequest::Kind::url;
  request.raw_params = R"({"elicitationId":"its"})";
  CHECK(question_params(request, "\"ours\"") == request.raw_params);
  request.kind = InputRequest::Kind::form;
  request.raw_params = R"({ "x": 1 })";
  CHECK(question_params(request, "\"ours\"") == request.raw_params);
}

TEST_CASE("after a yes to a URL the server is asked again and again, the user is not") {
  RoundsScene scene;
  scene.server_says(input(R"({"k":)" + kUrl + "}", "\"1\""));
  scene.host_answers("\"b4\"", R"({"action":"accept"})");
  scene.take();
  auto wait = 250ms;
  for (int i = 0; i < Rounds::kMostPolls; ++i) {
    scene.server_says(input(R"({"l":)" + kUrl + "}", "\"2\""));
    REQUIRE(scene.loop.next_wait() == wait);
    scene.loop.pass(wait);
    CHECK(scene.sent() == R"(,"inputResponses":{"l":{"action":"accept"}},"requestState":"2"}})");
    wait = std::min<std::chrono::milliseconds>(wait * 2, 10s);
  }
  CHECK(scene.take().empty());
  SUBCASE("until it is done") {
    scene.server_says(R"({"resultType":"complete","content":[]})");
    CHECK(scene.take() == Lines{response("7", R"({"content":[]})")});
  }
  SUBCASE("but not for ever") {
    scene.server_says(input(R"({"l":)" + kUrl + "}", "\"2\""));
    CHECK(scene.take() == Lines{refusal("7", -32603, "the server wants input after 127 rounds")});
  }
}

TEST_CASE("a declined URL, or another, is a question again") {
  RoundsScene scene;
  scene.server_says(input(R"({"k":)" + kUrl + "}"));
  scene.host_answers("\"b4\"", R"({"action":"decline"})");
  scene.take();
  scene.server_says(input(R"({"k":)" + kUrl + "}"));
  CHECK(scene.take().size() == 1);
  scene.host_answers("\"b7\"", R"({"action":"accept"})");
  scene.server_says(
      input(R"({"k":{"method":"elicitation/create","params":{"mode":"url","url":"https://v"}}})"));
  CHECK(scene.take().size() == 1);
}

TEST_CASE("an accepted URL beside a new question waits for the answer to that") {
  RoundsScene scene;
  scene.server_says(input(R"({"k":)" + kUrl + "}"));
  scene.host_answers("\"b4\"", R"({"action":"accept"})");
  scene.take();
  scene.server_says(input(R"({"k":)" + kUrl + R"(,"r":)" + kRoots + "}"));
  CHECK(scene.take() == Lines{R"({"jsonrpc":"2.0","id":"b6","method":"roots/list"})"});
  scene.host_answers("\"b6\"", R"({"roots":[]})");
  CHECK(scene.sent() == R"(,"inputResponses":{"k":{"action":"accept"},"r":{"roots":[]}}}})");
}

TEST_CASE("progress grows across rounds") {
  RoundsScene scene;
  const auto progress = [](std::string_view value) {
    return rpc::write_call("", "notifications/progress",
                           R"({"progressToken":"t","progress":)" + std::string(value) + "}");
  };
  scene.server.say("\"b2\"", progress("1"));
  scene.server.say("\"b2\"", progress("2.5"));
  scene.server_says(input(R"({"k":)" + kRoots + "}"));
  scene.host_answers("\"b3\"", "{}");
  scene.take();
  for (const char* value : {"1", "2.5", "2.6", "2.55", "10", "\"x\""}) {
    scene.server.say("\"b4\"", progress(value));
  }
  scene.server.say("\"b2\"", progress("99"));  // that round is over
  CHECK(scene.take() == Lines{progress("2.6"), progress("10"), progress("\"x\"")});
}

TEST_CASE("an error in a later round is the answer") {
  RoundsScene scene;
  scene.server_says(input(R"({"k":)" + kRoots + "}"));
  scene.host_answers("\"b3\"", "{}");
  scene.take();
  scene.server.refuse("\"b4\"", R"({"code":-32000,"message":"m"})");
  CHECK(scene.take() == Lines{R"({"jsonrpc":"2.0","id":7,"error":{"code":-32000,"message":"m"}})"});
}

}  // namespace
}  // namespace dogpipe::bridge::ascent
