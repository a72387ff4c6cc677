#include "zones/snapshot.h"

#include <algorithm>

namespace holdfast::zones {

Snapshot::Snapshot(std::vector<ServedZone> zones, std::size_t live_names)
    : zones_(std::move(zones)), index_(zones_.size()), depths_(kMaxLabels, false), live_names_(live_names) {
  for (std::uint32_t i = 0; i < zones_.size(); ++i) {
    index_.add(hash_name(zones_[i].apex), i);
    depths_[zones_[i].apex.view().labels()] = true;
    zone_numbers_ = std::max<std::size_t>(zone_numbers_, zones_[i].number + 1ULL);
  }
}

const ServedZone* Snapshot::find(const HashedName& name, std::size_t from) const noexcept {
  for (std::size_t i = from; i <= name.labels(); ++i) {
    if (!depths_[name.labels() - i]) continue;
    const std::uint32_t found =
        index_.find(name.hash(i), [&](std::uint32_t at) { return zones_[at].apex.view() == name.suffix(i); });
    if (found != NameIndex::kNone) return &zones_[found];
  }
  return nullptr;
}

}  // namespace holdfast::zones
