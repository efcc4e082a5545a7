// One JSON-RPC message from the server, put together and scanned as its bytes arrive.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "base/result.h"
#include "rpc/envelope.h"
#include "rpc/members.h"

namespace dogpipe::bridge {

// `text` views `owned`, or, where that is empty, bytes that are valid only during the present call.
struct Message {
  std::string_view text;
  rpc::Envelope envelope;
  base::Bytes owned;
};

// The messages of a batch, one after the other; what is none is passed over.
template <class Function>
void for_each_message(std::string_view batch, Function&& function) {
  rpc::for_each_element(batch, [&function](std::string_view element) {
    const rpc::Scanned scanned = rpc::scan(element);
    if (!scanned) return;
    Message single;
    single.text = element;
    single.envelope = *scanned;
    function(single);
  });
}

// Bytes that come in one piece are not copied; longer messages are gathered once.
class Assembly {
 public:
  explicit Assembly(std::size_t longest_bytes) : longest_bytes_(longest_bytes) {}

  // `piece` must stay valid until keep(), finish() or the next add().
  void add(std::string_view piece);
  // What was added so far is about to become invalid.
  void keep();
  // Room for a message of known length, so that it never moves.
  void expect(std::size_t bytes);

  std::size_t size() const { return size_; }
  bool too_large() const { return size_ > longest_bytes_; }

  // The message is complete; afterwards the assembly is as new. Errors: Kind::malformed,
  // Kind::too_large.
  base::Result<Message> finish();
  // The same for what is no message: its text, empty if that was too large.
  std::string finish_text();

 private:
  std::size_t longest_bytes_;
  std::size_t size_ = 0;
  std::string_view view_;  // the only piece so far, not copied yet
  base::Bytes kept_;
  rpc::Scanner scanner_;
};

}  // namespace dogpipe::bridge
