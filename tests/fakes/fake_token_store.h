// A TokenStore in memory, with all that can go wrong with one. Several processes of a test share
// it; it keeps a list of what they do.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/token_store.h"

namespace dogpipe::fakes {

class FakeTokenStore final : public auth::TokenStore {
 public:
  base::Result<auth::Stored> read() override {
    deeds.push_back("read");
    if (unreadable) return failure("cannot be read");
    return stored;
  }

  Stamp stamp() override {
    Stamp stamp;
    stamp.inode = changes_;
    return stamp;
  }

  base::Result<std::unique_ptr<auth::StoreLock>> try_lock(std::string_view name) override {
    if (lockless) return failure("no locks here");
    if (!locks.emplace(name, "").second) return std::unique_ptr<auth::StoreLock>();
    deeds.push_back("lock");
    return std::unique_ptr<auth::StoreLock>(std::make_unique<Lock>(*this, std::string(name)));
  }

  std::optional<std::string> note_of(std::string_view name) override {
    const auto held = locks.find(std::string(name));
    if (held == locks.end()) return std::nullopt;
    return held->second;
  }

  base::Result<std::unique_ptr<auth::StoreDraft>> draft() override {
    deeds.push_back("draft");
    if (full) return failure("no room");
    return std::make_unique<auth::StoreDraft>();
  }

  base::Result<void> change(const std::function<void(auth::Stored&)>& edit,
                            std::unique_ptr<auth::StoreDraft> draft) override {
    deeds.push_back(draft ? "change" : "change without a draft");
    if (full) return failure("no room");
    another_process(edit);
    return {};
  }

  // A change that the code under test has no part in.
  void another_process(const std::function<void(auth::Stored&)>& edit) {
    edit(stored);
    ++changes_;
  }
  void has(const auth::Grant& grant) {
    another_process([&](auth::Stored& all) { all.put(grant); });
  }

  auth::Stored stored;
  std::map<std::string, std::string, std::less<>> locks;  // held, by anybody, with their notes
  std::vector<std::string> deeds;
  bool unreadable = false;
  bool lockless = false;
  bool full = false;

 private:
  struct Lock final : auth::StoreLock {
    Lock(FakeTokenStore& of, std::string its_name) : store(of), name(std::move(its_name)) {}
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    ~Lock() override {
      store.locks.erase(name);
      store.deeds.push_back("unlock");
    }
    base::Result<void> note(std::string_view text) override {
      store.locks[name] = text;
      return {};
    }
    FakeTokenStore& store;
    std::string name;
  };

  static base::Error failure(const char* what) { return {base::Kind::file, what}; }

  std::uint64_t changes_ = 0;
};

}  // namespace dogpipe::fakes
