#include "auth/callback_page.h"

#include <algorithm>
#include <string_view>

namespace dogpipe::auth {
namespace {

event::HttpReply reply(int status) {
  event::HttpReply out;
  out.status = status;
  out.fields = {{"Cache-Control", "no-store"},
                {"Content-Security-Policy", "default-src 'none'"},
                {"Referrer-Policy", "no-referrer"},
                {"X-Content-Type-Options", "nosniff"}};
  return out;
}

event::HttpReply page_reply(int status, std::string_view title, std::string_view text) {
  event::HttpReply out = reply(status);
  out.fields.add("Content-Type", "text/html; charset=utf-8");
  for (const std::string_view piece :
       {std::string_view("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
                         "<meta name=\"viewport\" content=\"width=device-width\">\n"
                         "<title>dogpipe: "),
        title, std::string_view("</title>\n<h1>"), title, std::string_view("</h1>\n<p>"), text,
        std::string_view("</p>\n</html>\n")}) {
    out.body += piece;
  }
  return out;
}

bool is_plain(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(" ._-'&()").find(c) != std::string_view::npos;
  });
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '\'') {
      out += "&#39;";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

event::HttpReply result_reply(const ResultPage& page) {
  switch (page.kind) {
    case ResultPage::Kind::signed_in: {
      std::string text = "You are signed in to Datadog";
      if (is_plain(page.organization)) text += ", organization " + escaped(page.organization);
      return page_reply(200, "signed in",
                        text + ". You can close this tab and go back to your application.");
    }
    case ResultPage::Kind::refused:
      return page_reply(200, "sign-in refused",
                        "The sign-in was refused, and nothing has changed. To try again, run "
                        "<code>dogpipe login</code>.");
    case ResultPage::Kind::failed:
      break;
  }
  return page_reply(200, "sign-in failed",
                    "The sign-in did not succeed. The reason stands in the log of dogpipe. To try "
                    "again, run <code>dogpipe login</code>.");
}

event::HttpReply redirect_reply(const std::string& path) {
  event::HttpReply out = reply(302);
  out.fields.add("Location", path);
  return out;
}

event::HttpReply refusal_reply(int status) {
  if (status == 404) return page_reply(404, "not found", "There is nothing here.");
  if (status == 405) {
    event::HttpReply out = page_reply(405, "not allowed", "Only GET is answered here.");
    out.fields.add("Allow", "GET");
    return out;
  }
  if (status == 500) {
    return page_reply(500, "sign-in failed",
                      "The sign-in was broken off. To try again, run <code>dogpipe login</code>.");
  }
  return page_reply(400, "not expected",
                    "This is no answer to the sign-in under way, which still waits. Please use the "
                    "page that was opened last.");
}

}  // namespace dogpipe::auth
