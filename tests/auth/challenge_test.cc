#include "auth/challenge.h"

#include <doctest/doctest.h>

#include <string>

namespace dogpipe::auth {
namespace {

// "resource_metadata | scope | error".
std::string described(std::string_view fields) {
  const Challenge challenge = read_challenge(fields);
  return challenge.resource_metadata + " | " + challenge.scope + " | " + challenge.error;
}

constexpr const char* kNothing = " |  | ";

TEST_CASE("challenges as servers send them") {
  struct Row {
    const char* fields;
    const char* challenge;
  };
  for (const Row& row : {
           Row{R"(Bearer realm="mcp")", kNothing},
           Row{R"(Bearer scope="mcp_all")", " | mcp_all | "},
           Row{R"(Bearer resource_metadata="https://h/.well-known/oauth-protected-resource")",
               "https://h/.well-known/oauth-protected-resource |  | "},
           Row{R"(Bearer error="insufficient_scope", scope="a b", resource_metadata="https://h/m")",
               "https://h/m | a b | insufficient_scope"},
           // A quoted comma, schemes without case, names without case.
           Row{R"(Basic realm="a, b", bearer scope="x y", resource_metadata="https://h/m")",
               "https://h/m | x y | "},
           Row{R"(BEARER Scope="x",RESOURCE_METADATA="https://h/m")", "https://h/m | x | "},
           // Values that are tokens, blanks around the equals sign, empty list elements.
           Row{R"(Bearer error=invalid_token)", " |  | invalid_token"},
           Row{"Bearer error = \"invalid_token\" ,\tscope\t=x", " | x | invalid_token"},
           Row{R"(, ,Bearer , scope=x,, ,error="e",)", " | x | e"},
           // Escapes.
           Row{R"(Bearer scope="a \"b\" \\c")", R"( | a "b" \c | )"},
           Row{R"(Basic realm="\"", Bearer scope="x")", " | x | "},
           Row{R"(Basic realm="Bearer scope=\"no\"", Bearer scope="x")", " | x | "},
           // token68.
           Row{R"(Negotiate YII=, Bearer scope="x")", " | x | "},
           Row{R"(Negotiate a/+b==  ,Bearer scope="x")", " | x | "},
           Row{R"(Negotiate, Bearer scope="x")", " | x | "},
           Row{R"(Negotiate Bearer, scope="x")", kNothing},
           Row{R"(Bearer abc==, scope="x")", " | x | "},
           Row{R"(Bearer scope==, error="e")", " |  | e"},
           // Other schemes, before and behind, keep their parameters.
           Row{R"(DPoP scope="d", Bearer scope="x", Basic scope="b", error="e")", " | x | "},
           Row{R"(Bearer realm="r", Basic scope="b")", kNothing},
           Row{R"(Bearerer scope="x")", kNothing},
           Row{R"(X-Bearer scope="x")", kNothing},
           Row{R"(scope="x")", kNothing},
           Row{"Bearer", kNothing},
           Row{"", kNothing},
       }) {
    CAPTURE(row.fields);
    CHECK(described(row.fields) == row.challenge);
  }
}

TEST_CASE("of a parameter given twice the first counts") {
  CHECK(described(R"(Bearer scope="a", scope="b", SCOPE="c")") == " | a | ");
  CHECK(described(R"(Bearer scope="", scope="b", error="e")") == " |  | e");
}

TEST_CASE("the first Bearer challenge that says anything counts") {
  CHECK(described(R"(Bearer scope="a", Bearer scope="b", error="e")") == " | a | ");
  CHECK(described(R"(Bearer realm="a", Bearer scope="b")") == " | b | ");
  CHECK(described(R"(Bearer, Bearer scope="b")") == " | b | ");
  CHECK(described(R"(Bearer scope="", Bearer scope="b")") == " | b | ");
  CHECK(described(R"(Bearer error="e", Bearer resource_metadata="https://h/m")") == " |  | e");
}

TEST_CASE("what is garbled is passed over, and the rest is read") {
  struct Row {
    const char* fields;
    const char* challenge;
  };
  for (const Row& row : {
           Row{R"("Bearer scope=x", Bearer scope="y")", " | y | "},
           Row{R"(=,==;;@ Bearer scope="y")", " | y | "},
           Row{R"(Bearer scope="x" error="e")", " | x | e"},  // no comma
           Row{R"(Bearer ;scope="x")", " | x | "},
           Row{R"(Bearer resource_metadata=https://h/m?a=b, scope=x)", "https://h/m?a=b | x | "},
           Row{R"(Bearer scope=, error="e")", " |  | e"},
           Row{R"(Bearer scope="x)", kNothing},
           Row{R"(Bearer scope=")", kNothing},
           Row{R"(Bearer scope="x\)", kNothing},
           Row{R"(Bearer scope="x\")", kNothing},
           Row{R"(Bearer error="e", scope="x)", " |  | e"},
           Row{"Bearer scope=\"a\nb\", error=e", " |  | e"},
           Row{"Bearer scope=\"a\x7f\", error=e", " |  | e"},
           Row{"Bearer scope=\"a\tb\"", " | a\tb | "},
           Row{"Bearer scope=\"\xc3\xa9\"", " | \xc3\xa9 | "},
           Row{"Bearer scope=x\x01y", " | x | "},
           Row{"\"", kNothing},
       }) {
    CAPTURE(row.fields);
    CHECK(described(row.fields) == row.challenge);
  }
  CHECK(described({"Bearer scope=\"a\0b\", error=e", 27}) == " |  | e");
}

TEST_CASE("sizes are bounded") {
  const auto with_value = [](std::size_t size) {
    return "Bearer error=e, scope=\"" + std::string(size, 'x') + '"';
  };
  CHECK(read_challenge(with_value(4096)).scope.size() == 4096);
  CHECK(described(with_value(4097)) == " |  | e");
  const auto padded = [](std::size_t size) {
    std::string text = "Bearer scope=x";
    return text + std::string(size - text.size(), ',');
  };
  CHECK(described(padded(16 * 1024)) == " | x | ");
  CHECK(described(padded(16 * 1024 + 1)) == kNothing);
}

TEST_CASE("insufficient_scope is what wants more scope") {
  CHECK(read_challenge(R"(Bearer error="insufficient_scope")").wants_more_scope());
  CHECK_FALSE(read_challenge(R"(Bearer error="invalid_token")").wants_more_scope());
  CHECK_FALSE(read_challenge("Bearer").wants_more_scope());
}

}  // namespace
}  // namespace dogpipe::auth
