#include "server/listen/counter_array.h"

#include <sys/mman.h>

#include <new>

namespace holdfast::server {

ZeroPages::ZeroPages(std::size_t most) : most_(most) {
  void* const pages = ::mmap(nullptr, most, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  ::madvise(pages, most, MADV_NOHUGEPAGE);  // or the first count would take 2 MiB
  data_ = static_cast<std::byte*>(pages);
}

ZeroPages::~ZeroPages() { ::munmap(data_, most_); }

bool ZeroPages::grow(std::size_t octets) noexcept {
  return ::mprotect(data_, std::min(octets, most_), PROT_READ | PROT_WRITE) == 0;
}

}  // namespace holdfast::server
