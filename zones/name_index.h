#pragma once

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <array>
#include <bit>
#include <cstdint>
#include <memory>

#include "zones/dns/name.h"
#include "zones/pages.h"

namespace holdfast::zones {

/// From the hash of a name to a number: a table that is filled once and then only read, from any thread.
///
/// A bucket is one cache line: twelve numbers, and an octet of each one's hash to tell which may be it. What does not
/// fit stands in the next bucket with room, and the buckets passed over say so.
class NameIndex {
 public:
  static constexpr std::uint32_t kNone = 0xffffffffU;

  struct alignas(64) Bucket {
    static constexpr std::size_t kSlots = 12;
    std::array<std::uint8_t, kSlots> tags;
    std::uint8_t used;
    std::uint8_t passed_over;  // a number that belongs here stands further on
    std::uint16_t unused;
    std::array<std::uint32_t, kSlots> numbers;
  };
  static_assert(sizeof(Bucket) == 64);

  NameIndex() = default;  ///< of nothing
  /// @param count  how many will be added at most
  explicit NameIndex(std::size_t count)
      : buckets_(Allocator().allocate(count / kFilled + 1), Free{count / kFilled + 1}) {
    std::uninitialized_fill_n(buckets_.get(), size(), Bucket{});
  }

  /// A copy, to be changed.
  NameIndex copy() const {
    if (empty()) return {};
    NameIndex index;
    index.buckets_ = decltype(buckets_)(Allocator().allocate(size()), Free{size()});
    std::uninitialized_copy_n(buckets_.get(), size(), index.buckets_.get());
    return index;
  }
  /// How many numbers it may have in all, so that most are found where they belong.
  std::size_t most() const noexcept { return empty() ? 0 : size() * kMostFilled; }

  /// Puts one number in the place of another with the same hash, which is there; takes one out.
  void replace(NameHash hash, std::uint32_t number, std::uint32_t by) noexcept {
    *slot(hash, number).number = by;
  }
  void remove(NameHash hash, std::uint32_t number) noexcept {
    const Slot found = slot(hash, number);
    Bucket& bucket = *found.bucket;
    const auto at = static_cast<std::size_t>(found.number - bucket.numbers.data());
    --bucket.used;
    bucket.numbers[at] = bucket.numbers[bucket.used];
    bucket.tags[at] = bucket.tags[bucket.used];
  }

  void add(NameHash hash, std::uint32_t number) noexcept {
    std::size_t at = place(hash);
    while (buckets_[at].used == Bucket::kSlots) {
      buckets_[at].passed_over = 1;
      at = next(at);
    }
    Bucket& bucket = buckets_[at];
    bucket.tags[bucket.used] = tag(hash);
    bucket.numbers[bucket.used++] = number;
  }

  /// The first number with that hash that `is_it` says is the one; kNone when there is none.
  template <class IsIt>
  std::uint32_t find(NameHash hash, IsIt is_it) const noexcept {
    if (empty()) return kNone;
    const std::size_t first = place(hash);
    std::size_t at = first;
    do {
      const Bucket& bucket = buckets_[at];
      for (std::uint32_t left = matches(bucket, tag(hash)); left != 0; left &= left - 1) {
        const std::uint32_t number = bucket.numbers.data()[std::countr_zero(left)];
        if (is_it(number)) return number;
      }
      if (bucket.passed_over == 0) return kNone;
      at = next(at);
    } while (at != first);  // hardly ever: all buckets were full once
    return kNone;
  }

  bool empty() const noexcept { return buckets_ == nullptr; }

  // Hints for prefetching, of a table that is not empty: the bucket comes into the cache; then, what find() will most
  // likely give, judged by that bucket alone.
  void prefetch(NameHash hash) const noexcept { __builtin_prefetch(buckets_.get() + place(hash)); }
  std::uint32_t guess(NameHash hash) const noexcept {
    const Bucket& bucket = buckets_[place(hash)];
    const std::uint32_t found = matches(bucket, tag(hash));
    return found == 0 ? kNone : bucket.numbers[static_cast<std::size_t>(std::countr_zero(found))];
  }

  std::size_t memory() const noexcept { return empty() ? 0 : size() * sizeof(Bucket); }

 private:
  using Allocator = PageAllocator<Bucket>;
  struct Free {
    std::size_t size;
    void operator()(Bucket* buckets) const noexcept { Allocator().deallocate(buckets, size); }
  };
  static constexpr std::size_t kFilled = 8;       // on average, of kSlots
  static constexpr std::size_t kMostFilled = 10;  // likewise, after others were added
  struct Slot {
    Bucket* bucket;
    std::uint32_t* number;
  };

  Slot slot(NameHash hash, std::uint32_t number) noexcept {
    for (std::size_t at = place(hash);; at = next(at)) {
      Bucket& bucket = buckets_[at];
      for (std::size_t i = 0; i < bucket.used; ++i) {
        if (bucket.numbers[i] == number) return {&bucket, &bucket.numbers[i]};
      }
    }
  }

  std::size_t size() const noexcept { return buckets_.get_deleter().size; }

  std::size_t place(NameHash hash) const noexcept {
    return static_cast<std::size_t>(static_cast<unsigned __int128>(hash) * size() >> 64);
  }
  std::size_t next(std::size_t at) const noexcept { return at + 1 == size() ? 0 : at + 1; }
  static std::uint8_t tag(NameHash hash) noexcept { return static_cast<std::uint8_t>(hash); }
  /// A bit for each slot in use that has the tag.
  static std::uint32_t matches(const Bucket& bucket, std::uint8_t tag) noexcept {
#if defined(__SSE2__)
    const __m128i tags = _mm_load_si128(reinterpret_cast<const __m128i*>(&bucket));
    const __m128i same = _mm_cmpeq_epi8(tags, _mm_set1_epi8(static_cast<char>(tag)));
    const auto found = static_cast<std::uint32_t>(_mm_movemask_epi8(same));
#else
    std::uint32_t found = 0;
    for (std::size_t i = 0; i < Bucket::kSlots; ++i) {
      found |= static_cast<std::uint32_t>(bucket.tags[i] == tag) << i;
    }
#endif
    return found & ((1U << bucket.used) - 1);
  }

  std::unique_ptr<Bucket[], Free> buckets_;  // not a vector: its size is asked for with each query
};

}  // namespace holdfast::zones
