#include "auth/site_choice.h"

#include <doctest/doctest.h>

#include <string>

namespace dogpipe::auth {
namespace {

TEST_CASE("a browser's host belongs to the longest site that it is or lies under") {
  const std::vector<std::string> sites = {"datadoghq.com", "us3.datadoghq.com", "datadoghq.eu",
                                          "ap1.datadoghq.com"};
  struct Row {
    const char* site;
    const char* domain;
    bool good;
  };
  const Row rows[] = {
      {"datadoghq.com", "app.datadoghq.com", true},
      {"datadoghq.com", "datadoghq.com", true},
      {"datadoghq.com", "acme.datadoghq.com", true},
      {"datadoghq.com", "APP.Datadoghq.COM", true},
      {"datadoghq.com", "us3.datadoghq.com", false},
      {"datadoghq.com", "acme.us3.datadoghq.com", false},
      {"us3.datadoghq.com", "us3.datadoghq.com", true},
      {"us3.datadoghq.com", "acme.us3.datadoghq.com", true},
      {"us3.datadoghq.com", "app.datadoghq.com", false},
      {"us3.datadoghq.com", "xus3.datadoghq.com", false},
      {"datadoghq.eu", "app.datadoghq.eu", true},
      {"datadoghq.eu", "app.datadoghq.com", false},
      {"datadoghq.com", "evildatadoghq.com", false},
      {"datadoghq.com", "datadoghq.com.evil.example", false},
      {"datadoghq.com", "evil.example", false},
      {"unknown.example", "unknown.example", false},
      {"", "app.datadoghq.eu", true},
      {"datadoghq.com", "", true},
      {"", "", true},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.site));
    CAPTURE(std::string(row.domain));
    CHECK(is_choice_of(row.site, row.domain, sites) == row.good);
  }
  CHECK_FALSE(is_choice_of("datadoghq.com", "app.datadoghq.com", {}));
}

}  // namespace
}  // namespace dogpipe::auth
