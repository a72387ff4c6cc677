#include "zones/pages.h"

#include <sys/mman.h>

namespace holdfast::zones {

std::uint8_t* map_pages(std::size_t size) {
  const std::size_t whole = size + kHugePage;  // somewhere in there begins a huge page
  void* const mapping =
      ::mmap(nullptr, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping == MAP_FAILED) throw std::bad_alloc();
  auto* const first = static_cast<std::uint8_t*>(mapping);
  const std::size_t before = (kHugePage - reinterpret_cast<std::uintptr_t>(first) % kHugePage) % kHugePage;
  std::uint8_t* const data = first + before;
  if (before != 0) ::munmap(first, before);
  if (const std::size_t after = whole - before - size; after != 0) ::munmap(data + size, after);
  ::madvise(data, size, MADV_HUGEPAGE);  // a wish
  return data;
}

void unmap_pages(std::uint8_t* data, std::size_t size) noexcept { ::munmap(data, size); }

}  // namespace holdfast::zones
