// What a client says that it can do, in either era.
#pragma once

#include <string>

#include "json/reader.h"

namespace dogpipe::sandbox {

struct ClientAbilities {
  bool elicitation_form = false;
  bool elicitation_url = false;
  bool sampling = false;
  bool roots = false;
};

ClientAbilities read_abilities(json::Value capabilities);
// As a client declares them, as JSON.
std::string write_abilities(const ClientAbilities& abilities);

}  // namespace dogpipe::sandbox
