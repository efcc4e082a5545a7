// The form of results of the revision 2026-07-28: resultType, what may be kept of them and for how
// long, and who the server is.
#pragma once

#include <string>
#include <string_view>

#include "sandbox/message.h"
#include "sandbox/quirks.h"
#include "sandbox/rounds.h"

namespace dogpipe::sandbox {

// `id` is raw JSON. An empty type is left out.
std::string modern_response(const Quirks& quirks, std::string_view id, std::string_view method,
                            const Outcome& outcome, std::string_view type = "complete");
std::string input_required_result(const Quirks& quirks, const Rounds& rounds);
std::string discover_result(const Quirks& quirks);
// Of subscriptions/listen, when the server ends it.
std::string listen_result(const Quirks& quirks, std::string_view id);

}  // namespace dogpipe::sandbox
