#include "zones/geo/geography.h"

#include <algorithm>
#include <numeric>

#include "zones/geo/distance.h"

namespace holdfast::zones {

Geography::Geography(std::vector<Region> regions, std::shared_ptr<const Places> places)
    : regions_(std::move(regions)), places_(std::move(places)) {
  std::vector<RegionIndex> all(regions_.size());
  std::iota(all.begin(), all.end(), RegionIndex{0});
  ranks_.reserve(all.size() * all.size());
  for (const RegionIndex from : all) {
    const std::vector<std::uint16_t> row = ranks(regions_, from, all);
    ranks_.insert(ranks_.end(), row.begin(), row.end());
  }
}

std::optional<RegionIndex> Geography::find(std::string_view name) const noexcept {
  const auto found = std::find_if(regions_.begin(), regions_.end(),
                                  [&](const Region& region) { return region.name == name; });
  if (found == regions_.end()) return std::nullopt;
  return static_cast<RegionIndex>(found - regions_.begin());
}

}  // namespace holdfast::zones
