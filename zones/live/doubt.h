#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "zones/live/selection.h"

namespace holdfast::zones {

inline constexpr std::uint32_t kFloorTtl = 5;  ///< seconds; no doubt makes a TTL shorter than this

/// A member whose state may be another one soon.
struct Doubt {
  MemberIndex member = 0;
  MemberState then = MemberState::unknown;  ///< what it may be
  std::chrono::seconds left{0};             ///< until that could be at the soonest
};

/// Chooses as the other does, with a TTL that does not outlast what is chosen, as far as that is known. Pure.
///
///   in doubt                                                  TTL
///   nobody                                                    as without doubts
///   who would change the answer, were it `then`: alone, or
///     together with those who could be so before it           the shorter one: that, or what is left, at least kFloorTtl
///   who would not: of a tier that does not answer, of a
///     pool that nobody falls back to, one more of too few     as without doubts
///
/// @param doubts  each member at most once
Selection select(const Pool& pool, const MemberStates& states, Family family,
                 const std::vector<MemberIndex>& last_good, std::vector<Doubt> doubts);

/// Whether the same is answered, for whatever time.
bool is_same_but_for_ttl(Selection one, const Selection& other);

}  // namespace holdfast::zones
