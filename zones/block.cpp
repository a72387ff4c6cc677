#include "zones/block.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "zones/pages.h"

namespace holdfast::zones {
namespace {

constexpr std::size_t kSmall = 4096;  // octets

}  // namespace

Block::Block(std::size_t size) : size_(size) {
  if (size < kOwnPages) {
    data_ = static_cast<std::uint8_t*>(std::malloc(size));
    if (data_ == nullptr && size != 0) throw std::bad_alloc();
    return;
  }
  mapped_ = whole_pages(size);
  data_ = map_pages(mapped_);
}

Block::~Block() {
  if (mapped_ != 0) {
    unmap_pages(data_, mapped_);
  } else {
    std::free(data_);
  }
}

void Block::grow(std::size_t size, std::size_t used) {
  Block larger(size);
  if (mapped_ != 0 && larger.mapped_ != 0) {  // its pages are hung up there
    if (::mremap(data_, mapped_, mapped_, MREMAP_MAYMOVE | MREMAP_FIXED, larger.data_) == MAP_FAILED)
      throw std::bad_alloc();
    ::madvise(larger.data_, larger.mapped_, MADV_HUGEPAGE);
    data_ = nullptr;
    mapped_ = 0;
  } else {
    std::memcpy(larger.data_, data_, used);
  }
  *this = std::move(larger);
}

void Block::shrink(std::size_t size) {
  size_ = size;
  if (mapped_ == 0) {
    void* kept = nullptr;
    if (size <= kSmall) {
      // realloc() would cut off a rest too small for anything; so the room is used again, whole, by who comes next.
      kept = std::malloc(size);
      if (kept != nullptr) std::memcpy(kept, data_, size);
      std::free(std::exchange(data_, nullptr));
    } else {
      kept = std::realloc(data_, size);
    }
    if (kept == nullptr && size != 0) throw std::bad_alloc();
    data_ = static_cast<std::uint8_t*>(kept);
    return;
  }
  const std::size_t needed = std::max(whole_pages(size, kPage), kPage);
  unmap_pages(data_ + needed, mapped_ - needed);
  mapped_ = needed;
}

}  // namespace holdfast::zones
