#include "zones/geo/places.h"

#include <algorithm>
#include <array>

#include "zones/geo/coordinates.h"

namespace holdfast::zones {
namespace {

using MaybeRegion = std::optional<RegionIndex>;

std::size_t size_of(const std::vector<Region>& regions) { return std::min(regions.size(), kMaxRegions); }

/// What regions list, to be asked for.
class Lists {
 public:
  explicit Lists(const std::vector<Region>& regions) : regions_(regions) {
    for (std::size_t i = 0; i < size_of(regions); ++i) {
      for (const Country country : regions[i].countries) claim(countries_[country.index()], i);
      for (const Continent continent : regions[i].continents)
        claim(continents_[static_cast<std::size_t>(continent)], i);
    }
  }

  MaybeRegion region_of(const PlaceRecord& record) const {
    if (record.country && countries_[record.country->index()]) return countries_[record.country->index()];
    const auto continent =
        record.continent || !record.country ? record.continent : record.country->continent();
    if (continent && continents_[static_cast<std::size_t>(*continent)])
      return continents_[static_cast<std::size_t>(*continent)];
    return record.coordinates ? nearest(*record.coordinates) : MaybeRegion{};
  }

 private:
  void claim(MaybeRegion& claimed, std::size_t region) {
    if (!claimed || outward(regions_, region).size() > outward(regions_, *claimed).size())
      claimed = static_cast<RegionIndex>(region);
  }

  MaybeRegion nearest(const Coordinates& point) const {
    MaybeRegion nearest;
    double least = 0;
    for (std::size_t i = 0; i < size_of(regions_); ++i) {
      if (!regions_[i].coordinates) continue;
      const double kilometres = great_circle(point, *regions_[i].coordinates);
      if (nearest && kilometres >= least) continue;
      nearest = static_cast<RegionIndex>(i);
      least = kilometres;
    }
    return nearest;
  }

  const std::vector<Region>& regions_;
  std::array<MaybeRegion, Country::kCodes> countries_{};
  std::array<MaybeRegion, std::size(kContinents)> continents_{};
};

}  // namespace

std::vector<MaybeRegion> regions_of(const std::vector<Region>& regions,
                                    const std::vector<PlaceRecord>& records) {
  const Lists lists(regions);
  std::vector<MaybeRegion> found;
  found.reserve(records.size());
  for (const PlaceRecord& record : records) found.push_back(lists.region_of(record));
  return found;
}

Places compile(const std::vector<Region>& regions, const Database* database) {
  static_assert(kMaxRegions <= PrefixTable::kNowhere);
  std::vector<PrefixTable::Layer> layers(2);
  if (database != nullptr) {
    const auto region = regions_of(regions, database->records);
    layers[0].reserve(database->entries.size());
    for (const Database::Entry& entry : database->entries) {
      if (const MaybeRegion in = region[entry.record]) layers[0].push_back({entry.prefix, *in});
    }
  }
  for (std::size_t i = 0; i < size_of(regions); ++i) {
    for (const Prefix& network : regions[i].networks)
      layers[1].push_back({network, static_cast<RegionIndex>(i)});
  }
  return Places(PrefixTable(std::move(layers)));
}

}  // namespace holdfast::zones
