#include "zones/geo/distance.h"

#include <algorithm>
#include <limits>

namespace holdfast::zones {
namespace {

std::optional<Coordinates> coordinates(const std::vector<Region>& regions,
                                       const std::vector<RegionIndex>& way) {
  for (const RegionIndex region : way) {
    if (regions[region].coordinates) return regions[region].coordinates;
  }
  return {};
}

}  // namespace

std::weak_ordering Distance::operator<=>(const Distance& other) const noexcept {
  if (rings != other.rings) return rings <=> other.rings;
  constexpr double kUnknown = std::numeric_limits<double>::infinity();
  const double mine = kilometres.value_or(kUnknown);
  const double others = other.kilometres.value_or(kUnknown);
  if (mine < others) return std::weak_ordering::less;
  return mine > others ? std::weak_ordering::greater : std::weak_ordering::equivalent;
}

Distance distance(const std::vector<Region>& regions, std::size_t from, std::size_t to) {
  const auto here = outward(regions, from);
  const auto there = outward(regions, to);
  Distance distance;
  for (std::size_t steps = 0; steps < here.size(); ++steps) {
    if (std::find(there.begin(), there.end(), here[steps]) == there.end()) continue;
    distance.rings = from == to ? 0 : static_cast<unsigned>(steps) + 1;
    break;
  }
  const auto a = coordinates(regions, here);
  const auto b = coordinates(regions, there);
  if (a && b) distance.kilometres = great_circle(*a, *b);
  return distance;
}

std::vector<std::uint16_t> ranks(const std::vector<Region>& regions, std::optional<RegionIndex> from,
                                 std::span<const RegionIndex> targets) {
  std::vector<std::uint16_t> ranks(targets.size());
  if (!from) return ranks;
  std::vector<Distance> distances;
  distances.reserve(targets.size());
  for (const RegionIndex target : targets) distances.push_back(distance(regions, *from, target));
  std::vector<Distance> rings = distances;
  std::sort(rings.begin(), rings.end());
  rings.erase(std::unique(rings.begin(), rings.end()), rings.end());
  for (std::size_t i = 0; i < targets.size(); ++i) {
    ranks[i] = static_cast<std::uint16_t>(std::lower_bound(rings.begin(), rings.end(), distances[i]) -
                                          rings.begin());
  }
  return ranks;
}

std::vector<std::vector<RegionIndex>> near_to_far(const std::vector<Region>& regions,
                                                  std::optional<RegionIndex> from,
                                                  std::span<const RegionIndex> targets) {
  std::vector<std::vector<RegionIndex>> groups;
  const auto ranked = ranks(regions, from, targets);
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (ranked[i] >= groups.size()) groups.resize(ranked[i] + std::size_t{1});
    groups[ranked[i]].push_back(targets[i]);
  }
  return groups;
}

}  // namespace holdfast::zones
