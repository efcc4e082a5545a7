// application/x-www-form-urlencoded: the bodies of token requests and the query of the browser's
// return (RFC 6749 appendix B).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/secret.h"

namespace dogpipe::auth {

// Letters, digits and "-._*" as they are, a space as '+', any other byte as %XX.
std::string form_encoded(std::string_view text);
// '+' is a space. None for a '%' without two hexadecimal digits behind it.
std::optional<std::string> form_decoded(std::string_view text);

// A form under way. It views what is added to it until it is taken.
class Form {
 public:
  Form& add(std::string_view name, std::string_view value);
  Form& add_unless_empty(std::string_view name, std::string_view value);
  // The bytes are written once, where they stay: no copies are left behind.
  base::Secret take() const;

 private:
  std::vector<std::pair<std::string_view, std::string_view>> fields_;
};

}  // namespace dogpipe::auth
