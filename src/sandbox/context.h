// What the parts of the server share. Everything here outlives every session.
#pragma once

#include "crypto/random.h"
#include "event/loop.h"
#include "sandbox/catalogue.h"
#include "sandbox/changes.h"
#include "sandbox/later.h"
#include "sandbox/ledger.h"
#include "sandbox/oauth_metadata.h"
#include "sandbox/quirks.h"
#include "sandbox/world.h"

namespace dogpipe::sandbox {

struct Context {
  event::Loop& loop;
  const Quirks& quirks;
  const World& world;
  const Catalogue& catalogue;
  crypto::Random& random;
  Ledger& ledger;
  Later& later;
  Changes& changes;
  const Origins& origins;
};

}  // namespace dogpipe::sandbox
