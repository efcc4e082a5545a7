#include "sandbox/visit.h"

namespace dogpipe::sandbox {

NamedTools Visit::tools() const {
  NamedTools named;
  for (const Tool* tool : context.catalogue.select(selection)) {
    if (modern || !tool->modern_only) named.emplace_back(tool->name + suffix, tool);
  }
  return named;
}

const Tool* Visit::find_tool(std::string_view name) const {
  if (name.size() < suffix.size() || !name.ends_with(suffix)) return nullptr;
  name.remove_suffix(suffix.size());
  for (const Tool* tool : context.catalogue.select(selection)) {
    if (tool->name == name && (modern || !tool->modern_only)) return tool;
  }
  return nullptr;
}

}  // namespace dogpipe::sandbox
