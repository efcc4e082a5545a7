#include "cli/fields.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/usage.h"

namespace dogpipe::cli {
namespace {

constexpr std::array<std::string_view, 5> kSecret = {
    "authorization", "dd-api-key", "dd-application-key", "dd_api_key", "dd_application_key"};
constexpr std::array<std::string_view, 11> kOurs = {"accept",
                                                    "accept-encoding",
                                                    "connection",
                                                    "content-length",
                                                    "content-type",
                                                    "expect",
                                                    "host",
                                                    "last-event-id",
                                                    "mcp-session-id",
                                                    "mcp-protocol-version",
                                                    "transfer-encoding"};

base::Result<std::string> filled_in(std::string_view value, const Expand& expand) {
  std::string out;
  for (std::size_t begin = value.find("${"); begin != std::string_view::npos;
       begin = value.find("${")) {
    const std::size_t end = value.find('}', begin);
    if (end == std::string_view::npos) return usage("a ${ has no }");
    const std::string_view name = value.substr(begin + 2, end - begin - 2);
    const auto found = expand(name);
    if (!found) return usage("the variable " + base::printable(name) + " is not set");
    out += value.substr(0, begin);
    out += *found;
    value.remove_prefix(end + 1);
  }
  out += value;
  return out;
}

}  // namespace

base::Result<http::Header> read_field(std::string_view line, const Expand& expand) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return usage("a header field looks like 'Name: value'");
  http::Header field;
  field.name = base::trimmed(line.substr(0, colon));
  auto value = filled_in(base::trimmed(line.substr(colon + 1)), expand);
  if (!value) return std::move(value).error();
  field.value = std::move(*value);
  if (!http::valid_field(field.name, field.value)) {
    return usage("a header field holds characters that may not stand there");
  }
  const std::string name = base::lower(field.name);
  if (std::find(kOurs.begin(), kOurs.end(), name) != kOurs.end()) {
    return usage("the header field " + field.name + " is set by dogpipe itself");
  }
  return field;
}

base::Result<std::vector<http::Header>> read_field_file(const std::string& path,
                                                        const Expand& expand) {
  auto text = base::read_file(path);
  if (!text) return std::move(text).error();
  std::vector<http::Header> fields;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = base::trimmed(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (line.empty() || line.front() == '#') continue;
    auto field = read_field(line, expand);
    if (!field) return std::move(field).error();
    fields.push_back(std::move(*field));
  }
  return fields;
}

bool is_secret_field(std::string_view name) {
  return std::find(kSecret.begin(), kSecret.end(), base::lower(name)) != kSecret.end();
}

}  // namespace dogpipe::cli
