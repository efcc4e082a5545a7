#include "http/fetch.h"

#include <utility>

namespace dogpipe::http {

Fetch::Fetch(Client& client, Request request, std::size_t longest_body, Done done)
    : longest_body_(longest_body), done_(std::move(done)) {
  transfer_ = client.send(std::move(request), *this);
}

void Fetch::on_head(const ResponseHead& head) {
  response_.status = head.status();
  response_.media_type = head.media_type();
  response_.location = head.field("location").value_or("");
  response_.challenge = head.fields("www-authenticate");
}

Receiver::Flow Fetch::on_data(std::string_view piece) {
  too_large_ = response_.body.size() + piece.size() > longest_body_;
  if (too_large_) return Flow::stop;
  response_.body += piece;
  return Flow::more;
}

void Fetch::on_end(const End& end) {
  const Done done = std::move(done_);
  if (too_large_) {
    return done(base::Error{base::Kind::too_large, "the response is too large"}, end.body_left);
  }
  if (end.error) return done(*end.error, end.body_left);
  done(std::move(response_), end.body_left);
}

}  // namespace dogpipe::http
