// Parameters of a query or of a form body (WHATWG URL, application/x-www-form-urlencoded).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dogpipe::sandbox {

// "%41+b" is "A b". A broken escape stays as it is.
std::string percent_decoded(std::string_view text);
// Everything but letters, digits and -._~ is escaped.
std::string percent_encoded(std::string_view text);

class Form {
 public:
  Form() = default;
  explicit Form(std::string_view text);

  Form& add(std::string_view name, std::string_view value);

  bool has(std::string_view name) const;
  // The first of that name; empty without one.
  std::string value(std::string_view name) const;
  // A name that is there twice, which OAuth forbids (RFC 6749 section 3.1).
  std::optional<std::string> repeated() const;
  std::string text() const;

  auto begin() const { return pairs_.begin(); }
  auto end() const { return pairs_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

// `url` with the form's pairs as further query parameters.
std::string with_query(std::string_view url, const Form& form);

// The words of a list without those that are empty: a scope is a list of this kind.
std::vector<std::string> words(std::string_view list);

}  // namespace dogpipe::sandbox
