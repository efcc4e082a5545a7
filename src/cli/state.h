// What the verbs that deal with sign-ins have in common.
#pragma once

#include <string>

#include "auth/file_token_store.h"
#include "auth/sign_in.h"
#include "base/error.h"
#include "base/files.h"
#include "cli/environment.h"
#include "cli/options.h"
#include "crypto/random.h"
#include "event/process.h"
#include "event/uv_loop.h"
#include "http/curl_client.h"

namespace dogpipe::cli {

// The loop, the network and the store, from the bottom up.
struct State {
  explicit State(const Options& options)
      : client(loop, options.network),
        spawner(loop),
        files(home_folder()),
        store(files, options.state_folder) {}

  auth::SignInContext context() { return {loop, client, random, spawner, store}; }

  event::UvLoop loop;
  http::CurlClient client;
  crypto::SystemRandom random;
  event::UvSpawner spawner;
  base::PosixFiles files;
  auth::FileTokenStore store;
};

// The exit status that an error of a verb is.
int status_of(const base::Error& error);
// Says it: for programs as one line of JSON on standard error,
// {"error":{"code":...,"message":...}}. Returns the status.
int complain(const base::Error& error, bool json);
// The same for what is wrong with the store on this machine, whatever the error's kind.
int complain_of_store(base::Error error, bool json);

}  // namespace dogpipe::cli
