// A response without its beginning, as it is known before the request that it will answer.
#pragma once

#include <string>
#include <string_view>

#include "rpc/text.h"

namespace dogpipe::bridge::descent {

inline std::string result_tail(std::string_view raw_result) {
  return std::string(R"("result":)").append(raw_result).append("}");
}

inline std::string error_tail(std::string_view raw_error) {
  return std::string(R"("error":)").append(raw_error).append("}");
}

inline std::string error_tail(int code, std::string_view message, std::string_view raw_data) {
  return error_tail(std::string(R"({"code":)")
                        .append(std::to_string(code))
                        .append(R"(,"message":)")
                        .append(rpc::quoted(message))
                        .append(R"(,"data":)")
                        .append(raw_data)
                        .append("}"));
}

inline std::string with_tail(std::string_view raw_id, std::string_view tail) {
  return std::string(R"({"jsonrpc":"2.0","id":)").append(raw_id).append(",").append(tail);
}

}  // namespace dogpipe::bridge::descent
