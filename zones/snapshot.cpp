#include "zones/snapshot.h"

#include <algorithm>
#include <bit>

namespace holdfast::zones {

Snapshot::Snapshot(std::vector<ServedZone> zones, std::size_t live_names)
    : zones_(std::move(zones)), depths_(kMaxLabels, false), live_names_(live_names) {
  slots_.assign(std::bit_ceil(zones_.size() * 4 / 3 + 1), Slot{0, kFree});
  for (std::uint32_t i = 0; i < zones_.size(); ++i) {
    const NameHash hash = hash_name(zones_[i].apex);
    std::size_t at = hash & (slots_.size() - 1);
    while (slots_[at].zone != kFree) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = {hash, i};
    depths_[zones_[i].apex.view().labels()] = true;
    zone_numbers_ = std::max<std::size_t>(zone_numbers_, zones_[i].number + 1ULL);
  }
}

const ServedZone* Snapshot::find(const HashedName& name, std::size_t from) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = from; i <= name.labels(); ++i) {
    if (!depths_[name.labels() - i]) continue;
    const NameHash hash = name.hash(i);
    for (std::size_t at = hash & mask; slots_[at].zone != kFree; at = (at + 1) & mask) {
      const ServedZone& served = zones_[slots_[at].zone];
      if (slots_[at].hash == hash && served.apex.view() == name.suffix(i)) return &served;
    }
  }
  return nullptr;
}

}  // namespace holdfast::zones
