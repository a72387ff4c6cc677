#include "zones/snapshot.h"

#include <algorithm>
#include <set>

namespace holdfast::zones {
namespace {

// Octets: more than stays in the caches of a core while the kernel works there, too.
constexpr std::size_t kLarge = std::size_t{1} << 18;

SharedList<ServedZone> with(const SharedList<ServedZone>& zones,
                            std::span<const Snapshot::NewVersion> versions) {
  std::vector<SharedList<ServedZone>::Change> changes;
  for (const auto& [place, version] : versions)
    changes.emplace_back(place, zones[place]).second.zone = version;
  return zones.with(changes);
}

}  // namespace

Snapshot::Snapshot(std::vector<ServedZone> zones, std::size_t live_names) : live_names_(live_names) {
  auto index = std::make_shared<NameIndex>(zones.size());
  depths_.fill(kNoApex);
  for (std::uint32_t i = 0; i < zones.size(); ++i) {
    const NameView apex = zones[i].zone->apex();
    index->add(hash_name(apex), i);
    const std::size_t labels = apex.labels();
    depths_[labels] = static_cast<std::uint8_t>(labels);
    zone_numbers_ = std::max<std::size_t>(zone_numbers_, zones[i].number + 1ULL);
    zones[i].has_zones_below = false;
    zones[i].labels = static_cast<std::uint8_t>(labels);
  }
  index_ = std::move(index);
  zones_ = SharedList(std::move(zones));
  find_out_size();
  const bool one_depth =
      std::count_if(depths_.begin(), depths_.end(), [](std::uint8_t depth) { return depth != kNoApex; }) == 1;
  for (std::size_t i = 1; i < depths_.size(); ++i) {
    if (depths_[i] == kNoApex) depths_[i] = depths_[i - 1];
  }
  if (!one_depth) find_zones_below();
}

void Snapshot::find_zones_below() {
  std::set<const ServedZone*> have_some;
  for (const ServedZone& served : zones_) {
    const HashedName apex(served.zone->apex());
    for (std::size_t up = 1; up <= apex.labels(); ++up) {
      const ServedZone* const above = find(apex, up);
      if (above == nullptr) break;
      have_some.insert(above);
      up = apex.labels() - above->labels;
    }
  }
  std::vector<SharedList<ServedZone>::Change> changes;
  for (std::size_t i = 0; i < zones_.size(); ++i) {
    if (!have_some.contains(&zones_[i])) continue;
    changes.emplace_back(i, zones_[i]).second.has_zones_below = true;
  }
  zones_ = zones_.with(changes);
}

Snapshot::Snapshot(const Snapshot& before, std::span<const NewVersion> versions, std::size_t live_names)
    : zones_(with(before.zones_, versions)),
      index_(before.index_),
      depths_(before.depths_),
      zone_numbers_(before.zone_numbers_),
      live_names_(live_names) {
  find_out_size();
}

void Snapshot::find_out_size() noexcept {
  std::size_t memory = 0;
  for (std::size_t i = 0; i < zones_.size() && memory <= kLarge; ++i) memory += zones_[i].zone->memory();
  is_large_ = memory > kLarge;
}

const ServedZone* Snapshot::find(const HashedName& name, std::size_t from) const noexcept {
  for (std::size_t i = from; i <= name.labels(); ++i) {
    const std::size_t depth = depths_[name.labels() - i];
    if (depth == kNoApex) break;
    i = name.labels() - depth;
    const NameView apex = name.suffix(i);
    const std::uint32_t found =
        index_->find(name.hash(i), [&](std::uint32_t at) { return zones_[at].zone->apex() == apex; });
    if (found != NameIndex::kNone) return &zones_[found];
  }
  return nullptr;
}

NameHash Snapshot::prefetch(const HashedName& name) const noexcept {
  const std::size_t depth = depths_[name.labels()];
  const NameHash hash = depth != kNoApex ? name.hash(name.labels() - depth) : NameHash{0};
  index_->prefetch(hash);
  return hash;
}

const ServedZone* Snapshot::guess(NameHash hash) const noexcept {
  const std::uint32_t number = index_->guess(hash);
  return number == NameIndex::kNone ? nullptr : &zones_[number];
}

}  // namespace holdfast::zones
