#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "zones/geo/coordinates.h"
#include "zones/geo/country.h"
#include "zones/geo/prefix.h"

namespace holdfast::zones {

/// A part of the world that the operator tells apart. Regions form a forest; what names one is its index in their list.
struct Region {
  std::string name;
  int parent = -1;  ///< the region that this one is in; -1: none
  std::vector<Country> countries{};
  std::vector<Continent> continents{};
  std::vector<Prefix> networks{};
  std::optional<Coordinates> coordinates{};

  bool operator==(const Region&) const = default;
};

using RegionIndex = std::uint16_t;
inline constexpr std::size_t kMaxRegions = 4096;
inline constexpr std::size_t kMaxRegionDepth =
    32;  ///< regions in one another; what is above that is not looked at

struct RegionProblem {
  std::size_t region;  ///< index; the later one where two are in each other's way
  std::string what;    ///< `"eu" has the country DE already`

  bool operator==(const RegionProblem&) const = default;
};

/// What is wrong with a list of regions: what two of them claim, a parent that is none, a region in itself, a code that is
/// no country's, coordinates that are not on Earth, too many. None: it can be compiled.
std::vector<RegionProblem> check(const std::vector<Region>& regions);

/// The region and what it is in, outward; nothing for an index that is none.
std::vector<RegionIndex> outward(const std::vector<Region>& regions, std::size_t region);

}  // namespace holdfast::zones
