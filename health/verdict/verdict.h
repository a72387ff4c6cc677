#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "health/observation.h"
#include "health/verdict/doubt.h"
#include "health/verdict/time_in_verdict.h"

namespace holdfast::health {

/// What we believe of a target. Unknown: not enough was seen to believe anything; it is treated as alive.
enum class Verdict : std::uint8_t { unknown, up, down };

/// "unknown", "up", "down"
std::string_view text(Verdict verdict) noexcept;

/// All that is known of one target, as of one moment. A value.
struct TargetStatus {
  Target target;
  Verdict verdict = Verdict::unknown;
  std::chrono::system_clock::time_point since{};  ///< of the verdict; of the first watch while unknown
  std::optional<Observation> last;                ///< null: the first probe has not ended
  std::uint64_t transitions = 0;                  ///< between up and down, both ways, since the start
  TimeInVerdict time{};
  /// Since something was last seen of it, or else since it is watched, with these settings. For arithmetic.
  std::chrono::steady_clock::duration unseen{};
  bool late = false;  ///< unseen for 3 intervals and a timeout: the verdict says how it was then
  /// The end of the first probe that spoke against the verdict before; of the last one while none did.
  std::chrono::steady_clock::time_point doubted{};
  Doubt doubt{};  ///< as of the first of the probes that speak against the verdict

  bool observed() const noexcept { return last.has_value(); }
};

}  // namespace holdfast::health
