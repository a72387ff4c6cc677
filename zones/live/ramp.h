#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "zones/live/pool.h"
#include "zones/live/selection.h"

namespace holdfast::zones {

/// Members that did not answer and may do so again, and since when: one that is drawn by its weight gets that back little by
/// little, over the `ramp_up` of its pool, so that it is not run over before it is warm. A value; time is passed in.
class Ramp {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::uint32_t kWhole = 64;  ///< parts of a weight

  /// Tells what the members are now. Who was down or drained when this was called before, and is no more, has returned.
  /// @param states  as whole_states() tells them
  void saw(const Pool& pool, const MemberStates& states, Time now);
  /// Forgets who has its whole weight by now.
  void tick(const Pool& pool, Time now);
  /// Nobody grows.
  bool empty() const noexcept { return since_.empty(); }

  /// How much of its weight each member has, of kWhole parts, at least one; empty: all have the whole.
  std::vector<std::uint32_t> parts(const Pool& pool, Time now) const;

  /// The same for another pool, of the members that are in both.
  Ramp carried(const Pool& from, const Pool& to) const;

  bool operator==(const Ramp&) const = default;

 private:
  std::vector<bool> out_;              // members that do not answer
  std::map<std::size_t, Time> since_;  // by place
};

}  // namespace holdfast::zones
