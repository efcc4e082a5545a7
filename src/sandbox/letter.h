// The messages of one POST, sorted.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "json/reader.h"

namespace dogpipe::sandbox {

// The values are views into the document.
struct Letter {
  std::shared_ptr<const json::Document> document;
  bool batch = false;
  std::vector<json::Value> requests;
  std::vector<json::Value> notifications;
  std::vector<json::Value> responses;

  bool initializes() const { return is_single("initialize"); }
  bool probes() const { return is_single("server/discover"); }

 private:
  bool is_single(std::string_view method) const {
    return requests.size() == 1 && requests.front()["method"].text_or("") == method;
  }
};

// Errors: Kind::malformed when it is not JSON, Kind::usage when it is no JSON-RPC.
base::Result<Letter> read_letter(std::string_view body);

}  // namespace dogpipe::sandbox
