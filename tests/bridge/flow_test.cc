// A client that is held back, and batches.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "world.h"

namespace dogpipe::bridge {
namespace {

TEST_CASE("while the client is held nothing comes, and afterwards everything in order") {
  World world;
  world.open();
  world.host(R"({"id":1,"method":"tools/list"})");
  world.host(R"({"id":2,"method":"tools/list"})");
  world.forget();
  const std::string progress = event(R"({"method":"p","params":{}})");
  world.stream(1, progress.substr(0, 20));
  world.client.hold();
  world.more(1, progress.substr(20));
  world.more(1, event(R"({"id":1,"result":{}})"));
  world.json(2, R"({"id":2,"result":{}})");
  CHECK(world.transcript().empty());
  world.client.release();
  world.turn();
  CHECK(world.transcript() == R"(< {"method":"p","params":{}})"
                              "\n"
                              R"(< {"id":1,"result":{}})"
                              "\n"
                              R"(< {"id":2,"result":{}})"
                              "\n#1 cancelled\n");
}

TEST_CASE("a ping is answered also while the client is held, and requests still go out") {
  World world;
  world.open();
  world.client.hold();
  world.host(R"({"id":1,"method":"ping"})");
  world.host(R"({"id":2,"method":"tools/list"})");
  CHECK(world.transcript() == R"(< {"id":1,"result":{}})"
                              "\n"
                              R"(#1 POST S1 2025-06-18 {"id":2,"method":"tools/list"})"
                              "\n");
}

// ---- batches of 2025-03-26

TEST_CASE("the requests of a batch go one by one, and their answers come back together") {
  World world;
  world.open("2025-03-26");
  world.host(R"([{"id":1,"method":"tools/list"},{"method":"notifications/x"},)"
             R"({"id":2,"method":"ping"}, {"id":3,"method":"prompts/list"}])");
  CHECK(world.transcript() == R"(#1 POST S1 2025-03-26 {"id":1,"method":"tools/list"})"
                              "\n"
                              R"(#2 POST S1 2025-03-26 {"method":"notifications/x"})"
                              "\n"
                              R"(#3 POST S1 2025-03-26 {"id":3,"method":"prompts/list"})"
                              "\n");
  world.stream(
      3, event(R"({"method":"notifications/progress"})") + event(R"({"id":3,"result":{"c":3}})"));
  CHECK(world.transcript() == R"(< {"method":"notifications/progress"})"
                              "\n#3 cancelled\n");
  world.reply(2, 202);
  world.reply(1, 403);
  const std::string answer = world.transcript();
  CHECK(answer.substr(0, 59) == R"(< [{"id":2,"result":{}},{"id":3,"result":{"c":3}},{"id":1,")");
  CHECK(answer.find("-31006") != std::string::npos);
  CHECK(answer.back() == '\n');
  CHECK(answer[answer.size() - 2] == ']');
  CHECK(world.router.idle());
}

TEST_CASE("a batch of nothing but notifications has no answer") {
  World world;
  world.open("2025-03-26");
  world.host(R"([{"method":"a"},{"method":"b"}])");
  world.reply(1, 202);
  world.forget();
  world.reply(2, 202);
  CHECK(world.transcript().empty());
}

TEST_CASE("a request of a batch that is cancelled is left out of the answer") {
  World world;
  world.open("2025-03-26");
  SUBCASE("the others are answered") {
    world.host(R"([{"id":1,"method":"tools/list"},{"id":2,"method":"tools/list"}])");
    world.json(2, R"({"id":2,"result":{}})");
    world.forget();
    world.host(R"({"method":"notifications/cancelled","params":{"requestId":1}})");
    CHECK(world.transcript().substr(0, 27) == R"(< [{"id":2,"result":{}}])"
                                              "\n#3");
  }
  SUBCASE("no other: no answer") {
    world.host(R"([{"id":1,"method":"tools/list"}])");
    world.forget();
    world.host(R"({"method":"notifications/cancelled","params":{"requestId":1}})");
    CHECK(world.transcript().find('<') == std::string::npos);
  }
}

TEST_CASE("other revisions have no batches, and each request in one is told so") {
  World world;
  world.open("2025-06-18");
  world.host(
      R"([{"id":1,"method":"tools/list"},{"method":"m"},{"id":2,"method":"ping"},{"id":3}])");
  CHECK(world.transcript() == "< 1: -32600\n< 2: -32600\n");
}

TEST_CASE("initialize is never part of a batch") {
  World world;
  SUBCASE("before a session") {
    world.host("[" + std::string(kInitialize) + "]");
    CHECK(world.transcript() == "< 0: -32600\n");
  }
  SUBCASE("within one") {
    world.open("2025-03-26");
    world.host("[" + std::string(kInitialize) + "]");
    CHECK(world.transcript().find(R"([{"id":0,"error":{"code":-32600)") == 2);
  }
  CHECK(world.requests() == 0);
}

TEST_CASE("what is no message in a batch is refused alone") {
  World world;
  world.open("2025-03-26");
  world.host(R"([{"id":1,"method":"ping"},{"id":2,"method":5},{"id":3,"method":"ping"}])");
  const std::string answer = world.transcript();
  CHECK(answer.substr(0, 32) == R"(< [{"id":1,"result":{}},{"id":2,)");
  CHECK(answer.find(R"({"id":3,"result":{}}])") != std::string::npos);
}

}  // namespace
}  // namespace dogpipe::bridge
