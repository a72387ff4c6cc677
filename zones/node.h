#pragma once

#include <cstdint>
#include <cstring>

#include "zones/dns/rrset.h"

namespace holdfast::zones {

/// Index of a live name in the LiveTable. Stable for the life of the process, over reloads too.
using LiveIndex = std::uint32_t;
inline constexpr LiveIndex kNotLive = 0xffffffffU;

/// One owner name of a zone with its RRsets. Borrows from the zone; a null one stands for "no such name".
///
/// In the octets of the zone, from `at` on, numbers as the machine has them, nothing between them:
///   size of the name | RRsets | flags | where the name begins      1 octet each
///   the place of the cut, or the live index                        4 octets, if a flag announces it
///   the name
///   type 2, count 2, TTL 4, data 4, prebuilt answers 4             for each RRset; the last two are places in the zone
///   the data of each RRset, in the form that RRset has
class Node {
 public:
  enum Flag : std::uint8_t { kBelowCut = 1, kLive = 2, kCut = 4, kWildcard = 8, kDname = 16 };
  struct StoredRRset {
    RrType type;
    std::uint16_t count;
    std::uint32_t ttl;
    std::uint32_t data;      // place in the octets of the zone
    std::uint32_t prebuilt;  // the same; 0: none
  };
  static_assert(sizeof(StoredRRset) == 16);

  Node() noexcept = default;
  explicit Node(const std::uint8_t* at) noexcept : at_(at) {}
  explicit operator bool() const noexcept { return at_ != nullptr; }

  NameView name() const noexcept { return {at_ + at_[3], at_[0]}; }
  std::size_t rrset_count() const noexcept { return at_[1]; }

  bool is_cut() const noexcept { return has(kCut); }  ///< NS stand here, and this is not the apex
  bool is_below_cut() const noexcept { return has(kBelowCut); }
  bool is_authoritative() const noexcept { return (at_[2] & (kCut | kBelowCut)) == 0; }
  bool has_dname() const noexcept { return has(kDname); }
  bool has_wildcard() const noexcept { return has(kWildcard); }
  LiveIndex live() const noexcept { return has(kLive) ? word() : kNotLive; }

  bool operator==(const Node& other) const noexcept = default;

 private:
  friend class Zone;
  friend class ZoneBuilder;

  bool has(Flag flag) const noexcept { return (at_[2] & flag) != 0; }
  /// The cut's place or the live index. A live name is never below a cut.
  std::uint32_t word() const noexcept {
    std::uint32_t value;
    std::memcpy(&value, at_ + 4, sizeof value);
    return value;
  }
  const std::uint8_t* table() const noexcept { return at_ + at_[3] + at_[0]; }
  StoredRRset stored(std::size_t i) const noexcept {
    StoredRRset stored;
    std::memcpy(&stored, table() + i * sizeof stored, sizeof stored);
    return stored;
  }

  const std::uint8_t* at_ = nullptr;
};

}  // namespace holdfast::zones
