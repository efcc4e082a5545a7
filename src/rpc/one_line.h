#pragma once

#include "base/bytes.h"
#include "rpc/message.h"

namespace dogpipe::rpc {

// Removes the whitespace outside strings, in place, so that a message that a Scanner has accepted
// can go over a line-framed pipe. The offsets of `envelope` follow.
void one_line(base::Bytes& text, Envelope& envelope);

}  // namespace dogpipe::rpc
