#include "sandbox/form.h"

#include <doctest/doctest.h>

namespace dogpipe::sandbox {
namespace {

TEST_CASE("parameters are decoded, and what is broken stays as it is") {
  const Form form("a=1+2%2B3&&b=&c&%64=%zz%4&a%3Db=x=y");
  CHECK(form.value("a") == "1 2+3");
  CHECK(form.has("b"));
  CHECK(form.value("b").empty());
  CHECK(form.has("c"));
  CHECK(form.value("d") == "%zz%4");
  CHECK(form.value("a=b") == "x=y");
  CHECK_FALSE(form.has("e"));
  CHECK_FALSE(form.repeated());
}

TEST_CASE("a name that comes twice is found, however it is spelled") {
  CHECK(Form("a=1&b=2&%61=3").repeated() == "a");
  CHECK(Form("a=1&b=1").repeated() == std::nullopt);
  CHECK(Form("a=first&a=second").value("a") == "first");
}

TEST_CASE("what is written can be read back") {
  const std::string odd = "a b&c=d%e+\xC3\xA9~";
  const Form form = Form().add("x", odd).add("y", "");
  CHECK(form.text() == "x=a%20b%26c%3Dd%25e%2B%C3%A9~&y=");
  CHECK(Form(form.text()).value("x") == odd);
  CHECK(with_query("http://h/p", form) == "http://h/p?" + form.text());
  CHECK(with_query("http://h/p?q=1", form) == "http://h/p?q=1&" + form.text());
}

TEST_CASE("words are what stands between spaces") {
  CHECK(words("") == std::vector<std::string>{});
  CHECK(words("  ") == std::vector<std::string>{});
  CHECK(words(" a  bc ") == std::vector<std::string>{"a", "bc"});
}

}  // namespace
}  // namespace dogpipe::sandbox
