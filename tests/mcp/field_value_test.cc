#include "mcp/field_value.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace dogpipe::mcp {
namespace {

TEST_CASE("what a header field can carry goes as it is, and the rest as base64 of its UTF-8") {
  const struct {
    std::string_view text, value;
  } rows[] = {
      // The examples of the specification.
      {"us-west1", "us-west1"},
      {"Hello, 世界", "=?base64?SGVsbG8sIOS4lueVjA==?="},
      {" padded ", "=?base64?IHBhZGRlZCA=?="},
      {"line1\nline2", "=?base64?bGluZTEKbGluZTI=?="},
      {"=?base64?literal?=", "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="},
      {"", ""},
      {"file:///a%20b?c=d#e", "file:///a%20b?c=d#e"},
      {"a b\tc", "a b\tc"},
      {"!~", "!~"},
      {"\ta", "=?base64?CWE=?="},
      {"a\t", "=?base64?YQk=?="},
      {" ", "=?base64?IA==?="},
      {"a\x7f", "=?base64?YX8=?="},
      {"\x1f", "=?base64?Hw==?="},
      {"\xc3\xa9", "=?base64?w6k=?="},
      {{"a\0b", 3}, "=?base64?YQBi?="},
      {"t\r\nMcp-Name: x", "=?base64?dA0KTWNwLU5hbWU6IHg=?="},
      // Begins and ends like an encoded one, the two ends overlapping.
      {"=?base64?=", "=?base64?PT9iYXNlNjQ/PQ==?="},
      {"=?base64?"
       "?=",
       "=?base64?PT9iYXNlNjQ/Pz0=?="},
      // Not quite: markers are case-sensitive, and both are needed.
      {"=?BASE64?YQ==?=", "=?BASE64?YQ==?="},
      {"=?base64?YQ==", "=?base64?YQ=="},
      {"a=?base64?YQ==?=", "a=?base64?YQ==?="},
      {"?=", "?="},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.text));
    CHECK(field_value(row.text) == row.value);
  }
}

TEST_CASE("no byte, wherever it stands, gets a value that a header field may not have") {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string c(1, static_cast<char>(byte));
    for (const std::string& text : {c, c + "a", "a" + c, "a" + c + "a"}) {
      const std::string value = field_value(text);
      CAPTURE(byte);
      CHECK_FALSE(value.empty());
      CHECK(value.front() > ' ');
      CHECK(value.back() > ' ');
      CHECK(std::all_of(value.begin(), value.end(),
                        [](char x) { return x == '\t' || (x >= ' ' && x < 0x7f); }));
    }
  }
}

}  // namespace
}  // namespace dogpipe::mcp
