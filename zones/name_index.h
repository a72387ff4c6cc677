#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "zones/dns/name.h"

namespace holdfast::zones {

/// From the hash of a name to a number: a table that is filled once and then only read, from any thread.
/// A power of two of slots, at most 3/4 full, linear probing.
class NameIndex {
 public:
  static constexpr std::uint32_t kNone = 0xffffffffU;

  NameIndex() : NameIndex(0) {}
  /// @param count  how many will be added at most
  explicit NameIndex(std::size_t count) : slots_(std::bit_ceil(count * 4 / 3 + 1), Slot{0, kNone}) {}

  void add(NameHash hash, std::uint32_t number) noexcept {
    std::size_t at = hash & mask();
    while (slots_[at].number != kNone) at = (at + 1) & mask();
    slots_[at] = {hash, number};
  }

  /// The first number with that hash that `is_it` says is the one; kNone when there is none.
  template <class IsIt>
  std::uint32_t find(NameHash hash, IsIt is_it) const noexcept {
    for (std::size_t at = hash & mask(); slots_[at].number != kNone; at = (at + 1) & mask()) {
      if (slots_[at].hash == hash && is_it(slots_[at].number)) return slots_[at].number;
    }
    return kNone;
  }

  std::size_t memory() const noexcept { return slots_.capacity() * sizeof(Slot); }

 private:
  struct Slot {
    NameHash hash;
    std::uint32_t number;
  };
  std::size_t mask() const noexcept { return slots_.size() - 1; }

  std::vector<Slot> slots_;
};

}  // namespace holdfast::zones
