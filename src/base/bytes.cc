#include "base/bytes.h"

#include <cstdint>
#include <new>

#ifdef __linux__
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace dogpipe::base {
namespace {

#ifdef __linux__
constexpr std::size_t kWorthwhile = 4u << 20;

// Taking 10 MB from the kernel in pages of 4 KiB costs as much time as scanning and copying them.
// The advice is for the whole mapping: one that is advised in part is two to the kernel, and cannot
// be grown in place.
void ask_for_huge_pages(char* block, std::size_t size) {
  if (size < kWorthwhile) return;
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto address = reinterpret_cast<std::uintptr_t>(block);
  const std::uintptr_t first = address / page * page;
  const std::uintptr_t last = (address + ::malloc_usable_size(block) + page - 1) / page * page;
  ::madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
}
#else
void ask_for_huge_pages(char*, std::size_t) {}
#endif

}  // namespace

void Bytes::reallocate(std::size_t capacity) {
  char* block = static_cast<char*>(std::realloc(data_.get(), capacity));
  if (block == nullptr) throw std::bad_alloc();
  static_cast<void>(data_.release());  // realloc() has taken the old block
  data_.reset(block);
  capacity_ = capacity;
  ask_for_huge_pages(block, capacity);
}

}  // namespace dogpipe::base
