// Changing members of a JSON object; the bytes of all other members stay as they were written.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dogpipe::rpc {

// Works on an object that a Scanner has accepted, and views it: the text must outlive the edit.
// Anything that is no object counts as an empty one. Whitespace between members is not kept. Of a
// key that is there twice, the first is meant (as in rpc/members.h), and remove() removes both.
class ObjectEdit {
 public:
  explicit ObjectEdit(std::string_view object);

  std::optional<std::string_view> get(std::string_view key) const;
  // In the place of the member of that name, or as the last one. `raw` is JSON.
  void set(std::string_view key, std::string raw);
  // Whether there was one.
  bool remove(std::string_view key);
  template <class Predicate>  // bool(std::string_view escaped_key)
  void remove_if(Predicate&& unwanted) {
    std::erase_if(members_, [&](const Member& member) { return unwanted(member.key); });
  }

  bool empty() const { return members_.empty(); }
  std::string write() const;

 private:
  struct Member {
    std::string_view key;    // escaped, without its quotes
    std::string_view value;  // raw
    std::string own_value;   // instead, of those that were set
  };

  std::vector<Member>::iterator find(std::string_view key);
  std::vector<Member>::const_iterator find(std::string_view key) const;

  std::vector<Member> members_;
  std::deque<std::string> added_;  // the keys that were not there: a deque does not move them
};

}  // namespace dogpipe::rpc
