#include "bridge/descent/modern_error.h"

#include <charconv>

#include "bridge/descent/input_request.h"
#include "mcp/codes.h"
#include "rpc/members.h"
#include "rpc/object_edit.h"

namespace dogpipe::bridge::descent {

int error_code(std::string_view raw_error) {
  const std::string_view raw = rpc::member(raw_error, "code").value_or(std::string_view());
  int code = 0;
  std::from_chars(raw.data(), raw.data() + raw.size(), code);
  return code;
}

std::string modern_error(std::string_view raw_error) {
  const int code = error_code(raw_error);
  if (code != mcp::kResourceNotFound && code != mcp::kUrlElicitationRequired) {
    return std::string(raw_error);
  }
  rpc::ObjectEdit edit(raw_error);
  edit.set("code", std::to_string(code == mcp::kResourceNotFound ? mcp::kInvalidParams
                                                                 : mcp::kInternalError));
  return edit.write();
}

std::optional<std::string> url_input_requests(std::string_view raw_error) {
  if (error_code(raw_error) != mcp::kUrlElicitationRequired) return std::nullopt;
  const auto data = rpc::member(raw_error, "data");
  const auto elicitations = data ? rpc::member(*data, "elicitations") : std::nullopt;
  InputRequests requests;
  std::size_t n = 0;
  rpc::for_each_element(elicitations.value_or(std::string_view()), [&](std::string_view one) {
    if (!rpc::member(one, "url")) return;
    rpc::ObjectEdit params(one);
    params.set("mode", R"("url")");
    requests.add(input_key(++n), input_request("elicitation/create", params.write()));
  });
  if (requests.empty()) return std::nullopt;
  return requests.write();
}

}  // namespace dogpipe::bridge::descent
