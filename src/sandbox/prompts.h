// Prompts of the stand-in, and completion of arguments. Datadog's server has none; a switch brings
// them.
#pragma once

#include <string_view>
#include <vector>

#include "sandbox/methods.h"

namespace dogpipe::sandbox {

Outcome list_prompts(const Request& request);
Outcome get_prompt(const Request& request);
// Of a prompt's argument or a template's variable: names of services.
Outcome complete(const Request& request);
std::vector<Round> prompt_rounds(std::string_view name);

}  // namespace dogpipe::sandbox
