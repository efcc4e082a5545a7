#include "mcp/schema_headers.h"

#include <doctest/doctest.h>

#include <string>

#include "rpc/envelope.h"

namespace dogpipe::mcp {
namespace {

// A schema as it is found in a message: all that is promised of it.
Checked check(std::string_view schema) {
  const std::string text = R"({"jsonrpc":"2.0","id":1,"result":)" + std::string(schema) + "}";
  REQUIRE(rpc::scan(text));
  return read_schema_headers(schema);
}

std::string described(const Checked& checked) {
  if (!checked) return "invalid: " + std::string(checked.flaw);
  constexpr std::string_view kTypes[] = {"string", "integer", "boolean"};
  std::string text;
  for (const Mirror& mirror : checked.headers.mirrors) {
    if (!text.empty()) text += ", ";
    for (const std::string& name : mirror.path) text += "/" + name;
    text += " " + mirror.header + " " + std::string(kTypes[static_cast<int>(mirror.type)]);
  }
  return text;
}

std::string replaced(std::string text, std::string_view from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

constexpr std::string_view kMark = R"({"type":"string","x-mcp-header":"A"})";

TEST_CASE("annotated properties are found at their paths") {
  const struct {
    std::string_view schema, mirrors;
  } rows[] = {
      {R"({"type":"object","properties":{
             "region":{"type":"string","description":"d","x-mcp-header":"Region"},
             "query":{"type":"string"},
             "count":{"x-mcp-header":"Count","type":"integer"},
             "dry":{"type":"boolean","x-mcp-header":"dry_run!"}}})",
       "/region Mcp-Param-Region string, /count Mcp-Param-Count integer, "
       "/dry Mcp-Param-dry_run! boolean"},
      {R"({"properties":{"a":{"type":"object","properties":{
             "b":{"properties":{"c":{"type":"string","x-mcp-header":"C"}}},
             "d":{"type":"integer","x-mcp-header":"D"}}}}})",
       "/a/b/c Mcp-Param-C string, /a/d Mcp-Param-D integer"},
      // However the names are spelled.
      {R"({"propert\u0069es":{"\u00e9\/":{"type":"\u0073tring","x-mcp-h\u0065ader":"\u0041"}}})",
       "/é/ Mcp-Param-A string"},
      // A property may be called like a keyword, the annotation's own name included.
      {R"({"properties":{"properties":{"properties":{"items":{"type":"string","x-mcp-header":"A"}}},
             "x-mcp-header":{"type":"string"}, "$ref":{"type":"integer","x-mcp-header":"B"},
             "enum":{"type":"boolean","x-mcp-header":"C"},
             "$defs":{"type":"boolean","x-mcp-header":"D"}}})",
       "/properties/items Mcp-Param-A string, /$ref Mcp-Param-B integer, "
       "/enum Mcp-Param-C boolean, /$defs Mcp-Param-D boolean"},
      // Data, and names of definitions, are no annotations.
      {R"({"default":{"x-mcp-header":""},"const":{"x-mcp-header":""},"enum":[{"x-mcp-header":""}],
           "examples":[{"x-mcp-header":""}],"$defs":{"x-mcp-header":{"type":"string"}},
           "description":"x-mcp-header"})",
       ""},
      // A reference beside it changes nothing, and nobody follows it.
      {R"({"properties":{"a":{"$ref":"http://127.0.0.1/x","type":"string","x-mcp-header":"A"},
                         "b":{"$ref":"#/$defs/b"}}})",
       "/a Mcp-Param-A string"},
      {"", ""},
      {"{}", ""},
      {"true", ""},
      {"null", ""},
      {R"("x-mcp-header")", ""},
      {R"({"properties":["x-mcp-header",1,{}]})", ""},
      {R"({"properties":{"a":true,"b":"x-mcp-header","c":null}})", ""},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.schema));
    const Checked checked = row.schema.empty() ? read_schema_headers("") : check(row.schema);
    CHECK(described(checked) == row.mirrors);
  }
}

TEST_CASE("an annotation that breaks a rule makes the tool invalid, and says which") {
  const std::string_view kEmpty = "invalid: an x-mcp-header is empty";
  const std::string_view kToken =
      "invalid: an x-mcp-header has a character that no header field may have";
  const std::string_view kType =
      "invalid: an x-mcp-header is at a property that is no string, integer or boolean";
  const std::string_view kSame = "invalid: two properties have the same x-mcp-header";
  const std::string_view kNoString = "invalid: an x-mcp-header is no string";
  const struct {
    std::string_view property, outcome;  // of the property `p`
  } rows[] = {
      {R"({"type":"string","x-mcp-header":""})", kEmpty},
      {R"({"type":"string","x-mcp-header":"a b"})", kToken},
      {R"({"type":"string","x-mcp-header":"a:b"})", kToken},
      {R"({"type":"string","x-mcp-header":"a\r\nb"})", kToken},
      {R"({"type":"string","x-mcp-header":"a\u0000"})", kToken},
      {R"({"type":"string","x-mcp-header":"é"})", kToken},
      {R"({"type":"string","x-mcp-header":"a\u007f"})", kToken},
      {R"({"type":"string","x-mcp-header":"(a,b"})", kToken},
      {R"({"type":"string","x-mcp-header":7})", kNoString},
      {R"({"type":"string","x-mcp-header":true})", kNoString},
      {R"({"type":"string","x-mcp-header":null})", kNoString},
      {R"({"type":"string","x-mcp-header":["A"]})", kNoString},
      {R"({"type":"number","x-mcp-header":"A"})", kType},
      {R"({"type":"object","x-mcp-header":"A"})", kType},
      {R"({"type":"array","x-mcp-header":"A"})", kType},
      {R"({"type":"null","x-mcp-header":"A"})", kType},
      {R"({"type":["string","null"],"x-mcp-header":"A"})", kType},
      {R"({"enum":["a"],"x-mcp-header":"A"})", kType},
      {R"({"anyOf":[{"type":"string"}],"x-mcp-header":"A"})", kType},
      {R"({"type":"string","x-mcp-header":"A","x-mcp-header":"B"})",
       "invalid: a property has x-mcp-header twice"},
      {R"({"type":"string","x-mcp-header":"Q"})", kSame},
      {R"({"type":"string","x-mcp-header":"q"})", kSame},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.property));
    const std::string schema =
        replaced(R"({"properties":{"q":{"type":"string","x-mcp-header":"Q"},"p":%}})", "%",
                 std::string(row.property));
    const Checked checked = check(schema);
    CHECK(described(checked) == row.outcome);
    CHECK(checked.headers.mirrors.empty());
  }
}

TEST_CASE("an annotation is reachable by `properties` alone or makes the tool invalid") {
  for (const std::string_view schema : {
           R"(%)",
           R"({"items":%})",
           R"({"properties":{"a":{"type":"array","items":%}}})",
           R"({"properties":{"a":{"type":"array","items":{"properties":{"b":%}}}}})",
           R"({"properties":{"a":{"prefixItems":[{},%]}}})",
           R"({"properties":{"a":{"contains":%}}})",
           R"({"anyOf":[{"properties":{"a":%}}]})",
           R"({"properties":{"a":{"oneOf":[{},%]}}})",
           R"({"allOf":[{"allOf":[%]}]})",
           R"({"not":{"properties":{"a":%}}})",
           R"({"if":{"properties":{"a":%}}})",
           R"({"then":{"properties":{"a":%}}})",
           R"({"else":{"properties":{"a":%}}})",
           R"({"$defs":{"d":%},"properties":{"a":{"$ref":"#/$defs/d"}}})",
           R"({"definitions":{"d":{"properties":{"a":%}}}})",
           R"({"$defs":{"default":%}})",
           R"({"patternProperties":{"^a":%}})",
           R"({"additionalProperties":%})",
           R"({"dependentSchemas":{"a":{"properties":{"b":%}}}})",
           R"({"dependencies":{"enum":%}})",
           R"({"unknown":{"keyword":%}})",
           R"({"properties":[%]})",
       }) {
    CAPTURE(std::string(schema));
    const bool in_list = schema == R"({"properties":[%]})";
    const Checked checked = check(replaced(std::string(schema), "%", std::string(kMark)));
    // A list is nothing that `properties` may be: there is no schema in it.
    CHECK(described(checked) ==
          (in_list
               ? ""
               : "invalid: an x-mcp-header is not at a property reached by `properties` alone"));
  }
}

TEST_CASE("a schema can be as hostile as JSON allows") {
  const auto nested = [](int levels, const std::string& inside) {
    std::string schema;
    for (int i = 0; i < levels; ++i) schema += R"({"properties":{"a":)";
    schema += inside;
    for (int i = 0; i < levels; ++i) schema += "}}";
    return schema;
  };
  const std::string mark(kMark);
  CHECK(check(nested(63, mark)).headers.mirrors.size() == 1);
  CHECK(described(check(nested(64, mark))) ==
        "invalid: its inputSchema is nested too deep to be searched");
  CHECK(described(check(nested(240, R"({"x-mcp\u002dheader":1})"))) ==
        "invalid: its inputSchema is nested too deep to be searched");
  CHECK(described(check(nested(240, R"({"type":"string"})"))).empty());
  // What is too deep but has surely no annotation does not spoil one that is not.
  CHECK(described(check(R"({"properties":{"a":)" + mark + "},\"items\":" + nested(100, "{}") +
                        "}")) == "/a Mcp-Param-A string");
  CHECK(described(check(std::string(500, '[') + mark + std::string(500, ']'))) ==
        "invalid: its inputSchema is nested too deep to be searched");

  const auto wide = [](std::size_t count) {
    std::string schema;
    for (std::size_t i = 0; i < count; ++i) {
      schema +=
          (i == 0 ? "" : ",") + replaced(replaced(R"("p#":{"type":"string","x-mcp-header":"H#"})",
                                                  "#", std::to_string(i)),
                                         "#", std::to_string(i));
    }
    return R"({"properties":{)" + schema + "}}";
  };
  CHECK(check(wide(kMostMirrors)).headers.mirrors.size() == kMostMirrors);
  CHECK(described(check(wide(kMostMirrors + 1))) ==
        "invalid: too many properties have an x-mcp-header");

  const auto named = [](std::size_t path, std::size_t header) {
    return R"({"properties":{")" + std::string(path, 'p') +
           R"(":{"type":"string","x-mcp-header":")" + std::string(header, 'h') + R"("}}})";
  };
  CHECK(check(named(kLongestPathBytes, kLongestHeaderName)).headers.mirrors.size() == 1);
  CHECK(check(replaced(named(kLongestPathBytes, 1), R"("properties":{)",
                       R"("properties":{")" + std::string(kLongestPathBytes, 'o') + R"(":{},)"))
            .headers.mirrors.size() == 1);
  CHECK(described(check(named(kLongestPathBytes + 1, 1))) ==
        "invalid: the path to a property with x-mcp-header is too long");
  CHECK(described(check(named(1, kLongestHeaderName + 1))) ==
        "invalid: an x-mcp-header is too long");
}

// ---- arguments

SchemaHeaders headers_of(std::vector<Mirror> mirrors) { return {std::move(mirrors)}; }

std::string mirrored(Mirror::Type type, std::string_view raw_value) {
  const SchemaHeaders headers = headers_of({{{"a"}, "Mcp-Param-A", type}});
  const Fields fields =
      mirrored_fields(headers, R"({"a":)" + std::string(raw_value) + R"(,"b":{"a":"no"}})");
  if (fields.empty()) return "none";
  REQUIRE(fields.size() == 1);
  CHECK(fields[0].first == "Mcp-Param-A");
  return "[" + fields[0].second + "]";
}

TEST_CASE("arguments go into the header in the form of their declared type, or not at all") {
  using Type = Mirror::Type;
  const struct {
    Type type;
    std::string_view value, field;
  } rows[] = {
      {Type::string, R"("us-west1")", "[us-west1]"},
      {Type::string, R"("")", "[]"},
      {Type::string, R"("\u4e16\n")", "[=?base64?5LiWCg==?=]"},
      {Type::string, R"("null")", "[null]"},
      {Type::string, "null", "none"},
      {Type::string, "7", "none"},
      {Type::string, "true", "none"},
      {Type::string, R"(["x"])", "none"},
      {Type::string, R"({"a":"x"})", "none"},
      {Type::boolean, "true", "[true]"},
      {Type::boolean, "false", "[false]"},
      {Type::boolean, "null", "none"},
      {Type::boolean, R"("true")", "none"},
      {Type::boolean, "1", "none"},
      {Type::integer, "42", "[42]"},
      {Type::integer, "-7", "[-7]"},
      {Type::integer, "0", "[0]"},
      {Type::integer, "-0", "[0]"},
      {Type::integer, "-0.0e5", "[0]"},
      {Type::integer, "0e99999999999999999999", "[0]"},
      {Type::integer, "42.0", "[42]"},
      {Type::integer, "4.2e1", "[42]"},
      {Type::integer, "4200E-2", "[42]"},
      {Type::integer, "-1.50e+3", "[-1500]"},
      {Type::integer, "0.0012e4", "[12]"},
      {Type::integer, "100e-2", "[1]"},
      {Type::integer, "9007199254740991", "[9007199254740991]"},
      {Type::integer, "-9007199254740991", "[-9007199254740991]"},
      {Type::integer, "9007199254740990.0", "[9007199254740990]"},
      {Type::integer, "9007199254740992", "none"},
      {Type::integer, "-9007199254740992", "none"},
      {Type::integer, "9007199254740993", "none"},
      {Type::integer, "10000000000000000", "none"},
      {Type::integer, "1e16", "none"},
      {Type::integer, "1e15", "[1000000000000000]"},
      {Type::integer, "1e400", "none"},
      {Type::integer, "1e-400", "none"},
      {Type::integer, "1e99999999999999999999", "none"},
      {Type::integer, "1e-99999999999999999999", "none"},
      {Type::integer, "3.14", "none"},
      {Type::integer, "0.5", "none"},
      {Type::integer, "9007199254740990.5", "none"},
      {Type::integer, "42e-1", "none"},
      {Type::integer, "null", "none"},
      {Type::integer, "true", "none"},
      {Type::integer, R"("42")", "none"},
      {Type::integer, "[42]", "none"},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.value));
    CHECK(mirrored(row.type, row.value) == row.field);
  }
}

TEST_CASE("an argument is looked for at its exact path") {
  const SchemaHeaders headers = headers_of({{{"a", "b"}, "Mcp-Param-X", Mirror::Type::string},
                                            {{"c"}, "Mcp-Param-Y", Mirror::Type::integer}});
  const struct {
    std::string_view arguments;
    Fields fields;
  } rows[] = {
      {R"({"a":{"b":"v"},"c":1})", {{"Mcp-Param-X", "v"}, {"Mcp-Param-Y", "1"}}},
      {R"({"c":1,"\u0061":{"x":{"b":"no"},"b":"v"}})",
       {{"Mcp-Param-X", "v"}, {"Mcp-Param-Y", "1"}}},
      {R"({"a":"v","b":"v"})", {}},
      {R"({"a":["b"],"c":null})", {}},
      {R"({"a":{"b":{"b":"v"}}})", {}},
      // Servers read the last one too.
      {R"({"c":1,"c":2,"a":{"b":"1"},"a":{}})", {{"Mcp-Param-Y", "2"}}},
      {"{}", {}},
      {"[]", {}},
      {"null", {}},
      {"", {}},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.arguments));
    CHECK(mirrored_fields(headers, row.arguments) == row.fields);
  }
}

TEST_CASE("schema and arguments together: the example of the specification") {
  const Checked checked = check(R"({"type":"object","properties":{
      "region":{"type":"string","description":"The region","x-mcp-header":"Region"},
      "query":{"type":"string"}},"required":["region","query"]})");
  REQUIRE(checked);
  const Fields expected = {{"Mcp-Param-Region", "us-west1"}};
  CHECK(mirrored_fields(checked.headers, R"({"region":"us-west1","query":"SELECT"})") == expected);
}

}  // namespace
}  // namespace dogpipe::mcp
