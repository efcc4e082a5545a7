#include "rpc/object_edit.h"

#include <algorithm>
#include <utility>

#include "rpc/members.h"
#include "rpc/text.h"

namespace dogpipe::rpc {

ObjectEdit::ObjectEdit(std::string_view object) {
  for (Members members(object); const auto member = members.next();) {
    members_.push_back(Member{member->key, member->value, {}});
  }
}

std::vector<ObjectEdit::Member>::iterator ObjectEdit::find(std::string_view key) {
  return std::find_if(members_.begin(), members_.end(),
                      [&](const Member& member) { return spells(member.key, key); });
}

std::vector<ObjectEdit::Member>::const_iterator ObjectEdit::find(std::string_view key) const {
  return std::find_if(members_.begin(), members_.end(),
                      [&](const Member& member) { return spells(member.key, key); });
}

std::optional<std::string_view> ObjectEdit::get(std::string_view key) const {
  const auto at = find(key);
  if (at == members_.end()) return std::nullopt;
  return at->own_value.empty() ? at->value : std::string_view(at->own_value);
}

void ObjectEdit::set(std::string_view key, std::string raw) {
  auto at = find(key);
  if (at == members_.end()) {
    added_.push_back(quoted(key));
    const std::string_view token = added_.back();
    at = members_.insert(members_.end(), Member{token.substr(1, token.size() - 2), {}, {}});
  }
  at->own_value = std::move(raw);
}

bool ObjectEdit::remove(std::string_view key) {
  return std::erase_if(members_, [&](const Member& member) { return spells(member.key, key); }) > 0;
}

std::string ObjectEdit::write() const {
  std::size_t size = 2;
  for (const Member& member : members_) {
    size += member.key.size() + member.value.size() + member.own_value.size() + 4;
  }
  std::string text;
  text.reserve(size);
  text += '{';
  for (const Member& member : members_) {
    if (text.size() > 1) text += ',';
    text += '"';
    text += member.key;
    text += "\":";
    text += member.own_value.empty() ? member.value : std::string_view(member.own_value);
  }
  text += '}';
  return text;
}

}  // namespace dogpipe::rpc
