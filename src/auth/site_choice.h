// Whether the user has signed in where the profile says.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dogpipe::auth {

// `domain` is the host that the browser came from, as Datadog's callback names it:
// "app.datadoghq.eu", "us3.datadoghq.com", "acme.datadoghq.com". `sites` are those there are. True
// where either is empty.

bool is_choice_of(std::string_view site, std::string_view domain,
                  const std::vector<std::string>& sites);

}  // namespace dogpipe::auth
