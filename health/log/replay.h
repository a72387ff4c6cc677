#pragma once

#include <span>
#include <vector>

#include "health/agent/fold.h"
#include "health/log/put_back.h"
#include "health/verdict/verdict.h"

namespace holdfast::health {

/// A verdict that became another one.
struct Turn {
  Seen::Time time{};
  Verdict after = Verdict::unknown;
  bool is_about = false;  ///< it hangs on a probe whose time is known only to an interval

  bool operator==(const Turn&) const = default;
};

/// What would have been believed of a target with other thresholds: what was seen goes through fold() and FlapBrake, as it
/// does in service. The probes are those that were made: with other thresholds they would have been made at other times.
///
/// @param seen  by time
/// @param verdict  before the first one
/// @param end  until then a target that is held down may come up
std::vector<Turn> replay(std::span<const Seen> seen, Thresholds limits, Verdict verdict, Seen::Time end);

}  // namespace holdfast::health
