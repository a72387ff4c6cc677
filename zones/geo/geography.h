#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "zones/geo/places.h"

namespace holdfast::zones {

/// Where clients are, and which region is near to which. Immutable, so any thread may read it.
class Geography {
 public:
  Geography() : Geography({}, std::make_shared<Places>()) {}
  /// @param places  of these regions
  Geography(std::vector<Region> regions, std::shared_ptr<const Places> places);

  const std::vector<Region>& regions() const noexcept { return regions_; }
  const std::shared_ptr<const Places>& places() const noexcept { return places_; }

  std::optional<RegionIndex> find(std::string_view name) const noexcept;

  /// The place of `to` among all regions as seen from `from`: the less, the nearer; the same where they are equally far.
  std::uint16_t rank(RegionIndex from, RegionIndex to) const noexcept {
    return ranks_[std::size_t{from} * regions_.size() + to];
  }

 private:
  std::vector<Region> regions_;
  std::shared_ptr<const Places> places_;
  std::vector<std::uint16_t> ranks_;  // a row for each region that is looked from
};

}  // namespace holdfast::zones
