#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>

namespace holdfast::server {

/// Pages of zeros that can grow in place. The kernel gives a page only when it is first written to.
class ZeroPages {
 public:
  /// Takes addresses for `most` octets, and no memory. Throws std::bad_alloc.
  explicit ZeroPages(std::size_t most);
  ~ZeroPages();
  ZeroPages(const ZeroPages&) = delete;
  ZeroPages& operator=(const ZeroPages&) = delete;

  /// From now on at least the first `octets` may be used, or all. False: the system gives none, and it is as before.
  bool grow(std::size_t octets) noexcept;
  std::byte* data() const noexcept { return data_; }

 private:
  std::byte* data_;
  std::size_t most_;
};

/// Counters by a small number (of a zone, of a live name). One thread counts and makes room, any reads. What was never
/// counted takes no memory: with 100,000 zones and several workers most of it.
///
/// T: counters for which all bits zero is the start.
template <class T>
class CounterArray {
 public:
  static constexpr std::size_t kMost = std::size_t{1} << 21;  ///< numbers above are not counted

  /// Makes room for numbers below `count`; not on the path of a query. Where the system gives none, the room stays as it
  /// was and the numbers above are not counted: no reason to end a worker.
  void reserve(std::size_t count) {
    count = std::min(count, kMost);
    if (count <= room_.load(std::memory_order_relaxed)) return;
    if (pages_.grow(count * sizeof(T))) room_.store(count, std::memory_order_release);
  }
  /// Null where there was no room made.
  T* at(std::size_t number) noexcept { return find(number); }
  const T* at(std::size_t number) const noexcept { return find(number); }

 private:
  T* find(std::size_t number) const noexcept {
    if (number >= room_.load(std::memory_order_acquire)) return nullptr;
    return reinterpret_cast<T*>(pages_.data()) + number;
  }

  ZeroPages pages_{kMost * sizeof(T)};
  std::atomic<std::size_t> room_{0};
};

}  // namespace holdfast::server
