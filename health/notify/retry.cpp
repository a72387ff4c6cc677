#include "health/notify/retry.h"

#include <algorithm>

namespace holdfast::health {

using std::chrono::milliseconds;

std::optional<milliseconds> next_retry(unsigned failed, milliseconds since_first, double chance,
                                       std::optional<std::chrono::seconds> asked) {
  constexpr unsigned kDoublings = 16;  // far above what kLongestRetry allows
  const milliseconds doubled = std::min(kFirstRetry * (1 << std::min(failed - 1, kDoublings)), kLongestRetry);
  const double part = 0.75 + 0.5 * std::clamp(chance, 0.0, 1.0);
  auto wait = milliseconds(static_cast<milliseconds::rep>(static_cast<double>(doubled.count()) * part));
  if (asked) {
    const std::chrono::seconds most = std::chrono::duration_cast<std::chrono::seconds>(kLongestAsked);
    wait = std::max(wait, milliseconds(std::clamp(*asked, std::chrono::seconds(0), most)));
  }
  if (since_first + wait > kGiveUp) return std::nullopt;
  return wait;
}

}  // namespace holdfast::health
