#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "zones/replicate/incoming.h"
#include "zones/zone.h"

namespace holdfast::zones {

// A version that has fewer than half of the names, and has lost more than these, is refused: the .de zone once came with 28 of
// 100 names.
inline constexpr std::size_t kShrinkNames = 20;
inline constexpr std::size_t kShrinkPercent = 50;

struct AcceptInput {
  NameView apex;
  const Zone* before = nullptr;      ///< the version that is served; null or unavailable: none
  std::span<const LiveName> live{};  ///< those of the configuration
  bool may_shrink = false;           ///< somebody said so
  bool may_patch = true;  ///< a few changes may make a zone that shares the octets of the one before
};

/// What becomes of a transfer.
struct Accepted {
  std::shared_ptr<Zone> zone{};  ///< not yet prebuilt; null: refused
  std::string problem{};         ///< why it was refused: "no NS at example.: ..."
  /// The live names that the zone has. At the others of the configuration it answers what the primary has there.
  std::vector<LiveName> live{};
  std::vector<std::string> warnings{};  ///< why at the others
};

/// Makes the next version of a zone of what was transferred, which is not UpToDate. Pure. The version before is as it was,
/// whatever was transferred.
///
/// Refused is what check_zone finds errors in, a change that does not fit the version before, a zone that shrank too much, and
/// a signed one that is to have live names. That a live name does not fit any more, below a new zone cut for instance, is no
/// reason: everything else is as good as before.
Accepted accept(Received received, const AcceptInput& input);

}  // namespace holdfast::zones
