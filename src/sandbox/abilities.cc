#include "sandbox/abilities.h"

#include "json/writer.h"

namespace dogpipe::sandbox {

ClientAbilities read_abilities(json::Value capabilities) {
  const json::Value elicitation = capabilities["elicitation"];
  ClientAbilities abilities;
  // An empty object means form mode (2025-11-25, elicitation).
  abilities.elicitation_form =
      elicitation["form"].exists() || (elicitation.is_object() && elicitation.size() == 0);
  abilities.elicitation_url = elicitation["url"].exists();
  abilities.sampling = capabilities["sampling"].exists();
  abilities.roots = capabilities["roots"].exists();
  return abilities;
}

std::string write_abilities(const ClientAbilities& abilities) {
  json::Writer out;
  out.begin_object();
  if (abilities.elicitation_form || abilities.elicitation_url) {
    out.name("elicitation").begin_object();
    if (abilities.elicitation_form) out.raw_member("form", "{}");
    if (abilities.elicitation_url) out.raw_member("url", "{}");
    out.end_object();
  }
  if (abilities.sampling) out.raw_member("sampling", "{}");
  if (abilities.roots) out.raw_member("roots", "{}");
  return out.end_object().take();
}

}  // namespace dogpipe::sandbox
