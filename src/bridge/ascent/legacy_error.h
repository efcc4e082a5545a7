// Errors of a server from 2026-07-28 on, as hosts up to 2025-11-25 know them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "bridge/assembly.h"

namespace dogpipe::bridge::ascent {

// The `code` of an error object, if it is an integer.
std::optional<int> error_code(std::string_view raw_error);

// The error response to a request of that method; nothing if `raw_error` can stay as it is.
std::optional<std::string> legacy_error(std::string_view raw_id, std::string_view method,
                                        std::string_view raw_error);
// The same for an error in a message, which otherwise is as it was, but for the id.
base::Bytes legacy_error_answer(std::string_view raw_id, std::string_view method,
                                const Message& message);

// The error response to an initialize that cannot be met: the server is modern, in revisions that
// nobody here knows. `answer` is what it said to server/discover.
std::string write_incompatible(std::string_view raw_id, const Message& answer);

}  // namespace dogpipe::bridge::ascent
