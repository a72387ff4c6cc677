#include "zones/block.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "zones/pages.h"

namespace holdfast::zones {
namespace {

constexpr std::size_t kCopied = 4096;  // octets

/// Octets of address space that `size` take with pages of their own.
std::size_t taken(std::size_t size) { return whole_pages(size, kPage); }

std::uint8_t* allocate(std::size_t size) {
  auto* data = static_cast<std::uint8_t*>(std::malloc(size));
  if (data == nullptr && size != 0) throw std::bad_alloc();
  return data;
}

}  // namespace

bool Block::has_own_pages() const noexcept { return size_ >= kOwnPages; }

Block::Block(std::size_t size)
    : data_(size < kOwnPages ? allocate(size) : map_pages(taken(size))), size_(size) {}

Block::~Block() {
  if (has_own_pages()) {
    unmap_pages(data_, taken(size_));
  } else {
    std::free(data_);
  }
}

Block Block::borrow(const Block& from) noexcept {
  Block block;
  block.data_ = from.data_;
  block.size_ = from.size_;
  return block;
}

void Block::let_go() noexcept {
  data_ = nullptr;
  size_ = 0;
}

void Block::grow(std::size_t size, std::size_t used) {
  Block larger(size);
  if (has_own_pages()) {  // which are hung up there
    // All in one, so that it stays one mapping: before Linux 6.17 only one can be moved at a time.
    if (::mremap(data_, taken(size_), taken(size), MREMAP_MAYMOVE | MREMAP_FIXED, larger.data_) ==
        MAP_FAILED) {
      // Where that was is perhaps nobody's any more, or soon somebody else's.
      larger.data_ = nullptr;
      larger.size_ = 0;
      throw std::bad_alloc();
    }
    data_ = nullptr;
    size_ = 0;
  } else {
    std::memcpy(larger.data_, data_, used);
  }
  *this = std::move(larger);
}

void Block::shrink(std::size_t size) {
  if (has_own_pages() && size >= kOwnPages) {
    unmap_pages(data_ + taken(size), taken(size_) - taken(size));
    size_ = size;
  } else if (has_own_pages() || size <= kCopied) {
    // From pages back to malloc; or small: realloc() would cut off a rest too small for anything, so the room is used
    // again, whole, by who comes next.
    Block smaller(size);
    if (size != 0) std::memcpy(smaller.data_, data_, size);
    *this = std::move(smaller);
  } else {
    void* kept = std::realloc(data_, size);
    if (kept == nullptr) throw std::bad_alloc();
    data_ = static_cast<std::uint8_t*>(kept);
    size_ = size;
  }
}

}  // namespace holdfast::zones
