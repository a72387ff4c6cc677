#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>

namespace holdfast::zones {

inline constexpr std::size_t kPage = 4096;
inline constexpr std::size_t kHugePage = std::size_t{2} << 20;
inline constexpr std::size_t kOwnPages = std::size_t{1} << 20;  ///< octets from which on pages of its own pay

/// Address space from the system, all zero, `size` a multiple of kPage; begins at a huge page, and has huge pages where
/// the system has them (transparent_hugepage: madvise or always). What is not touched costs no memory. Throws
/// std::bad_alloc.
std::uint8_t* map_pages(std::size_t size);
/// Gives some of that back; both are multiples of a page.
void unmap_pages(std::uint8_t* data, std::size_t size) noexcept;

constexpr std::size_t whole_pages(std::size_t size, std::size_t page = kHugePage) noexcept {
  return (size + page - 1) / page * page;
}

/// For vectors that become large: in pages of their own, which go back to the system at once. Elements of no given value
/// are left as they are, which of new pages is zero.
template <class T>
struct PageAllocator {
  using value_type = T;

  PageAllocator() noexcept = default;
  template <class Other>
  PageAllocator(const PageAllocator<Other>&) noexcept {}

  T* allocate(std::size_t count) {
    if (count > SIZE_MAX / sizeof(T) / 2) throw std::bad_alloc();
    const std::size_t size = count * sizeof(T);
    if (size < kOwnPages) return allocate_small(size);
    return reinterpret_cast<T*>(map_pages(whole_pages(size)));
  }
  void deallocate(T* data, std::size_t count) noexcept {
    const std::size_t size = count * sizeof(T);
    if (size < kOwnPages) return free_small(data);
    unmap_pages(reinterpret_cast<std::uint8_t*>(data), whole_pages(size));
  }
  template <class Element>
  void construct(Element* at) noexcept {
    ::new (static_cast<void*>(at)) Element;
  }
  template <class Element, class... Arguments>
  void construct(Element* at, Arguments&&... arguments) {
    ::new (static_cast<void*>(at)) Element(std::forward<Arguments>(arguments)...);
  }
  bool operator==(const PageAllocator&) const noexcept { return true; }

 private:
  // Aligned here, by the number of octets that stands in the one before. glibc before 2.38 would cut what it aligns out
  // of something larger, each time anew: with 100,000 zones loaded, a sixth of the heap was rests of that.
  static constexpr bool kMoved = alignof(T) > __STDCPP_DEFAULT_NEW_ALIGNMENT__;
  static_assert(!kMoved || alignof(T) < 256);

  static T* allocate_small(std::size_t size) {
    auto* const at = static_cast<std::uint8_t*>(::operator new(kMoved ? size + alignof(T) : size));
    if constexpr (!kMoved) return reinterpret_cast<T*>(at);
    const std::size_t moved = alignof(T) - reinterpret_cast<std::uintptr_t>(at) % alignof(T);
    at[moved - 1] = static_cast<std::uint8_t>(moved);
    return reinterpret_cast<T*>(at + moved);
  }
  static void free_small(T* data) noexcept {
    auto* const at = reinterpret_cast<std::uint8_t*>(data);
    ::operator delete(kMoved ? at - at[-1] : at);
  }
};

}  // namespace holdfast::zones
