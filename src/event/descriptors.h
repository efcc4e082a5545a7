// The descriptors of this process, all together.
#pragma once

namespace dogpipe::event {

// No program started from here on inherits a descriptor but 0, 1 and 2. Ours are opened with
// O_CLOEXEC, but libraries open some too (resolvers, TLS engines, name services), and a host may
// have started us with some of its own: each would hand a connection or a lock to a browser that
// lives for days.
void keep_descriptors_private();

}  // namespace dogpipe::event
