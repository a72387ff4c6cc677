#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace holdfast::zones {

/// Consecutive ranges of addresses that fill the whole space, each with a value; neighbours have different ones.
/// Immutable, so any thread may read it.
///
/// The ranges are sorted by their first addresses. Above them stands an index of bits, as in a trie: a node has 2^n slots
/// for the next n bits, n by the number of ranges there; a slot leads to another node, or to a few neighbouring ranges,
/// among which a binary search finds the one. What is found costs two to five cache lines, and no more than kDepth nodes
/// and the steps of one binary search whatever the ranges are.
///
/// @tparam Bits  an unsigned integer as wide as an address
template <class Bits>
class Ranges {
 public:
  static constexpr unsigned kWidth = sizeof(Bits) * 8;

  struct Range {
    Bits first;
    std::uint16_t value;
  };
  struct Found {
    std::uint16_t value;
    std::uint8_t length;  ///< of the widest prefix around the address that lies in the range
  };

  /// @param ranges  ascending, the first one at 0, neighbours with different values
  explicit Ranges(const std::vector<Range>& ranges) {
    firsts_.reserve(ranges.size());
    values_.reserve(ranges.size());
    for (const Range& range : ranges) {
      firsts_.push_back(range.first);
      values_.push_back(range.value);
    }
    root_bits_ = bits_for(firsts_.size(), 0);
    slots_.resize(std::size_t{1} << root_bits_);
    fill(0, root_bits_, 0, 0, 1);
    slots_.shrink_to_fit();
  }

  Found find(Bits address) const noexcept {
    const Slot* slot = &slots_[static_cast<std::size_t>(address >> (kWidth - root_bits_))];
    for (unsigned used = root_bits_; (slot->more & kInner) != 0;) {
      const unsigned bits = slot->more & ~kInner;
      slot = &slots_[slot->first +
                     static_cast<std::size_t>(static_cast<Bits>(address << used) >> (kWidth - bits))];
      used += bits;
    }
    const Bits* range = &firsts_[slot->first];
    for (std::uint32_t count = slot->more + 1; count > 1;) {
      const std::uint32_t half = count / 2;
      range = range[half] <= address ? range + half : range;
      count -= half;
    }
    const auto at = static_cast<std::size_t>(range - firsts_.data());
    // A prefix lies in the range when it does not reach the addresses just before and just behind.
    unsigned length = *range == 0 ? 0 : common(address, *range - 1) + 1;
    if (at + 1 < firsts_.size()) length = std::max(length, common(address, range[1]) + 1);
    return {values_[at], static_cast<std::uint8_t>(length)};
  }

  std::size_t size() const noexcept { return firsts_.size(); }
  /// In octets.
  std::size_t memory() const noexcept {
    return firsts_.capacity() * sizeof(Bits) + values_.capacity() * sizeof(std::uint16_t) +
           slots_.capacity() * sizeof(Slot);
  }

 private:
  static constexpr std::uint32_t kInner = std::uint32_t{1} << 31;
  static constexpr std::size_t kFew = 16;  // ranges that a slot leads to without another node
  static constexpr unsigned kBits = 16;    // of one node, at most
  static constexpr unsigned kDepth = 6;    // nodes on one way

  struct Slot {
    std::uint32_t first;  // the range that has the slot's first address; the node's first slot
    std::uint32_t more;   // ranges that begin behind it, in the slot; kInner and the node's bits
  };

  /// How many leading bits two different addresses share.
  static unsigned common(Bits a, Bits b) noexcept {
    const Bits differ = a ^ b;
    if constexpr (kWidth == 128) {
      const auto high = static_cast<std::uint64_t>(differ >> 64);
      return static_cast<unsigned>(high != 0 ? std::countl_zero(high)
                                             : 64 + std::countl_zero(static_cast<std::uint64_t>(differ)));
    } else {
      return static_cast<unsigned>(std::countl_zero(differ));
    }
  }

  static unsigned bits_for(std::size_t ranges, unsigned used) noexcept {
    return std::clamp(static_cast<unsigned>(std::bit_width(ranges / 8)), 1U, std::min(kBits, kWidth - used));
  }

  /// @param node    its first slot, of 1 << bits
  /// @param prefix  the `used` bits in front of the node's, which lead to it
  void fill(std::size_t node, unsigned bits, Bits prefix, unsigned used, unsigned depth) {
    auto from = firsts_.begin();
    for (std::size_t i = 0; i < std::size_t{1} << bits; ++i) {
      const Bits first = prefix | static_cast<Bits>(i) << (kWidth - used - bits);
      const Bits last = first | static_cast<Bits>(static_cast<Bits>(~Bits{0}) >> (used + bits - 1) >> 1);
      from = std::upper_bound(from, firsts_.end(), first) - 1;
      const auto to = std::upper_bound(from, firsts_.end(), last) - 1;
      const auto more = static_cast<std::size_t>(to - from);
      if (more <= kFew || depth == kDepth || used + bits == kWidth) {
        slots_[node + i] = {static_cast<std::uint32_t>(from - firsts_.begin()),
                            static_cast<std::uint32_t>(more)};
        continue;
      }
      const std::size_t below = slots_.size();
      const unsigned further = bits_for(more, used + bits);
      slots_.resize(below + (std::size_t{1} << further));
      slots_[node + i] = {static_cast<std::uint32_t>(below), kInner | further};
      fill(below, further, first, used + bits, depth + 1);
    }
  }

  std::vector<Bits> firsts_;
  std::vector<std::uint16_t> values_;
  std::vector<Slot> slots_;
  unsigned root_bits_ = 1;
};

}  // namespace holdfast::zones
