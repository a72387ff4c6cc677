#include "zones/snapshot.h"

#include <algorithm>
#include <bit>

namespace holdfast::zones {
namespace {

constexpr std::size_t kLarge = std::size_t{1}
                               << 20;  // octets: more than a core's own cache holds beside other things

}  // namespace

Snapshot::Snapshot(std::vector<ServedZone> zones, std::size_t live_names)
    : zones_(std::move(zones)), index_(zones_.size()), live_names_(live_names) {
  std::size_t memory = 0;
  for (std::uint32_t i = 0; i < zones_.size(); ++i) {
    const NameView apex = zones_[i].zone->apex();
    index_.add(hash_name(apex), i);
    depths_ |= Depths{1} << apex.labels();
    zone_numbers_ = std::max<std::size_t>(zone_numbers_, zones_[i].number + 1ULL);
    memory += zones_[i].zone->memory();
  }
  is_large_ = memory > kLarge;
  if ((depths_ & (depths_ - 1)) == 0) return;  // all have as many labels
  for (const ServedZone& served : zones_) {
    const HashedName apex(served.zone->apex());
    for (std::size_t i = next_apex(apex, 1); i <= apex.labels(); i = next_apex(apex, i + 1)) {
      const ServedZone* above = find(apex, i);
      if (above != nullptr) zones_[static_cast<std::size_t>(above - zones_.data())].has_zones_below = true;
    }
  }
}

std::size_t Snapshot::next_apex(const HashedName& name, std::size_t from) const noexcept {
  if (from > name.labels()) return from;
  const std::size_t deepest = name.labels() - from;
  const Depths below =
      depths_ << (kMaxLabels - 1 - deepest);  // the deepest that counts is now the highest bit
  const auto high = static_cast<std::uint64_t>(below >> 64);
  const auto low = static_cast<std::uint64_t>(below);
  if (high != 0) return from + static_cast<std::size_t>(std::countl_zero(high));
  return low != 0 ? from + 64 + static_cast<std::size_t>(std::countl_zero(low)) : name.labels() + 1;
}

const ServedZone* Snapshot::find(const HashedName& name, std::size_t from) const noexcept {
  for (std::size_t i = next_apex(name, from); i <= name.labels(); i = next_apex(name, i + 1)) {
    const NameView apex = name.suffix(i);
    const std::uint32_t found =
        index_.find(name.hash(i), [&](std::uint32_t at) { return zones_[at].zone->apex() == apex; });
    if (found != NameIndex::kNone) return &zones_[found];
  }
  return nullptr;
}

NameHash Snapshot::prefetch(const HashedName& name) const noexcept {
  const std::size_t i = next_apex(name, 0);
  const NameHash hash = i <= name.labels() ? name.hash(i) : NameHash{0};
  index_.prefetch(hash);
  return hash;
}

const Zone* Snapshot::guess(NameHash hash) const noexcept {
  const std::uint32_t number = index_.guess(hash);
  return number == NameIndex::kNone ? nullptr : zones_[number].zone.get();
}

}  // namespace holdfast::zones
