// Texts that several tests share, and outcomes in a form that can be compared whole.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rpc/envelope.h"

namespace dogpipe::rpc {

// Every kind of message and of fault, each hard in some way for a scanner that gets it in pieces.
inline std::vector<std::string> corpus() {
  return {
      R"({"jsonrpc":"2.0","id":1,"method":"ping"})",
      R"({"jsonrpc":"2.0","id":"a\"b\\","method":"tools\/call","params":{"a":[1,{"b":"}"}]}})",
      R"({"jsonrpc":"2.0","method":"notifications/initialized"})",
      R"({"jsonrpc":"2.0","id":-0.5e+10,"result":[true,false,null,"\ud800","\u00e9"]})",
      R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}})",
      R"({"jsonrpc":"2.0","error":{"code":-1,"message":"m"}})",
      R"({"\u006asonrpc":"\u0032.0","\u0069d":7,"m\u0065thod":"x","other":1,"other":2})",
      "{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":\"\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80 plain\"}",
      "\r\n {\n  \"jsonrpc\" : \"2.0\" ,\r\n\t\"id\" : 4 , \"result\" : { \"a\" : [ ] } }\n ",
      R"([{"jsonrpc":"2.0","id":1,"method":"a"},{"jsonrpc":"2.0","method":"b"}])",
      R"({"jsonrpc":"2.0","id":1,"id":1,"method":"x"})",
      R"({"jsonrpc":"2.0","id":1,"\u0069d":1,"method":"x"})",
      R"({"jsonrpc":"2.0","id":5,"Method":"x"})",
      R"({"jsonrpc":"2.1","id":"here","method":"x"})",
      R"({"jsonrpc":"2.0","id":1,"method":"x","params":3})",
      R"({"jsonrpc":"2.0","id":[1],"method":"x"})",
      R"([1])",
      R"([])",
      R"("a string")",
      R"(-12.5e3)",
      R"({"jsonrpc":"2.0","id":1,"method":"x"} {})",
      R"({"jsonrpc":"2.0","id":01,"method":"x"})",
      R"({"jsonrpc":"2.0","id":1,"method":"x)",
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\nb\"}",
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"\xED\xA0\x80\"}",
      R"({"jsonrpc":"2.0","id":1,"result":"\u12g4"})",
      "",
      "  \t",
  };
}

inline std::string described(std::string_view text, const Scanned& scanned) {
  if (!scanned) {
    const Refusal& refusal = scanned.refusal();
    return (refusal.why == Refusal::Why::parse ? "parse: " : "invalid: ") +
           std::string(refusal.what) + ", id " + refusal.id;
  }
  static const char* const kShapes[] = {"request", "notification", "response", "error", "batch"};
  std::string out = kShapes[static_cast<int>(scanned->shape)];
  const auto add = [&](const char* name, Span span) {
    if (span) out += std::string(", ") + name + " " + std::string(span.in(text));
  };
  add("id", scanned->id);
  add("method", scanned->method);
  add("params", scanned->params);
  add("result", scanned->result);
  add("error", scanned->error);
  return out + (scanned->multi_line ? ", several lines" : "");
}

inline std::string described(std::string_view text) { return described(text, scan(text)); }

// The outcome when the text comes in pieces of `size` bytes.
inline std::string described_in_pieces(std::string_view text, std::size_t size) {
  Scanner scanner;
  for (std::size_t at = 0; at < text.size(); at += size) scanner.feed(text.substr(at, size));
  return described(text, scanner.finish());
}

// Collects nothing: for tests of the grammar alone.
class NoOutline final : public Outline {
 public:
  void outermost(Token) override {}
  void key(std::string_view) override {}
  void value(Token, Span, std::string_view) override {}
};

inline bool is_json(std::string_view text) {
  NoOutline ignored;
  Grammar grammar;
  grammar.feed(text, ignored);
  return grammar.complete();
}

}  // namespace dogpipe::rpc
