// The methods that are answered at once: everything but initialize and tools/call.
#pragma once

#include <string>
#include <string_view>

#include "json/reader.h"
#include "sandbox/context.h"

namespace dogpipe::sandbox {

class Session;

// The result of initialize.
std::string initialize_result(const Context& context, std::string_view version);

// The whole response, a result or an error, as JSON. `id` is raw JSON.
std::string answer_method(Context& context, Session& session, std::string_view id,
                          std::string_view method, json::Value params);

}  // namespace dogpipe::sandbox
