#include "zones/block.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace holdfast::zones {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kLarge = std::size_t{1} << 20;  // from here on, pages of its own

constexpr std::size_t round_up(std::size_t size, std::size_t unit) { return (size + unit - 1) / unit * unit; }

}  // namespace

Block::Block(std::size_t size) : size_(size) {
  if (size < kLarge) {
    data_ = static_cast<std::uint8_t*>(std::malloc(size));
    if (data_ == nullptr && size != 0) throw std::bad_alloc();
    return;
  }
  mapped_ = round_up(size, kHugePage);
  const std::size_t whole = mapped_ + kHugePage;  // somewhere in there begins a huge page
  void* const mapping =
      ::mmap(nullptr, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping == MAP_FAILED) throw std::bad_alloc();
  auto* const first = static_cast<std::uint8_t*>(mapping);
  const std::size_t before = (kHugePage - reinterpret_cast<std::uintptr_t>(first) % kHugePage) % kHugePage;
  if (before != 0) ::munmap(first, before);
  data_ = first + before;
  if (const std::size_t after = whole - before - mapped_; after != 0) ::munmap(data_ + mapped_, after);
  ::madvise(data_, mapped_, MADV_HUGEPAGE);  // a wish
}

Block::~Block() {
  if (mapped_ != 0) {
    ::munmap(data_, mapped_);
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
    void* const kept = std::realloc(data_, size != 0 ? size : 1);
    if (kept == nullptr) throw std::bad_alloc();
    data_ = static_cast<std::uint8_t*>(kept);
    return;
  }
  const std::size_t needed = std::max(round_up(size, kPage), kPage);
  ::munmap(data_ + needed, mapped_ - needed);
  mapped_ = needed;
}

}  // namespace holdfast::zones
