#include "http/message.h"

#include <doctest/doctest.h>

#include <initializer_list>

#include "http/retry_after.h"

namespace dogpipe::http {
namespace {

ResponseHead head_of(std::initializer_list<std::string_view> lines) {
  ResponseHead head;
  for (const std::string_view line : lines) head.add_line(line);
  return head;
}

TEST_CASE("a head has a status and fields, whose names have no case") {
  const ResponseHead head =
      head_of({"HTTP/1.1 404 Not Found\r\n", "Content-Type: TEXT/Event-Stream ; charset=utf-8\r\n",
               "mCp-SESSION-id:  abc \t\r\n", "Empty:\r\n", "No-Colon\r\n", "\r\n"});
  CHECK(head.status() == 404);
  CHECK(head.media_type() == "text/event-stream");
  CHECK(head.field("Mcp-Session-Id") == "abc");
  CHECK(head.field("empty") == "");
  CHECK_FALSE(head.field("absent"));
  CHECK_FALSE(head.field("Session-Id"));
  CHECK_FALSE(head.field("no-colon"));
}

TEST_CASE("interim responses leave nothing behind") {
  const ResponseHead head = head_of({"HTTP/1.1 103 Early Hints\r\n", "Link: x\r\n", "\r\n",
                                     "HTTP/2 200\r\n", "A: 1\r\n", "\r\n"});
  CHECK(head.status() == 200);
  CHECK_FALSE(head.field("link"));
  CHECK(head.field("a") == "1");
}

TEST_CASE("status lines of all versions, and broken ones") {
  CHECK(head_of({"HTTP/2 204 \r\n"}).status() == 204);
  CHECK(head_of({"HTTP/1.0 500\n"}).status() == 500);
  CHECK(head_of({"HTTP/1.1\r\n"}).status() == 0);
  CHECK(head_of({"HTTP/1.1 abc\r\n"}).status() == 0);
  CHECK(head_of({}).media_type().empty());
}

TEST_CASE("the first of several fields counts, and values may hold colons") {
  const ResponseHead head = head_of({"A: 1:2\r\n", "A: 3\r\n"});
  CHECK(head.field("a") == "1:2");
}

TEST_CASE("all fields of one name make one list, in their order") {
  const ResponseHead head =
      head_of({"HTTP/1.1 401 No\r\n", "WWW-Authenticate: Basic realm=\"a, b\"\r\n", "A: 1\r\n",
               "www-authenticate:\tBearer x=\"y\" \r\n", "WWW-Authenticate-2: z\r\n", "\r\n"});
  CHECK(head.fields("WWW-Authenticate") == "Basic realm=\"a, b\", Bearer x=\"y\"");
  CHECK(head.fields("a") == "1");
  CHECK(head.fields("absent").empty());
  CHECK(head_of({"A: 1\n", "a: 2"}).fields("A") == "1, 2");
}

TEST_CASE("a field that would forge another is not valid") {
  CHECK(valid_field("X-Name", "value \t\xc3\xa9"));
  CHECK(valid_field("X-Name", ""));
  CHECK_FALSE(valid_field("", "v"));
  for (const char* name : {"a b", "a:", "a\r\n", "\xc3\xa9", "a(b)", "a\"", "a/b"}) {
    CHECK_FALSE(valid_field(name, "v"));
  }
  for (const char* value : {"a\r\nb: c", "a\nb", "a\rb", "\x1b", "\x7f"}) {
    CHECK_FALSE(valid_field("a", value));
  }
  CHECK_FALSE(valid_field("a", std::string_view("\0", 1)));
}

TEST_CASE("Retry-After is seconds or a date, and anything else is nothing") {
  using std::chrono::hours;
  using std::chrono::seconds;
  const std::chrono::system_clock::time_point now(seconds(784'111'777));  // 1994-11-06 08:49:37
  const auto read = [&](std::string_view value) { return read_retry_after(value, now); };
  CHECK(read("0") == seconds(0));
  CHECK(read("120") == seconds(120));
  CHECK(read("000030") == seconds(30));
  CHECK(read("99999999999999999999999") == hours(24 * 365));
  CHECK(read("9223372036854775807") == hours(24 * 365));
  CHECK(read("Sun, 06 Nov 1994 08:50:37 GMT") == seconds(60));
  CHECK(read("Sunday, 06-Nov-94 08:50:37 GMT") == seconds(60));
  CHECK(read("Sun Nov  6 08:50:37 1994") == seconds(60));
  CHECK(read("Sun, 06 Nov 1994 08:49:37 GMT") == seconds(0));
  CHECK(read("Sun, 06 Nov 1994 08:49:36 GMT") == seconds(0));
  CHECK(read("Fri, 31 Dec 9999 23:59:59 GMT") == hours(24 * 365));
  for (const char* value : {"", "-1", "+5", "1.5", "5s", "soon", "0x10", "1 2", "\xff"}) {
    CAPTURE(std::string(value));
    CHECK_FALSE(read(value));
  }
}

}  // namespace
}  // namespace dogpipe::http
