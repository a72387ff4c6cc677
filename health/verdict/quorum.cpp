#include "health/verdict/quorum.h"

#include <algorithm>

namespace holdfast::health {
namespace {

/// Locations that must say down, of `all` that say something.
std::size_t needed(Quorum quorum, std::size_t all) noexcept {
  std::size_t least = all / 2 + 1;
  if (quorum.rule == Quorum::Rule::any) least = 1;
  if (quorum.rule == Quorum::Rule::all) least = all;
  if (quorum.rule == Quorum::Rule::number) least = std::min<std::size_t>(quorum.number, all);
  return std::max<std::size_t>(least, 2);  // never on one opinion when several are to be had
}

}  // namespace

Ruling decide(Verdict before, std::span<const LocationVote> locations, Quorum quorum, std::size_t configured,
              std::chrono::nanoseconds alone_for) noexcept {
  std::size_t up = 0, down = 0;
  for (const LocationVote& location : locations) {
    up += location.verdict() == Verdict::up;
    down += location.verdict() == Verdict::down;
  }
  const std::size_t all = up + down;
  if (all == 0) return {before, Basis::nobody};
  if (all == 1) {
    if (configured > 1 && alone_for < kAlone) return {before, Basis::alone};
    return {down == 1 ? Verdict::down : Verdict::up, Basis::single};
  }
  return {down >= needed(quorum, all) ? Verdict::down : Verdict::up, Basis::quorum};
}

bool hangs_on_one(std::span<const LocationVote> locations, Quorum quorum) noexcept {
  std::size_t up = 0, down = 0;
  for (const LocationVote& location : locations) {
    up += location.verdict() == Verdict::up;
    down += location.verdict() == Verdict::down;
  }
  if (up == 0 || down == 0) return false;
  const std::size_t least = needed(quorum, up + down);
  return down >= least ? down - 1 < least : down + 1 >= least;
}

}  // namespace holdfast::health
