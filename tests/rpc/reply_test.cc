#include "rpc/reply.h"

#include <doctest/doctest.h>

#include <string>

#include "corpus.h"

namespace dogpipe::rpc {
namespace {

std::string with_id(std::string_view text, std::string_view raw_id) {
  const Scanned scanned = scan(text);
  REQUIRE(scanned);
  const base::Bytes out = with_id(text, *scanned, raw_id);
  CHECK(scan(out.view()));
  return std::string(out.view());
}

TEST_CASE("messages of our own are what JSON-RPC asks for") {
  CHECK(write_call("1", "ping", "") == R"({"jsonrpc":"2.0","id":1,"method":"ping"})");
  CHECK(write_call("", "a\"b", "{}") == R"({"jsonrpc":"2.0","method":"a\"b","params":{}})");
  CHECK(write_result(R"("x")", "{}") == R"({"jsonrpc":"2.0","id":"x","result":{}})");
  CHECK(write_error("1.0", -32601, "no such \"method\"", "") ==
        R"({"jsonrpc":"2.0","id":1.0,"error":{"code":-32601,"message":"no such \"method\""}})");
  CHECK(
      write_error("", -32700, "Parse error", R"({"source":"dogpipe"})") ==
      R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error","data":{"source":"dogpipe"}}})");
  for (const std::string& text :
       {write_call("1", "ping", "[]"), write_result("1", "[]"), write_error("1", 1, "m", "null"),
        write_error("", 1, "m", ""), write_call("", "n", "")}) {
    CHECK(scan(text));
  }
}

TEST_CASE("another id is spliced in and nothing else changes") {
  CHECK(with_id(R"({"jsonrpc":"2.0", "id" : "old" ,"method":"x"})", "17") ==
        R"({"jsonrpc":"2.0", "id" : 17 ,"method":"x"})");
  CHECK(with_id(R"({"id":1,"jsonrpc":"2.0","result":{"id":1}})", R"("new")") ==
        R"({"id":"new","jsonrpc":"2.0","result":{"id":1}})");
  CHECK(with_id(R"({"jsonrpc":"2.0","error":{},"id":null})", "2") ==
        R"({"jsonrpc":"2.0","error":{},"id":2})");
}

TEST_CASE("a message without id gets one") {
  CHECK(with_id(R"( {"jsonrpc":"2.0","error":{}})", "2") ==
        R"( {"id":2,"jsonrpc":"2.0","error":{}})");
}

}  // namespace
}  // namespace dogpipe::rpc
