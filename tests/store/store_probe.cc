// One operation on a token store, for faults.py to disturb.
//
//   store_probe change FOLDER NAME    adds a grant of that name
//   store_probe draft FOLDER NAME     the same with a draft taken before
//   store_probe read FOLDER           prints the names of the grants
//   store_probe lock FOLDER           takes the lock "sign-in", leaves a note, reads it, frees it
//
// Exit status: 0 done, 1 refused with an error (printed), 3 held by somebody else. The system call
// getppid() marks where the operation begins and ends: nothing else makes it.
#include <unistd.h>

#include <cstdio>
#include <string>
#include <string_view>

#include "auth/file_token_store.h"

namespace dogpipe::auth {
namespace {

int refused(const base::Error& error) {
  std::printf("%s\n", error.what.c_str());
  return 1;
}

int outcome(const base::Result<void>& result) { return result ? 0 : refused(result.error()); }

Grant grant_named(const std::string& name) {
  Grant grant;
  grant.profile = "default";
  grant.endpoint = "https://mcp.example/";
  grant.server.issuer = "https://as.example";
  grant.client.id = name;
  grant.access_token = base::Secret("token of " + name);
  return grant;
}

int change(FileTokenStore& store, const std::string& name, std::unique_ptr<StoreDraft> draft) {
  return outcome(
      store.change([&](Stored& stored) { stored.put(grant_named(name)); }, std::move(draft)));
}

int change_with_draft(FileTokenStore& store, const std::string& name) {
  auto draft = store.draft();
  if (!draft) return refused(draft.error());
  return change(store, name, std::move(*draft));
}

int read(FileTokenStore& store) {
  const auto stored = store.read();
  if (!stored) return refused(stored.error());
  for (const Grant& grant : stored->grants) std::printf("%s\n", grant.client.id.c_str());
  return 0;
}

int lock(FileTokenStore& store) {
  const auto held = store.try_lock("sign-in");
  if (!held) return refused(held.error());
  if (!*held) return 3;
  if (const auto noted = (*held)->note("note"); !noted) return refused(noted.error());
  const auto note = store.note_of("sign-in");
  // A note may be missed, but not be another.
  return note.value_or("").empty() || *note == "note" ? 0 : 4;
}

int run(FileTokenStore& store, std::string_view verb, const std::string& name) {
  if (verb == "change") return change(store, name, nullptr);
  if (verb == "draft") return change_with_draft(store, name);
  if (verb == "read") return read(store);
  if (verb == "lock") return lock(store);
  return 2;
}

}  // namespace
}  // namespace dogpipe::auth

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  dogpipe::base::PosixFiles files;
  dogpipe::auth::FileTokenStore store(files, argv[2]);
  ::getppid();
  const int status = dogpipe::auth::run(store, argv[1], argc > 3 ? argv[3] : "");
  ::getppid();
  return status;
}
