// IP addresses, as far as it matters whether one can be anybody's on the internet: neither of this
// machine, of a private network, link-local, multicast, unspecified nor reserved (RFC 6890).
#pragma once

#include <cstdint>
#include <span>

struct sockaddr;

namespace dogpipe::http {

bool is_public_ipv4(std::uint32_t address);
// Of the addresses that stand for IPv4 ones, translated (RFC 6052) and 6to4 count as those; mapped
// ones are never public: nobody needs them in a name look-up.
bool is_public_ipv6(std::span<const std::uint16_t, 8> groups);
bool is_public(const sockaddr& address);

}  // namespace dogpipe::http
