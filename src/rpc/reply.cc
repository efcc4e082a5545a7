#include "rpc/reply.h"

#include <initializer_list>

namespace dogpipe::rpc {
namespace {

constexpr std::string_view kBegin = R"({"jsonrpc":"2.0")";

std::string join(std::initializer_list<std::string_view> pieces) {
  std::size_t size = 0;
  for (const auto piece : pieces) size += piece.size();
  std::string out;
  out.reserve(size);
  for (const auto piece : pieces) out += piece;
  return out;
}

// `,"name":raw`, or nothing if raw is empty.
std::string optional_member(std::string_view name, std::string_view raw) {
  return raw.empty() ? std::string() : join({",\"", name, "\":", raw});
}

}  // namespace

std::string write_call(std::string_view raw_id, std::string_view method,
                       std::string_view raw_params) {
  return join({kBegin, optional_member("id", raw_id), R"(,"method":)", quoted(method),
               optional_member("params", raw_params), "}"});
}

std::string write_result(std::string_view raw_id, std::string_view raw_result) {
  return join({kBegin, R"(,"id":)", raw_id, R"(,"result":)", raw_result, "}"});
}

std::string write_error(std::string_view raw_id, int code, std::string_view message,
                        std::string_view raw_data) {
  return join({kBegin, optional_member("id", raw_id), R"(,"error":{"code":)", std::to_string(code),
               R"(,"message":)", quoted(message), optional_member("data", raw_data), "}}"});
}

base::Bytes with_id(std::string_view text, const Envelope& envelope, std::string_view raw_id) {
  std::string_view head = text.substr(0, envelope.id.begin);
  std::string_view tail = text.substr(envelope.id.end);
  std::string added;
  if (!envelope.id) {
    const std::size_t inside = text.find('{') + 1;
    head = text.substr(0, inside);
    tail = text.substr(inside);
    added = R"("id":)";
  }
  base::Bytes out;
  out.reserve(text.size() + raw_id.size() + sizeof R"("id":,)");
  for (const std::string_view piece : {head, std::string_view(added), raw_id}) out.append(piece);
  if (!envelope.id) out.append(',');
  out.append(tail);
  return out;
}

}  // namespace dogpipe::rpc
