#include "sandbox/post.h"

#include <utility>

#include "json/reader.h"
#include "json/writer.h"

namespace dogpipe::sandbox {
namespace {

std::string laid_out(const std::string& json) {
  const auto document = json::read(json, {.bytes = json.size(), .depth = 1024});
  return document ? json::write(document->root(), json::Writer::Layout::pretty) : json;
}

}  // namespace

Post::Post(event::HttpAnswer answer, Shape shape)
    : answer_(std::move(answer)), shape_(std::move(shape)), left_(shape_.responses) {}

Post::Post(Stream& stream, Shape shape)
    : stream_(&stream), shape_(std::move(shape)), left_(shape_.responses) {}

void Post::tell(std::string_view json) {
  if (stream_ != nullptr) stream_->send(json);
}

void Post::respond(std::string json, int status) {
  status_ = status;
  if (stream_ != nullptr) {
    stream_->send(json);
  } else {
    responses_.push_back(std::move(json));
  }
  if (--left_ == 0) close();
}

void Post::withdraw() {
  if (--left_ == 0) close();
}

void Post::on_gone(std::function<void()> told) {
  if (stream_ != nullptr) return stream_->on_gone(std::move(told));
  answer_.on_gone(std::move(told));
}

void Post::close() {
  if (stream_ != nullptr) return shape_.shared ? void() : stream_->finish();
  if (responses_.empty())
    return answer_.respond({.status = 202, .fields = {}, .body = {}, .promised_bytes = {}});
  std::string body;
  if (shape_.batch) {
    json::Writer out;
    out.begin_array();
    for (const std::string& response : responses_) out.raw(response);
    body = out.end_array().take();
  } else {
    body = std::move(responses_.front());
  }
  shape_.fields.add("Content-Type", "application/json");
  answer_.respond({.status = status_,
                   .fields = std::move(shape_.fields),
                   .body = shape_.pretty ? laid_out(body) : std::move(body),
                   .promised_bytes = {}});
}

}  // namespace dogpipe::sandbox
