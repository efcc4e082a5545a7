#include "http/address.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <string>

namespace dogpipe::http {
namespace {

bool is_public_text(const std::string& text) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    return is_public(reinterpret_cast<const sockaddr&>(v4));
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  REQUIRE(::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1);
  return is_public(reinterpret_cast<const sockaddr&>(v6));
}

// Each block by its first and last address.
TEST_CASE("addresses that are nobody's on the internet") {
  for (const char* text : {"0.0.0.0",
                           "0.255.255.255",
                           "10.0.0.0",
                           "10.255.255.255",
                           "100.64.0.0",
                           "100.127.255.255",
                           "127.0.0.0",
                           "127.0.0.1",
                           "127.255.255.255",
                           "169.254.0.0",
                           "169.254.169.254",
                           "169.254.255.255",
                           "172.16.0.0",
                           "172.31.255.255",
                           "192.0.0.0",
                           "192.0.0.255",
                           "192.0.2.0",
                           "192.0.2.255",
                           "192.88.99.0",
                           "192.88.99.255",
                           "192.168.0.0",
                           "192.168.255.255",
                           "198.18.0.0",
                           "198.19.255.255",
                           "198.51.100.0",
                           "198.51.100.255",
                           "203.0.113.0",
                           "203.0.113.255",
                           "224.0.0.0",
                           "239.255.255.255",
                           "240.0.0.0",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::127.0.0.1",
                           "::8.8.8.8",
                           "::ffff:8.8.8.8",
                           "::ffff:127.0.0.1",
                           "64:ff9b::10.0.0.1",
                           "64:ff9b::127.0.0.1",
                           "64:ff9b:1::1",
                           "100::1",
                           "2001::1",
                           "2001:1::1",
                           "2001:1ff::1",
                           "2001:db8::1",
                           "2002:7f00:1::",
                           "2002:a00:1::",
                           "2002:c0a8:101::",
                           "3fff::1",
                           "3fff:fff::1",
                           "5f00::1",
                           "fc00::1",
                           "fdff::1",
                           "fe80::1",
                           "febf::1",
                           "fec0::1",
                           "ff02::1",
                           "4000::1",
                           "1fff::1"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(is_public_text(text));
  }
}

TEST_CASE("their neighbours are somebody's") {
  for (const char* text :
       {"1.0.0.0",         "9.255.255.255",   "11.0.0.0",       "100.63.255.255",
        "100.128.0.0",     "126.255.255.255", "128.0.0.0",      "169.253.255.255",
        "169.255.0.0",     "172.15.255.255",  "172.32.0.0",     "191.255.255.255",
        "192.0.1.0",       "192.0.3.0",       "192.88.98.255",  "192.88.100.0",
        "192.167.255.255", "192.169.0.0",     "198.17.255.255", "198.20.0.0",
        "198.51.99.255",   "198.51.101.0",    "203.0.112.255",  "203.0.114.0",
        "223.255.255.255", "8.8.8.8",         "2001:200::1",    "2001:db7::1",
        "2001:db9::1",     "2000::1",         "2002:808:808::", "2003::1",
        "2606:4700::1111", "3ffe::1",         "3fff:1000::1",   "64:ff9b::8.8.8.8"}) {
    CAPTURE(std::string(text));
    CHECK(is_public_text(text));
  }
}

TEST_CASE("what is no IP address is not public") {
  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  CHECK_FALSE(is_public(reinterpret_cast<const sockaddr&>(local)));
}

}  // namespace
}  // namespace dogpipe::http
