#include "sandbox/field_value.h"

#include <doctest/doctest.h>

namespace dogpipe::sandbox {
namespace {

struct Row {
  std::string_view field;
  std::optional<std::string> value;
};

TEST_CASE("a field stands for itself or for what it encodes") {
  const Row rows[] = {
      {"", ""},
      {"us-west1", "us-west1"},
      {"a b\tc", "a b\tc"},
      {"=?base64?SGVsbG8sIOS4lueVjA==?=", "Hello, \u4e16\u754c"},
      {"=?base64?IHBhZGRlZCA=?=", " padded "},
      {"=?base64?bGluZTEKbGluZTI=?=", "line1\nline2"},
      {"=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=", "=?base64?literal?="},
      {"=?base64?\?=", ""},
      {"=?base64?+/+/?=", "\xfb\xff\xbf"},
      {"=?BASE64?SGk=?=", "=?BASE64?SGk=?="},
      {"=?base64?SGk=", "=?base64?SGk="},
      {"=?base64?=", "=?base64?="},
      {"=?base64?SGk?=", std::nullopt},
      {"=?base64?SGl=?=", std::nullopt},
      {"=?base64?====?=", std::nullopt},
      {"=?base64?-_-_?=", std::nullopt},
      {"=?base64?S Gk=?=", std::nullopt},
      {"d\u00e9j\u00e0", std::nullopt},
      {"a\x7f", std::nullopt},
      {"a\nb", std::nullopt},
  };
  for (const Row& row : rows) {
    CAPTURE(row.field);
    CHECK(read_field_value(row.field) == row.value);
  }
}

TEST_CASE("integers compare as numbers, everything else as text") {
  const auto same = [](std::string_view decoded, std::string_view json) {
    const auto document = json::read(json);
    REQUIRE(document);
    return says_the_same(decoded, document->root());
  };
  CHECK(same("42", "42"));
  CHECK(same("42.0", "42"));
  CHECK(same("4.2e1", "42"));
  CHECK(same("-7", "-7"));
  CHECK_FALSE(same("7", "-7"));
  CHECK_FALSE(same("", "0"));
  CHECK_FALSE(same("forty-two", "42"));
  CHECK_FALSE(same("\"42\"", "42"));
  CHECK_FALSE(same("9007199254740993", "9007199254740992"));
  CHECK(same("true", "true"));
  CHECK(same("false", "false"));
  CHECK_FALSE(same("True", "true"));
  CHECK_FALSE(same("1", "true"));
  CHECK(same("42.0", "\"42.0\""));
  CHECK_FALSE(same("42.0", "\"42\""));
  CHECK_FALSE(same("null", "null"));
  CHECK_FALSE(same("[]", "[]"));
}

}  // namespace
}  // namespace dogpipe::sandbox
