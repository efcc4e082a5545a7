// How the allocator deals with the kernel. Does nothing where the C library is not glibc.
#pragma once

#include <cstdlib>  // defines __GLIBC__

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace dogpipe::base {

// Each transfer takes a buffer of 256 KiB and gives it back. glibc would return that memory to the
// kernel and fault it in again for every call; and it would learn from one large result to put the
// next one where growing means copying. Measured at 64 calls in flight: half of all CPU time.
inline void tune_allocator() {
#ifdef __GLIBC__
  ::mallopt(M_MMAP_THRESHOLD, 1 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 32 << 20);
#endif
}

// Returns what is free to the kernel: for after a burst.
inline void give_back_memory() {
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
}

}  // namespace dogpipe::base
