#include "auth/device_reply.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace dogpipe::auth {
namespace {

// All of a reply, or the kind of error.
std::string read(const std::string& body) {
  const auto reply = read_device_reply(body);
  if (!reply) return reply.error().kind == base::Kind::malformed ? "malformed" : "another error";
  std::string out = std::string(reply->device_code.reveal()) + ' ' + reply->user_code + ' ' +
                    reply->verification_uri;
  if (!reply->verification_uri_complete.empty()) out += ' ' + reply->verification_uri_complete;
  return out + " for " + std::to_string(reply->lifetime.count()) + " every " +
         std::to_string(reply->interval.count());
}

// The reply with these members, the last ones instead of those of the same name.
std::string reply(const std::string& code, const std::string& user, const std::string& uri,
                  const std::string& rest) {
  return R"({"device_code":)" + code + R"(,"user_code":)" + user + R"(,"verification_uri":)" + uri +
         rest + '}';
}

std::string long_text(std::size_t size) { return '"' + std::string(size, 'x') + '"'; }

TEST_CASE("the example of RFC 8628") {
  CHECK(read(R"({"device_code":"GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS",
                 "user_code":"WDJB-MJHT","verification_uri":"https://example.com/device",
                 "verification_uri_complete":"https://example.com/device?user_code=WDJB-MJHT",
                 "expires_in":1800,"interval":5})") ==
        "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS WDJB-MJHT https://example.com/device "
        "https://example.com/device?user_code=WDJB-MJHT for 1800 every 5");
}

TEST_CASE("times are brought to what makes sense") {
  const struct {
    std::string times;
    std::string read;
  } rows[] = {
      {R"("expires_in":600)", "for 600 every 5"},
      {R"("expires_in":600,"interval":null)", "for 600 every 5"},
      {R"("expires_in":600,"interval":"soon")", "for 600 every 5"},
      {R"("expires_in":600,"interval":"10")", "for 600 every 10"},
      {R"("expires_in":600,"interval":0)", "for 600 every 1"},
      {R"("expires_in":600,"interval":-7)", "for 600 every 1"},
      {R"("expires_in":600,"interval":1e18)", "for 600 every 60"},
      {R"("expires_in":"600")", "for 600 every 5"},
      {R"("expires_in":0)", "for 60 every 5"},
      {R"("expires_in":1e18)", "for 1800 every 5"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.times);
    CHECK(read(reply(R"("D")", R"("U 1")", R"("v")", std::string(",") + row.times)) ==
          std::string("D U 1 v ") + row.read);
  }
}

TEST_CASE("a complete URL that cannot be one is left out") {
  for (const std::string& uri : {std::string("7"), std::string("null"), std::string(R"("a b")"),
                                 std::string(R"("\n")"), std::string(R"("")"), long_text(4097)}) {
    CHECK(read(reply(R"("D")", R"("U")", R"("v")",
                     R"(,"expires_in":600,"verification_uri_complete":)" + uri)) ==
          "D U v for 600 every 5");
  }
}

TEST_CASE("what is no device reply is refused") {
  const std::string d = R"("D")", u = R"("U")", v = R"("v")", e = R"(,"expires_in":600)";
  CHECK(read(reply(long_text(4096), long_text(64), long_text(4096), e)) ==
        std::string(4096, 'x') + ' ' + std::string(64, 'x') + ' ' + std::string(4096, 'x') +
            " for 600 every 5");
  for (const std::string& body : std::vector<std::string>{"",
                                                          "[]",
                                                          "{}",
                                                          "<html>",
                                                          reply("7", u, v, e),
                                                          reply("null", u, v, e),
                                                          reply(R"("")", u, v, e),
                                                          reply(R"("\n")", u, v, e),
                                                          reply(long_text(4097), u, v, e),
                                                          reply(d, "7", v, e),
                                                          reply(d, R"("")", v, e),
                                                          reply(d, R"("\u001b[31m")", v, e),
                                                          reply(d, R"("\u202e")", v, e),
                                                          reply(d, R"("ü")", v, e),
                                                          reply(d, long_text(65), v, e),
                                                          reply(d, u, "7", e),
                                                          reply(d, u, R"("")", e),
                                                          reply(d, u, R"("a b")", e),
                                                          reply(d, u, R"("a\nb")", e),
                                                          reply(d, u, long_text(4097), e),
                                                          reply(d, u, v, ""),
                                                          reply(d, u, v, R"(,"expires_in":null)"),
                                                          reply(d, u, v, R"(,"expires_in":"soon")"),
                                                          reply(d, u, v, e + e)}) {
    CAPTURE(body.substr(0, 100));
    CHECK(read(body) == "malformed");
  }
}

}  // namespace
}  // namespace dogpipe::auth
