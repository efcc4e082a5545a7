// What changes while the server runs, and who wants to hear of it: the wires. They outlive it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/reader.h"

namespace dogpipe::sandbox {

class Session;

enum class ShiftSchema : std::uint8_t { never, once, always };

struct Change {
  enum class Kind : std::uint8_t { tools, prompts, resources, resource };

  Kind kind;
  std::string uri;  // of a resource

  std::string_view method() const;
};

// "tools", "prompts" or "resources".
std::optional<Change> list_change(std::string_view list);
// The notification; `more_params` are members that its params get besides, as a JSON object.
std::string change_notification(const Change& change, std::string_view more_params = "{}");
// What the argument `_sandbox` of a call wishes to be announced.
std::vector<Change> changes_in(json::Value wishes);

class Changes {
 public:
  // `told`: the legacy session that it came from, which has told its client by itself, or nullptr.
  using Listener = std::function<void(const Change&, const Session* told)>;

  explicit Changes(ShiftSchema shifts) : shifts_(shifts) {}

  void listen(Listener listener) { listeners_.push_back(std::move(listener)); }
  void announce(const Change& change, const Session* told = nullptr) const {
    for (const Listener& listener : listeners_) listener(change, told);
  }

  // Which of its two schemas a tool has that has two.
  bool second_edition() const { return second_edition_; }
  // A client has seen the whole list of tools; what it saw may be out of date at once.
  void listed();

 private:
  ShiftSchema shifts_;
  bool second_edition_ = false;
  std::vector<Listener> listeners_;
};

}  // namespace dogpipe::sandbox
