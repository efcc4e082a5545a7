// Resources of the stand-in, and their template.
#pragma once

#include <string_view>
#include <vector>

#include "sandbox/methods.h"

namespace dogpipe::sandbox {

bool is_resource(const World& world, std::string_view uri);

Outcome list_resources(const Request& request);
// Errors: -32002 for a resource that does not exist, -32602 on the modern wire.
Outcome read_resource(const Request& request);
Outcome list_templates(const Request& request);
std::vector<Round> resource_rounds(std::string_view uri);

}  // namespace dogpipe::sandbox
