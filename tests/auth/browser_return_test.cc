#include "auth/browser_return.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace dogpipe::auth {
namespace {

const char* name_of(Return::Refusal refusal) {
  switch (refusal) {
    case Return::Refusal::access_denied:
      return "access_denied";
    case Return::Refusal::invalid_scope:
      return "invalid_scope";
    case Return::Refusal::server:
      return "server";
    case Return::Refusal::other:
      return "other";
  }
  return "";
}

// All of what came back.
std::string described(const Return& back) {
  std::string out = "stranger";
  if (back.means == Return::Means::granted) out = "granted " + std::string(back.code.reveal());
  if (back.means == Return::Means::refused) {
    out = std::string("refused ") + name_of(back.refusal) + std::string(back.code.reveal());
  }
  for (const std::string& extra :
       {back.organization, back.organization_name, back.domain, back.site}) {
    if (!extra.empty()) out += " | " + extra;
  }
  return out;
}

std::string read(std::string_view query, bool iss_wanted = false) {
  return described(read_return(query, {"STATE", "https://as.test/v1/mcp", iss_wanted}));
}

TEST_CASE("a code with our state is a grant, an error with our state a refusal") {
  CHECK(read("code=C&state=STATE") == "granted C");
  CHECK(read("state=STATE&code=a%2Fb+c%3d") == "granted a/b c=");
  CHECK(read("&&state=STATE&&code=C&") == "granted C");
  CHECK(read("sta%74e=STATE&code=C&unknown&other=1&other=2") == "granted C");
  CHECK(read("error=access_denied&state=STATE") == "refused access_denied");
  CHECK(read("error=invalid_scope&error_description=x&state=STATE") == "refused invalid_scope");
  CHECK(read("error=server_error&state=STATE") == "refused server");
  CHECK(read("error=temporarily_unavailable&state=STATE") == "refused server");
  CHECK(read("error=Access_denied&state=STATE") == "refused other");
  CHECK(read("error=%3Cscript%3E&state=STATE") == "refused other");
}

TEST_CASE("of a code and an error the error counts, unless it is empty") {
  CHECK(read("code=C&error=access_denied&state=STATE") == "refused access_denied");
  CHECK(read("code=C&error=&state=STATE") == "granted C");
}

TEST_CASE("Datadog says for whom it is") {
  const std::string extras =
      "&dd_oid=8f2e&dd_org_name=A+%26+B&domain=datadoghq.eu&site=https%3A%2F%2Fapp.datadoghq.eu";
  const std::string read_extras = " | 8f2e | A & B | datadoghq.eu | https://app.datadoghq.eu";
  CHECK(read("code=C&state=STATE" + extras) == "granted C" + read_extras);
  CHECK(read("error=access_denied&state=STATE" + extras) == "refused access_denied" + read_extras);
  CHECK(read("code=C&state=OTHER" + extras) == "stranger");
}

TEST_CASE("whoever does not know the state is a stranger") {
  for (const char* state :
       {"", "state", "state=", "state=STAT", "state=STATEE", "state=state", "state=STATE%00",
        "state=STATE+", "state=%20STATE", "State=STATE", "state=STATE&state=STATE",
        "state=STATE&state=", "state=x&state=STATE", "state=STATE&sta%74e=STATE"}) {
    for (const char* rest : {"&code=C", "&error=access_denied"}) {
      CAPTURE(std::string(state));
      CHECK(read(std::string(state) + rest) == "stranger");
      CHECK(read(rest + std::string("&") + state) == "stranger");
    }
  }
}

TEST_CASE("a state that is wrong in one character, or cut short, is not ours") {
  const std::string state = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  const auto means = [&](const std::string& sent) {
    return read_return("code=C&state=" + sent, {state, "", false}).means;
  };
  REQUIRE(means(state) == Return::Means::granted);
  for (std::size_t i = 0; i < state.size(); ++i) {
    CHECK(means(state.substr(0, i)) == Return::Means::stranger);
    for (const char c : {'A', '0', '-', '.'}) {
      std::string wrong = state;
      wrong[i] = c == state[i] ? '~' : c;
      CHECK(means(wrong) == Return::Means::stranger);
    }
  }
}

TEST_CASE("while no state is expected everybody is a stranger") {
  CHECK(described(read_return("code=C&state=", {"", "", false})) == "stranger");
  CHECK(described(read_return("code=C", {"", "", false})) == "stranger");
}

TEST_CASE("iss is compared where it is there and demanded where it is promised") {
  const struct {
    std::string iss;
    bool wanted;
    bool ours;
  } rows[] = {
      {"", false, true},
      {"", true, false},
      {"&iss=https%3A%2F%2Fas.test%2Fv1%2Fmcp", false, true},
      {"&iss=https%3A%2F%2Fas.test%2Fv1%2Fmcp", true, true},
      {"&iss=https://as.test/v1/mcp", true, true},
      {"&iss=https://evil.test/v1/mcp", false, false},
      {"&iss=https://evil.test/v1/mcp", true, false},
      {"&iss=https://as.test/v1/mcp/", false, false},
      {"&iss=https://as.test/v1/mcp/", true, false},
      {"&iss=https://AS.test/v1/mcp", true, false},
      {"&iss=https://as.test:443/v1/mcp", true, false},
      {"&iss=https://as.test/v1%252Fmcp", true, false},
      {"&iss=https://as.test/v1/./mcp", true, false},
      {"&iss=https://as.test/v1/mcp%00", true, false},
      {"&iss=", false, false},
      {"&iss=", true, false},
      {"&iss", false, false},
      {"&iss=https://as.test/v1/mcp&iss=https://as.test/v1/mcp", true, false},
      {"&iss=https://as.test/v1/mcp&iss=https://evil.test", false, false},
      {"&iss=https://evil.test&iss=https://as.test/v1/mcp", false, false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.iss);
    CAPTURE(row.wanted);
    CHECK(read(std::string("state=STATE&code=C") + row.iss, row.wanted) ==
          (row.ours ? "granted C" : "stranger"));
    CHECK(read(std::string("state=STATE&error=access_denied") + row.iss, row.wanted) ==
          (row.ours ? "refused access_denied" : "stranger"));
  }
}

TEST_CASE("a query that breaks the rules is a stranger's, whatever else it says") {
  const std::string good = "state=STATE&code=C";
  const std::string pad = good + "&x=";
  CHECK(read(pad + std::string(8192 - pad.size(), 'x')) == "granted C");
  CHECK(read(pad + std::string(8193 - pad.size(), 'x')) == "stranger");
  CHECK(read("state=STATE&code=" + std::string(4096, 'c')) == "granted " + std::string(4096, 'c'));
  CHECK(read("state=STATE&code=" + std::string(4097, 'c')) == "stranger");
  for (const char* rest : {"&code=D", "&code=C", "&code", "&error=a&error=b", "&error=&error=",
                           "&dd_oid=1&dd_oid=1", "&domain=a&domain=b", "&site=a&site=b",
                           "&dd_org_name=a&dd_org_name=b", "&x=%", "&x=%4", "&x=%zz", "&%zz=1"}) {
    CAPTURE(std::string(rest));
    CHECK(read(good + rest) == "stranger");
  }
  for (const char* query :
       {"", "state=STATE", "state=STATE&code", "state=STATE&code=", "state=STATE&error=",
        "state=STATE&code=%00", "state=STATE&code=a%0Ab", "state=STATE&code=%7F",
        "state=STATE&code=%C3%BC", "state=STATE&code=\xC3\xBC", "state=STATE&Code=C",
        "state=STATE;code=C", "state=STATE?code=C", "?state=STATE&code=C", "#state=STATE&code=C"}) {
    CAPTURE(std::string(query));
    CHECK(read(query) == "stranger");
  }
}

}  // namespace
}  // namespace dogpipe::auth
