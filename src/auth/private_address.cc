// is_private_address(): the spellings of inet_aton() and RFC 4291.
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/url_policy.h"
#include "base/text.h"
#include "http/address.h"

namespace dogpipe::auth {
namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// ---- IPv4

std::optional<std::uint64_t> read_digits(std::string_view text, int base) {
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// As C spells integers: 10, 012, 0xa.
std::optional<std::uint64_t> read_number(std::string_view text) {
  if (text.substr(0, 2) == "0x") return read_digits(text.substr(2), 16);
  return read_digits(text, text.size() > 1 && text.front() == '0' ? 8 : 10);
}

// One to four numbers; the last one fills what the others leave.
std::optional<std::uint32_t> read_ipv4(std::string_view text) {
  const std::vector<std::string_view> parts = split(text, '.');
  if (parts.size() > 4) return std::nullopt;
  std::uint64_t address = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto number = read_number(parts[i]);
    const std::size_t bytes = i + 1 < parts.size() ? 1 : 5 - parts.size();
    if (!number || *number >= std::uint64_t{1} << (8 * bytes)) return std::nullopt;
    address = address << (8 * bytes) | *number;
  }
  return static_cast<std::uint32_t>(address);
}

// ---- IPv6

using Groups = std::vector<std::uint16_t>;

// Appends what is between two colons, or, at the end, an IPv4 address.
bool append_group(Groups& groups, std::string_view text, bool last) {
  if (last && text.find('.') != std::string_view::npos) {
    const auto tail = read_ipv4(text);
    if (!tail) return false;
    groups.push_back(static_cast<std::uint16_t>(*tail >> 16));
    groups.push_back(static_cast<std::uint16_t>(*tail & 0xFFFF));
    return true;
  }
  const auto number = text.size() <= 4 ? read_digits(text, 16) : std::nullopt;
  if (number) groups.push_back(static_cast<std::uint16_t>(*number));
  return number.has_value();
}

std::optional<Groups> read_groups(std::string_view text) {
  Groups groups;
  if (text.empty()) return groups;
  const std::vector<std::string_view> parts = split(text, ':');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!append_group(groups, parts[i], i + 1 == parts.size())) return std::nullopt;
  }
  return groups;
}

std::optional<Groups> read_ipv6(std::string_view text) {
  const std::size_t gap = text.find("::");
  auto groups = read_groups(text.substr(0, gap));
  if (gap != std::string_view::npos) {
    const auto tail = read_groups(text.substr(gap + 2));
    if (!groups || !tail || groups->size() + tail->size() > 7) return std::nullopt;
    groups->resize(8 - tail->size());
    groups->insert(groups->end(), tail->begin(), tail->end());
  }
  if (!groups || groups->size() != 8) return std::nullopt;
  return groups;
}

// Letters, digits, and what joins them: nothing that has yet to be decoded.
bool is_plain(std::string_view name) {
  return name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-._") ==
         std::string_view::npos;
}

bool is_private_name(std::string_view name) {
  if (!name.empty() && name.back() == '.') name.remove_suffix(1);
  if (!is_plain(name) || name == "localhost" || base::ends_with(name, ".localhost")) return true;
  const std::string_view last = name.substr(name.rfind('.') + 1);
  if (last.empty()) return true;
  if (last.front() < '0' || last.front() > '9') return false;
  const auto address = read_ipv4(name);
  return !address || !http::is_public_ipv4(*address);
}

}  // namespace

bool is_private_address(std::string_view host) {
  const std::string lower = base::lower(host);
  std::string_view name = lower;
  if (name.size() >= 2 && name.front() == '[' && name.back() == ']') {
    name = name.substr(1, name.size() - 2);
  }
  if (name.find(':') == std::string_view::npos) return is_private_name(name);
  const auto address = read_ipv6(name);
  return !address || !http::is_public_ipv6(std::span<const std::uint16_t, 8>(*address));
}

}  // namespace dogpipe::auth
