#pragma once

#include <compare>
#include <optional>
#include <span>
#include <vector>

#include "zones/geo/region.h"

namespace holdfast::zones {

/// How far one region is from another, to compare with: by the tree of regions, and only where that makes no difference
/// by the kilometres.
struct Distance {
  static constexpr unsigned kApart = 0xffff;  ///< in `rings`: in no common region

  /// How far outward one must look to see the other: 0 it is the same one; 1 it is within; 2 it is within the parent, or
  /// the parent itself; and so on.
  unsigned rings = kApart;
  /// Along the great circle, where both have coordinates, their own or those of the nearest region around that has some.
  /// Unknown is farther than any.
  std::optional<double> kilometres{};

  bool operator==(const Distance&) const = default;
  std::weak_ordering operator<=>(const Distance& other) const noexcept;
};

/// An index that is none is apart from all.
Distance distance(const std::vector<Region>& regions, std::size_t from, std::size_t to);

/// The rank of each target as seen from a region: 0 for the nearest of them, 1 for the next nearest, ...; those that are
/// equally far share one. From nowhere all are equally far. What is down is made up for by the next rank: falling outward.
std::vector<std::uint16_t> ranks(const std::vector<Region>& regions, std::optional<RegionIndex> from,
                                 std::span<const RegionIndex> targets);

/// The same as groups: the targets of each rank, in the order in which they were given.
std::vector<std::vector<RegionIndex>> near_to_far(const std::vector<Region>& regions,
                                                  std::optional<RegionIndex> from,
                                                  std::span<const RegionIndex> targets);

}  // namespace holdfast::zones
