// What a server from 2026-07-28 on asks for before it answers a request (basic/patterns/mrtr), and
// how that looks to a host up to 2025-11-25, which is asked by requests.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dogpipe::bridge::ascent {

struct InputRequest {
  enum class Kind : std::uint8_t { form, url, sampling, roots, unknown };

  Kind kind = Kind::unknown;
  std::string key;  // between the quotes, escaped as the server has it
  std::string method;
  std::string raw_params;  // empty: none
};

struct InputRequired {
  std::vector<InputRequest> requests;
  std::string raw_state;  // empty: none. Opaque: goes back byte for byte
};

// Of a result with the resultType "input_required". Errors: Kind::malformed if it asks for nothing
// and has no state either.
base::Result<InputRequired> read_input_required(std::string_view raw_result);

// Whether the host, by its capabilities, can be asked that.
bool can_be_asked(InputRequest::Kind kind, std::string_view raw_capabilities);

// The params of the request to the host: an elicitation by URL needs an id there.
std::string question_params(const InputRequest& request, std::string_view raw_elicitation_id);

// The params of the request, sent again with the answers: of each, the result of the host.
std::string params_with_input(std::string_view raw_params, const InputRequired& input,
                              const std::vector<std::string>& raw_results);

}  // namespace dogpipe::bridge::ascent
