#pragma once

#include <array>

#include "zones/snapshot.h"

namespace holdfast::zones {

/// Brings what Snapshot::find() and lookup() will need of several names into the cache, side by side: the zone, then the
/// name, or else what stands above it. Nothing depends on it but time.
class Prefetch {
 public:
  static constexpr std::size_t kMost = 16;  ///< names: no core fetches more at once

  Prefetch() noexcept {}
  /// At most kMost, which have to stay where they are.
  void add(const HashedName& name) noexcept { hints_[count_++].name = &name; }
  void fetch(const Snapshot& zones) noexcept;

 private:
  /// One name on its way to its node.
  struct Hint {
    const HashedName* name;
    const ServedZone* served;
    NameHash hash;
    std::size_t up;  // labels of the name that are left out
  };

  void find_zones(const Snapshot& zones) noexcept;
  void find_nodes() noexcept;
  // A step of each ends with a fetch, and all make it before any makes the next.
  void each(auto step) noexcept;
  void each_that(auto step) noexcept;

  std::array<Hint, kMost> hints_;  // not initialised: a name must not pay for those that are not there
  std::size_t count_ = 0;
};

}  // namespace holdfast::zones
