#include "health/agent/fold.h"

namespace holdfast::health {

Streak fold(Streak before, bool passed, Thresholds limits) noexcept {
  const auto seen = passed ? Verdict::up : Verdict::down;
  if (seen == before.verdict) return {seen, 0};
  if (before.verdict == Verdict::unknown && passed) return {Verdict::up, 0};

  const unsigned dissent = before.dissent + 1;
  const unsigned needed = passed ? limits.rise : limits.fall;
  return dissent >= needed ? Streak{seen, 0} : Streak{before.verdict, dissent};
}

}  // namespace holdfast::health
