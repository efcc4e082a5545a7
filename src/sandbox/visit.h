// Who asks, and what that lets him see. Both wires make one for each request.
#pragma once

#include <string>

#include "sandbox/catalogue.h"
#include "sandbox/context.h"
#include "sandbox/organization.h"

namespace dogpipe::sandbox {

struct Visit {
  Context& context;
  Selection selection;
  const Organization& organization;
  std::string suffix;  // of the name of every tool
  bool tools_ready = true;
  bool modern = false;

  NamedTools tools() const;
  // nullptr without one.
  const Tool* find_tool(std::string_view name) const;
};

}  // namespace dogpipe::sandbox
