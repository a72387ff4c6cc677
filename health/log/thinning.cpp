#include "health/log/thinning.h"

#include <algorithm>

namespace holdfast::health {
namespace {

/// A target that was not seen for so long, twice the longest interval, is gone.
constexpr std::chrono::hours kGone{2};

}  // namespace

std::chrono::seconds pass_interval(std::size_t targets, const LogSettings& log) noexcept {
  const double passes = static_cast<double>(log.size) / 2 / static_cast<double>(kObservationOctets);
  const double seconds = static_cast<double>(targets) * static_cast<double>(log.keep.count()) / passes;
  return std::max(kPassInterval, std::chrono::seconds(static_cast<std::int64_t>(seconds)));
}

bool Thinning::keeps(const Observation& seen) {
  if (seen.ended - looked_ >= kGone) forget_the_gone(seen.ended);
  const auto [place, is_new] = targets_.try_emplace(seen.target);
  Seen& before = place->second;
  before.last = seen.ended;
  if (!seen.passed()) return before.failed = true;
  if (!is_new && !before.failed && seen.ended - before.kept < pass_interval(targets_.size(), log_))
    return false;
  before.failed = false;
  before.kept = seen.ended;
  return true;
}

void Thinning::forget_the_gone(Time now) {
  std::erase_if(targets_, [&](const auto& target) { return now - target.second.last >= kGone; });
  looked_ = now;
}

}  // namespace holdfast::health
