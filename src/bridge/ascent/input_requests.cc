#include "bridge/ascent/input_requests.h"

#include "rpc/members.h"
#include "rpc/object_edit.h"
#include "rpc/text.h"

namespace dogpipe::bridge::ascent {
namespace {

using Kind = InputRequest::Kind;

Kind kind_of(std::string_view method, std::string_view raw_params) {
  if (method == "sampling/createMessage") return Kind::sampling;
  if (method == "roots/list") return Kind::roots;
  if (method != "elicitation/create") return Kind::unknown;
  const auto mode = rpc::member(raw_params, "mode");
  if (!mode) return Kind::form;
  const auto name = rpc::string_value(*mode);
  return name == "form" ? Kind::form : name == "url" ? Kind::url : Kind::unknown;
}

InputRequest read_request(const rpc::Member& member) {
  InputRequest request;
  request.key = member.key;
  request.method = rpc::string_value(rpc::member(member.value, "method").value_or("")).value_or("");
  request.raw_params = rpc::member(member.value, "params").value_or("");
  request.kind = kind_of(request.method, request.raw_params);
  return request;
}

bool has(std::string_view raw_capabilities, std::string_view key) {
  const auto found = rpc::member(raw_capabilities, key);
  return found && found->starts_with('{');
}

}  // namespace

base::Result<InputRequired> read_input_required(std::string_view raw_result) {
  InputRequired input;
  const auto requests = rpc::member(raw_result, "inputRequests");
  for (rpc::Members members(requests.value_or("")); const auto member = members.next();) {
    input.requests.push_back(read_request(*member));
  }
  input.raw_state = rpc::member(raw_result, "requestState").value_or("");
  if (input.requests.empty() && input.raw_state.empty()) {
    return base::Error{base::Kind::malformed, "the server wants input and does not say which"};
  }
  return input;
}

bool can_be_asked(Kind kind, std::string_view raw_capabilities) {
  const std::string_view elicitation = rpc::member(raw_capabilities, "elicitation").value_or("");
  switch (kind) {
    case Kind::form:  // an empty object means forms
      return elicitation.starts_with('{') &&
             (has(elicitation, "form") || !rpc::Members(elicitation).next());
    case Kind::url:
      return has(elicitation, "url");
    case Kind::sampling:
      return has(raw_capabilities, "sampling");
    case Kind::roots:
      return has(raw_capabilities, "roots");
    case Kind::unknown:
      return false;
  }
  return false;
}

std::string question_params(const InputRequest& request, std::string_view raw_elicitation_id) {
  if (request.kind != Kind::url) return request.raw_params;
  rpc::ObjectEdit params(request.raw_params);
  if (!params.get("elicitationId")) params.set("elicitationId", std::string(raw_elicitation_id));
  return params.write();
}

std::string params_with_input(std::string_view raw_params, const InputRequired& input,
                              const std::vector<std::string>& raw_results) {
  rpc::ObjectEdit params(raw_params);
  std::string responses;
  for (std::size_t i = 0; i < input.requests.size(); ++i) {
    responses += responses.empty() ? "{\"" : ",\"";
    responses += input.requests[i].key + "\":" + raw_results[i];
  }
  if (!responses.empty()) params.set("inputResponses", responses + "}");
  if (!input.raw_state.empty()) params.set("requestState", input.raw_state);
  return params.write();
}

}  // namespace dogpipe::bridge::ascent
