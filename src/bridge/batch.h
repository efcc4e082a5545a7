// Batches of 2025-03-26: each request of a host's array goes its own way, the answers come together
// again (JSON-RPC 2.0, section 6).
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace dogpipe::bridge {

class Batches {
 public:
  // One array that is being taken apart. Its answers are written when end() has been called and all
  // of its requests are answered.
  class Batch {
   public:
    void add_answer(std::string_view answer);
    bool complete() const { return closed_ && left_ == 0; }

   private:
    friend class Batches;

    std::string answers_;
    std::size_t left_ = 0;
    bool closed_ = false;
  };

  std::shared_ptr<Batch> begin() { return std::make_shared<Batch>(); }
  // The request with that id belongs to the batch.
  void expect(const std::shared_ptr<Batch>& batch, std::string_view raw_id);
  // No more will be expected. Returns the array, if it is complete and not empty.
  std::optional<std::string> end(Batch& batch);

  bool has(std::string_view raw_id) const;
  // The request is answered; an empty answer means that there will be none. Returns the array that
  // this completes, if it is not empty.
  std::optional<std::string> take(std::string_view raw_id, std::string_view answer);

 private:
  static std::optional<std::string> text_of(const Batch& batch);

  std::unordered_map<std::string, std::shared_ptr<Batch>> by_id_;
};

}  // namespace dogpipe::bridge
