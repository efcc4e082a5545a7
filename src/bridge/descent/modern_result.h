#pragma once

#include <string>
#include <string_view>

namespace dogpipe::bridge::descent {

// A result of an older server as 2026-07-28 has it: complete, fresh for no time where its method's
// results say so (server/utilities/caching), and with the server's name. `raw_server_info` may be
// empty. Tools that can only be called as tasks of 2025-11-25, which there are none of here, are
// left out of tools/list. What is no object stays as it is.
std::string modern_result(std::string_view method, std::string_view raw_result,
                          std::string_view raw_server_info);

}  // namespace dogpipe::bridge::descent
