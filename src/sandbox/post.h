// Where the responses to one POST go: a JSON body, or the events of a stream.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "event/http_server.h"
#include "sandbox/stream.h"

namespace dogpipe::sandbox {

class Post {
 public:
  struct Shape {
    std::size_t responses = 1;
    bool batch = false;   // a JSON body becomes an array
    bool pretty = false;  // a JSON body is laid out
    bool shared = false;  // the stream goes on after the last response
    event::HttpFields fields;
  };

  Post(event::HttpAnswer answer, Shape shape);
  // The stream, already attached, outlives the Post.
  Post(Stream& stream, Shape shape);

  bool streams() const { return stream_ != nullptr; }
  // A notification or a request to the client; only for streams.
  void tell(std::string_view json);
  // One response. The last one ends the answer. The status is for a JSON body.
  void respond(std::string json, int status = 200);
  // The client has cancelled one of its requests: no response will come.
  void withdraw();
  // Gives the connection away, to be spoiled. Not for streams.
  event::HttpAnswer surrender() { return std::move(answer_); }
  Stream* stream() { return stream_; }
  // Called when the client has gone, who is still owed something.
  void on_gone(std::function<void()> told);

 private:
  void close();

  event::HttpAnswer answer_;
  Stream* stream_ = nullptr;
  Shape shape_;
  std::size_t left_;
  int status_ = 200;
  std::vector<std::string> responses_;
};

}  // namespace dogpipe::sandbox
