#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "zones/dns/hashed_name.h"
#include "zones/shared_list.h"
#include "zones/zone.h"

namespace holdfast::zones {

/// Number of a zone for counters. Stable for the life of the process, over reloads too.
using ZoneNumber = std::uint32_t;
inline constexpr ZoneNumber kNoZone = 0xffffffffU;

/// One of the zones that we are to serve. Never null; one that could not be loaded is Zone::unavailable().
struct ServedZone {
  std::shared_ptr<const Zone> zone;
  ZoneNumber number = kNoZone;
  bool is_versioned = false;  ///< its serial is in the SerialTable, if anywhere
  bool is_private = false;    ///< a catalog: only for those who may transfer it (RFC 9432 7)
  // What Snapshot finds out:
  bool has_zones_below = false;  ///< another zone that we serve is below its apex
  std::uint8_t labels = 0;       ///< of the apex, the root's not counted
};

/// All zones we serve, as of one load. Immutable after construction, so any thread may read it.
///
/// Holds one zone per apex. Lookup cost grows with the labels of QNAME, not with the number of zones.
class Snapshot {
 public:
  Snapshot() : Snapshot(std::vector<ServedZone>{}) {}
  /// @param live_names  one more than the highest LiveIndex in any of the zones
  explicit Snapshot(std::vector<ServedZone> zones, std::size_t live_names = 0);
  using NewVersion = std::pair<std::size_t, std::shared_ptr<const Zone>>;  ///< of the zone at this place
  /// The same zones, some of them in new versions. Costs little however many there are.
  Snapshot(const Snapshot& before, std::span<const NewVersion> versions, std::size_t live_names);

  /// The deepest zone at or above `name`, or null if we serve none (the answer is then REFUSED).
  const ServedZone* find(const HashedName& name) const noexcept { return find(name, 0); }
  /// The same; quick when it is `near`, the zone of the query before or null.
  const ServedZone* find_near(const ServedZone* near, const HashedName& name) const noexcept {
    return near != nullptr && !near->has_zones_below && is_below(name, *near) ? near : find(name);
  }
  /// The same as find(), but strictly above: the parent's side of a zone cut, where DS is asked (RFC 4035 3.1.4.1).
  const ServedZone* find_above(const HashedName& name) const noexcept { return find(name, 1); }

  const SharedList<ServedZone>& zones() const noexcept { return zones_; }
  /// One more than the highest number of a zone; one more than the highest index of a live name.
  std::size_t zone_numbers() const noexcept { return zone_numbers_; }
  std::size_t live_names() const noexcept { return live_names_; }

  /// Whether the data is so large that lookups gain from the hints below.
  bool is_large() const noexcept { return is_large_; }
  /// Fetches into the cache what find() will need first. @return what guess() wants
  NameHash prefetch(const HashedName& name) const noexcept;
  /// The zone that find() will most likely give, or null. A hint.
  const ServedZone* guess(NameHash hash) const noexcept;

 private:
  /// Whether the name is at or below the zone's apex.
  static bool is_below(const HashedName& name, const ServedZone& served) noexcept {
    return name.labels() >= served.labels &&
           name.suffix(name.labels() - served.labels) == served.zone->apex();
  }
  void find_out_size() noexcept;
  void find_zones_below();
  const ServedZone* find(const HashedName& name, std::size_t from) const noexcept;
  SharedList<ServedZone> zones_;
  std::shared_ptr<const NameIndex> index_;  // of zones_, by apex
  // For a name of n labels, where an apex can be: the most labels up to n that any apex has; kNoApex: none.
  static constexpr std::uint8_t kNoApex = 0xff;
  std::array<std::uint8_t, kMaxLabels> depths_;
  std::size_t zone_numbers_ = 0;
  std::size_t live_names_ = 0;
  bool is_large_ = false;
};

}  // namespace holdfast::zones
