// Messages of our own, as text. What is raw must be JSON already and goes in as it is.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "rpc/message.h"
#include "rpc/text.h"

namespace dogpipe::rpc {

// raw_id empty: a notification. raw_params empty: no `params`.
std::string write_call(std::string_view raw_id, std::string_view method,
                       std::string_view raw_params);
std::string write_result(std::string_view raw_id, std::string_view raw_result);
// raw_id empty: no `id`. raw_data empty: no `data`.
std::string write_error(std::string_view raw_id, int code, std::string_view message,
                        std::string_view raw_data);

// The message with another id in place of its own, or with that id where it had none; everything
// else byte for byte. Not for batches.
base::Bytes with_id(std::string_view text, const Envelope& envelope, std::string_view raw_id);

}  // namespace dogpipe::rpc
