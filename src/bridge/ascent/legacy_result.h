// Results of a server from 2026-07-28 on, as hosts up to 2025-11-25 may see them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dogpipe::bridge::ascent {

enum class ResultType : unsigned char { complete, input_required, unknown };

// Of a result; those without a `resultType` are complete (basic/index, "Responses").
ResultType result_type(std::string_view raw_result);

// Nothing if the host may see it as it is; else without what its revision does not have:
//   everywhere     resultType, ttlMs, cacheScope, the serverInfo in `_meta`
//   of tools/list  an outputSchema for what is no object
//   of tools/call  structuredContent that is no object: its JSON stands in a text block
std::optional<std::string> legacy_result(std::string_view method, std::string_view raw_result);

}  // namespace dogpipe::bridge::ascent
