// Any split of a text has the outcome of the whole; what is accepted is JSON to RapidJSON too, but
// for the differences that tests/rpc/oracle_test.cc names; one_line() keeps every part.
#include <rapidjson/encodedstream.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "rpc/envelope.h"
#include "rpc/lines.h"
#include "rpc/members.h"
#include "rpc/one_line.h"
#include "rpc/text.h"

namespace dogpipe::rpc {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void require_same(Span a, Span b) { require(a.begin == b.begin && a.end == b.end); }

void require_same(const Scanned& a, const Scanned& b) {
  require(a.has_value() == b.has_value());
  if (!a) {
    require(a.refusal().why == b.refusal().why);
    require(a.refusal().what == b.refusal().what);
    require(a.refusal().id == b.refusal().id);
    return;
  }
  require(a->shape == b->shape);
  require(a->multi_line == b->multi_line);
  require_same(a->id, b->id);
  require_same(a->method, b->method);
  require_same(a->params, b->params);
  require_same(a->result, b->result);
  require_same(a->error, b->error);
}

// Cuts pieces whose sizes the bytes of the text itself decide.
Scanned scan_in_pieces(std::string_view text, std::size_t seed) {
  Scanner scanner;
  while (!text.empty()) {
    seed = seed * 31 + static_cast<unsigned char>(text.front());
    const std::size_t size = std::min(1 + seed % 37, text.size());
    // A copy of exact size, so that the sanitizer sees a read beyond the piece.
    const std::string piece(text.substr(0, size));
    scanner.feed(piece);
    text.remove_prefix(size);
  }
  return scanner.finish();
}

void require_rapidjson_agrees(std::string_view text) {
  rapidjson::MemoryStream memory(text.data(), text.size());
  rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> stream(memory);
  rapidjson::Reader reader;
  rapidjson::BaseReaderHandler<> handler;
  reader.Parse<rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag |
               rapidjson::kParseNumbersAsStringsFlag>(stream, handler);
  const auto error = reader.GetParseErrorCode();
  require(error == rapidjson::kParseErrorNone || error == rapidjson::kParseErrorNumberTooBig ||
          error == rapidjson::kParseErrorStringUnicodeSurrogateInvalid);
}

void visit_parts(std::string_view text, const Envelope& envelope) {
  for (const Span span : {envelope.params, envelope.result, envelope.error}) {
    if (!span) continue;
    Members members(span.in(text));
    while (const auto found = members.next()) {
      require(scan(found->value).has_value() ||
              scan(found->value).refusal().why == Refusal::Why::invalid);
      static_cast<void>(unescape(found->key));
    }
  }
  for_each_element(text, [](std::string_view element) {
    const Scanned scanned = scan(element);
    require(scanned || scanned.refusal().why == Refusal::Why::invalid);
  });
}

void require_one_line_keeps(std::string_view text, const Envelope& before) {
  base::Bytes line(text);
  Envelope after = before;
  one_line(line, after);
  require(!after.multi_line);
  require_same(scan(line.view()), Scanned(after));
}

// Lines of any cap: sizes are right, and what is not too long is what a scan of it says.
void check_lines(std::string_view text) {
  Lines lines(text.size() / 2);
  const Lines::OnLine check = [](Line&& line) {
    require(line.too_long ? line.text.empty() : line.text.size() == line.size);
    if (!line.too_long) require_same(line.envelope, scan(line.text.view()));
    static_cast<void>(line.id());
  };
  for (std::size_t at = 0; at < text.size(); at += 5) lines.feed(text.substr(at, 5), check);
  static_cast<void>(lines.finish(check));
}

void check(std::string_view text) {
  const Scanned whole = scan(text);
  for (const std::size_t seed : {0u, 1u, 12345u}) require_same(scan_in_pieces(text, seed), whole);
  check_lines(text);
  static_cast<void>(quoted(text));
  if (!whole) return;
  require_rapidjson_agrees(text);
  visit_parts(text, *whole);
  require_one_line_keeps(text, *whole);
}

}  // namespace
}  // namespace dogpipe::rpc

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  dogpipe::rpc::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
