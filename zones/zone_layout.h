#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "zones/block.h"
#include "zones/zone.h"

namespace holdfast::zones {

/// The octets of a zone as they lie in memory, its prebuilt answers among them, for a file that spares the next start the
/// work. What they mean changes with the code that lays them out: only the same build of the program may take them back, and
/// it trusts them.
struct ZoneLayout {
  std::uint32_t nodes_end = 0;  ///< octets of them that are nodes
  std::uint32_t nodes = 0;
  std::uint32_t prebuilt = 0;  ///< octets of prebuilt answers; 0: it was not prebuilt
  std::uint32_t records = 0;
  std::span<const std::uint8_t> octets{};  ///< borrowed; large parts may be zero

  /// Without octets where it was patched: then it lies in more places than one.
  static ZoneLayout of(const Zone& zone);
  /// The zone that has `octets`, in the place of those borrowed, and that is live where it was when they were laid out: the
  /// names have to be the same, their indexes need not. Null: they are not, or the octets are none of a zone.
  std::shared_ptr<Zone> restore(Block octets, std::span<const LiveName> live) const;
};

}  // namespace holdfast::zones
