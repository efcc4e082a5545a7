#include "sandbox/oauth_reply.h"

#include <fmt/format.h>

#include <utility>

#include "json/writer.h"
#include "sandbox/gate.h"

namespace dogpipe::sandbox {

event::HttpReply json_reply(int status, std::string body) {
  event::HttpReply reply;
  reply.status = status;
  reply.fields.add("Content-Type", "application/json");
  reply.fields.add("Cache-Control", "no-store");
  reply.body = std::move(body);
  return reply;
}

event::HttpReply denial_reply(const Denial& denial) {
  json::Writer out;
  out.begin_object().member("error", denial.error);
  if (!denial.description.empty()) out.member("error_description", denial.description);
  return json_reply(denial.status, out.end_object().take());
}

event::HttpReply page(int status, std::string_view title, std::string_view body_html) {
  event::HttpReply reply;
  reply.status = status;
  reply.fields.add("Content-Type", "text/html; charset=utf-8");
  reply.fields.add("Cache-Control", "no-store");
  reply.body = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title></head>\n"
      "<body><h1>{0}</h1>\n{1}</body></html>\n",
      escaped(title), body_html);
  return reply;
}

event::HttpReply redirect(std::string_view url) {
  event::HttpReply reply;
  reply.status = 302;
  reply.fields.add("Location", std::string(url));
  reply.fields.add("Cache-Control", "no-store");
  return reply;
}

event::HttpReply wrong_method(std::string_view allowed) {
  event::HttpReply reply = plain_error(405, "Method Not Allowed");
  reply.fields.add("Allow", std::string(allowed));
  return reply;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace dogpipe::sandbox
