#include "http/address.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <initializer_list>

namespace dogpipe::http {
namespace {

struct Block {
  std::uint32_t first;
  int bits;
};

constexpr std::uint32_t ipv4(unsigned a, unsigned b, unsigned c) {
  return a << 24 | b << 16 | c << 8;
}

constexpr std::array kNotPublic = {
    Block{ipv4(0, 0, 0), 8},      Block{ipv4(10, 0, 0), 8},     Block{ipv4(100, 64, 0), 10},
    Block{ipv4(127, 0, 0), 8},    Block{ipv4(169, 254, 0), 16}, Block{ipv4(172, 16, 0), 12},
    Block{ipv4(192, 0, 0), 24},   Block{ipv4(192, 0, 2), 24},   Block{ipv4(192, 88, 99), 24},
    Block{ipv4(192, 168, 0), 16}, Block{ipv4(198, 18, 0), 15},  Block{ipv4(198, 51, 100), 24},
    Block{ipv4(203, 0, 113), 24}, Block{ipv4(224, 0, 0), 4},    Block{ipv4(240, 0, 0), 4},
};

}  // namespace

bool is_public_ipv4(std::uint32_t address) {
  return std::none_of(kNotPublic.begin(), kNotPublic.end(), [&](const Block& block) {
    return (address ^ block.first) >> (32 - block.bits) == 0;
  });
}

bool is_public_ipv6(std::span<const std::uint16_t, 8> groups) {
  const auto embedded = [&](std::size_t at) {
    return static_cast<std::uint32_t>(groups[at]) << 16 | groups[at + 1];
  };
  const auto begins = [&](std::initializer_list<std::uint16_t> with) {
    return std::equal(with.begin(), with.end(), groups.begin());
  };
  if (begins({0x64, 0xff9b, 0, 0, 0, 0})) return is_public_ipv4(embedded(6));
  if (groups[0] >> 13 != 1) return false;                       // not in 2000::/3
  if (groups[0] == 0x2001 && groups[1] < 0x200) return false;   // protocols, Teredo among them
  if (begins({0x2001, 0xdb8})) return false;                    // documentation
  if (groups[0] == 0x3fff && groups[1] < 0x1000) return false;  // documentation
  return groups[0] != 0x2002 || is_public_ipv4(embedded(1));    // 6to4
}

bool is_public(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    return is_public_ipv4(ntohl(v4.sin_addr.s_addr));
  }
  if (address.sa_family != AF_INET6) return false;
  sockaddr_in6 v6{};
  std::memcpy(&v6, &address, sizeof v6);
  std::array<std::uint16_t, 8> groups{};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    groups[i] = static_cast<std::uint16_t>(v6.sin6_addr.s6_addr[2 * i] << 8 |
                                           v6.sin6_addr.s6_addr[2 * i + 1]);
  }
  return is_public_ipv6(groups);
}

}  // namespace dogpipe::http
