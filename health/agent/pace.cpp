#include "health/agent/pace.h"

#include <algorithm>

namespace holdfast::health {

void Lag::add(std::chrono::steady_clock::duration lag) noexcept {
  const double seconds = std::chrono::duration<double>(lag).count();
  ++counts[static_cast<std::size_t>(std::lower_bound(kBounds.begin(), kBounds.end(), seconds) -
                                    kBounds.begin())];
  sum += seconds;
}

}  // namespace holdfast::health
