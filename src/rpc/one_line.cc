#include "rpc/one_line.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "rpc/simd.h"

namespace dogpipe::rpc {
namespace {

// The offsets of an envelope in ascending order, to be moved as the text before them shrinks.
class Offsets {
 public:
  explicit Offsets(Envelope& envelope) {
    for (Span* span :
         {&envelope.id, &envelope.method, &envelope.params, &envelope.result, &envelope.error}) {
      if (!*span) continue;
      offsets_[count_++] = &span->begin;
      offsets_[count_++] = &span->end;
    }
    std::sort(offsets_.begin(), offsets_.begin() + count_,
              [](const std::size_t* a, const std::size_t* b) { return *a < *b; });
  }

  // All that are left up to and including `last` move.
  void move_back(std::size_t last, std::size_t distance) {
    for (; next_ != count_ && *offsets_[next_] <= last; ++next_) *offsets_[next_] -= distance;
  }

 private:
  std::array<std::size_t*, 10> offsets_ = {};
  std::size_t count_ = 0;
  std::size_t next_ = 0;
};

const char* skip_space(const char* at, const char* end) {
  while (at != end && static_cast<unsigned char>(*at) <= ' ') ++at;
  return at;
}

// To the next whitespace outside strings.
const char* skip_solid(const char* at, const char* end) {
  for (;;) {
    at = find(at, end, [](auto block) { return block.is('"') | block.at_most(' '); });
    if (at == end || *at != '"') return at;
    at = skip_string(at + 1, end);
  }
}

}  // namespace

void one_line(base::Bytes& text, Envelope& envelope) {
  Offsets offsets(envelope);
  char* const begin = text.data();
  const char* const end = begin + text.size();
  char* out = begin;
  for (const char* at = skip_space(begin, end); at != end;) {
    const char* const solid_end = skip_solid(at, end);
    const auto size = static_cast<std::size_t>(solid_end - at);
    offsets.move_back(static_cast<std::size_t>(solid_end - begin),
                      static_cast<std::size_t>(at - out));
    std::memmove(out, at, size);
    out += size;
    at = skip_space(solid_end, end);
  }
  text.truncate(static_cast<std::size_t>(out - begin));
  envelope.multi_line = false;
}

}  // namespace dogpipe::rpc
