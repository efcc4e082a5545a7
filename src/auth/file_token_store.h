// The token store as a file, oauth_tokens.json in a folder that only we may write.
//
// Readers take no lock: a file is complete from the moment it has its name. Writers take turns by
// oauth_tokens.json.lock. Beside the two there may be: <name>.lock for the locks of callers;
// oauth_tokens.json.tmp-<random>, swept away by later ones after a day; oauth_tokens.json.corrupt-
// <UTC time>, at most three, what change() found and could not read. Until then read() takes such a
// file for an empty one and warns once.
//
// The file of a newer dogpipe is left alone: everything fails with Kind::file, the text saying so.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/token_store.h"
#include "base/files.h"

namespace dogpipe::auth {

class FileTokenStore final : public TokenStore {
 public:
  // `files` outlives the store, and its locks and drafts outlive neither. An empty `folder` (there
  // is no home) is an empty store that nothing can be put into.
  FileTokenStore(base::Files& files, std::string folder)
      : files_(files), folder_(std::move(folder)) {}

  base::Result<Stored> read() override;
  Stamp stamp() override;
  base::Result<std::unique_ptr<StoreLock>> try_lock(std::string_view name) override;
  std::optional<std::string> note_of(std::string_view name) override;
  // Fails as well where change() would: a file that may not be touched, a folder without locks.
  base::Result<std::unique_ptr<StoreDraft>> draft() override;
  base::Result<void> change(const std::function<void(Stored&)>& edit,
                            std::unique_ptr<StoreDraft> draft = nullptr) override;

 private:
  struct Content;

  base::Result<std::unique_ptr<base::Folder>> open(base::Files::Missing missing);
  base::Result<Content> load(base::Folder& folder) const;
  // Corrupt content, if that is what the error says; else the error.
  static base::Result<Content> unread(base::Error error);
  base::Result<std::unique_ptr<base::FileLock>> wait_for_turn(base::Folder& folder);
  base::Result<void> replace(base::Folder& folder, const Content& old, std::string_view text,
                             std::unique_ptr<base::DraftFile> draft);
  base::Result<void> set_aside(base::Folder& folder);
  void sweep(base::Folder& folder);
  void warn(const base::Error& error, const Stamp& stamp);

  base::Files& files_;
  std::string folder_;
  std::optional<Stamp> warned_of_;
};

}  // namespace dogpipe::auth
