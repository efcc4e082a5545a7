#include "http/fetch.h"

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "fakes/fake_client.h"

namespace dogpipe::http {
namespace {

using base::Kind;

struct Scene {
  explicit Scene(std::size_t longest = 10) {
    Request request;
    request.url = "https://h/";
    request.headers = std::make_shared<const Headers>(std::vector<Header>());
    fetch = std::make_unique<Fetch>(client, std::move(request), longest,
                                    [this](base::Result<Response> got, bool left) {
                                      ++times;
                                      response = std::move(got);
                                      body_left = left;
                                      fetch.reset();
                                    });
  }
  fakes::FakeRequest& sent() { return client.at(0); }

  fakes::FakeClient client;
  int times = 0;
  std::optional<base::Result<Response>> response;
  bool body_left = false;
  std::unique_ptr<Fetch> fetch;
};

TEST_CASE("a response is handed over whole, once") {
  Scene scene;
  CHECK(scene.sent().request().url == "https://h/");
  scene.sent().head(302, "Text/HTML; charset=utf-8", {{"Location", "/x"}, {"location", "/y"}});
  scene.sent().data("abc");
  scene.sent().data("def");
  CHECK(scene.times == 0);
  scene.sent().end();
  CHECK(scene.times == 1);
  REQUIRE(*scene.response);
  CHECK((*scene.response)->status == 302);
  CHECK((*scene.response)->media_type == "text/html");
  CHECK((*scene.response)->location == "/x");
  CHECK((*scene.response)->body == "abcdef");
  CHECK(scene.body_left);
}

TEST_CASE("a response without anything is one, too") {
  Scene scene;
  scene.sent().answer(204, "", "");
  REQUIRE(*scene.response);
  CHECK((*scene.response)->status == 204);
  CHECK((*scene.response)->location.empty());
  CHECK((*scene.response)->body.empty());
}

TEST_CASE("a response of just the longest size is taken, and one byte more is not") {
  Scene fits;
  fits.sent().head(200, "a/b");
  fits.sent().data("12345");
  fits.sent().data("67890");
  fits.sent().end();
  REQUIRE(*fits.response);
  CHECK((*fits.response)->body == "1234567890");

  Scene too_large;
  too_large.sent().head(200, "a/b");
  too_large.sent().data("12345");
  too_large.sent().data("678901");
  CHECK(too_large.times == 1);
  REQUIRE_FALSE(*too_large.response);
  CHECK(too_large.response->error().kind == Kind::too_large);
}

TEST_CASE("a failure is told with what is known of the request") {
  for (const bool left : {true, false}) {
    Scene scene;
    scene.sent().head(200, "a/b");
    scene.sent().data("part");
    scene.sent().fail(Kind::cut, left);
    REQUIRE_FALSE(*scene.response);
    CHECK(scene.response->error().kind == Kind::cut);
    CHECK(scene.body_left == left);
  }
}

TEST_CASE("dropped, it lets go of the request and says nothing") {
  Scene scene;
  scene.fetch.reset();
  CHECK(scene.sent().cancelled());
  scene.sent().answer(200, "a/b", "x");
  CHECK(scene.times == 0);
}

}  // namespace
}  // namespace dogpipe::http
