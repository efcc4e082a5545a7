#include "wire_text.h"

#include <fmt/format.h>

#include <string>

#include "rpc/members.h"

namespace dogpipe::bridge {
namespace {

constexpr std::string_view kVersion = R"("jsonrpc":"2.0",)";

}  // namespace

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

std::string summary(std::string_view line) {
  const auto error = rpc::member(line, "error");
  const auto data = error ? rpc::member(*error, "data") : std::nullopt;
  if (!data || rpc::member(*data, "source") != R"("dogpipe")") return brief(line);
  std::string out(rpc::member(line, "id").value_or("-"));
  out += ": " + std::string(rpc::member(*error, "code").value_or("?"));
  const auto kind = rpc::member(*data, "kind");
  if (kind) out += ' ' + std::string(kind->substr(1, kind->size() - 2));
  for (const char* name : {"retryable", "executed", "attempts", "retryAfterMs", "httpStatus",
                           "duplicateOf", "url", "loginCommand"}) {
    if (const auto value = rpc::member(*data, name)) out += fmt::format(" {}={}", name, *value);
  }
  return replaced(std::move(out), "\"", "");
}

std::string full(std::string_view text) {
  std::string out(text);
  for (const std::string_view name : {R"({"id":)", R"({"method":)", R"({"error":)"}) {
    out = replaced(std::move(out), name, '{' + std::string(kVersion) + std::string(name.substr(1)));
  }
  return out;
}

std::string brief(std::string_view text) { return replaced(std::string(text), kVersion, ""); }

std::string event(std::string_view message) { return "data: " + full(message) + "\n\n"; }

}  // namespace dogpipe::bridge
