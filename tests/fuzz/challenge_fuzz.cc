// Any bytes are read within their bounds; values keep their cap; and a challenge that is written
// from what was read is read as the same, whatever other schemes stand around it.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "auth/challenge.h"

namespace {

using dogpipe::auth::Challenge;
using dogpipe::auth::read_challenge;

void require(bool condition) {
  if (!condition) std::abort();
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string written(const Challenge& challenge) {
  return "Bearer scope=" + quoted(challenge.scope) + ", error=" + quoted(challenge.error) +
         ",resource_metadata = " + quoted(challenge.resource_metadata);
}

void require_same(const Challenge& a, const Challenge& b) {
  require(a.scope == b.scope && a.error == b.error && a.resource_metadata == b.resource_metadata);
}

bool is_empty(const Challenge& challenge) {
  return challenge.scope.empty() && challenge.error.empty() && challenge.resource_metadata.empty();
}

void check(std::string_view fields) {
  const Challenge challenge = read_challenge(fields);
  for (const std::string* text :
       {&challenge.scope, &challenge.error, &challenge.resource_metadata}) {
    require(text->size() <= 4096);
    for (const char c : *text) require(static_cast<unsigned char>(c) >= 0x20 || c == '\t');
  }
  const std::string text = written(challenge);
  if (text.size() > 15 * 1024) return;
  require_same(read_challenge(text), challenge);
  require_same(read_challenge("Negotiate a==, " + text + ", Basic realm=" + quoted("Bearer")),
               challenge);
  // A first challenge that says something is the one, whatever follows.
  const std::string front = "Bearer error=first, X ";
  const Challenge first = read_challenge(front + std::string(fields));
  require(first.error == "first" || fields.size() + front.size() > 16 * 1024);
  require(is_empty(read_challenge("Basic realm=" + quoted(fields))));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A copy of exact size, so that the sanitizer sees a read beyond it.
  const std::string fields(reinterpret_cast<const char*>(data), size);
  check(fields);
  return 0;
}
