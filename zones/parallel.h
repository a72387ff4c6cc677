#pragma once

#include <cstddef>
#include <functional>

namespace holdfast::zones {

/// The threads that a task of so many items is worth when each is to have `least` of them: 1 up to 8, and not more than
/// the machine has cores.
unsigned threads_for(std::size_t items, std::size_t least) noexcept;

/// Calls `work(i)` for each i below `count`, in this thread and up to `threads` - 1 others, and returns when all is
/// done. The i are begun in ascending order. The first exception of any thread comes out here; what was not begun then
/// is left out.
void in_parallel(unsigned threads, std::size_t count, const std::function<void(std::size_t)>& work);

/// The i-th of `parts` nearly equal parts of `size` items: its first item. That of i = parts is `size`.
constexpr std::size_t part_begin(std::size_t size, std::size_t parts, std::size_t i) noexcept {
  return size / parts * i + size % parts * i / parts;
}

}  // namespace holdfast::zones
