#include "health/log/put_back.h"

namespace holdfast::health {
namespace {

/// Appends passes like `last`, an interval from each other, so that the next one starts at `next`. False: then there were more
/// than `most` in all.
bool append(std::vector<Seen>& seen, const Seen& last, std::chrono::milliseconds interval, Seen::Time next,
            std::size_t most) {
  // The one after a failure is in no slot of the schedule, the others are: counted from the later end it fits best.
  const auto room = next - last.started - interval / 4;
  auto left = room / interval;
  if (left > 0 && static_cast<std::size_t>(left) > most - seen.size()) return false;
  for (; left > 0; --left) {
    const auto started = next - left * interval;
    seen.push_back({started, started + (last.ended - last.started), true, true});
  }
  return true;
}

}  // namespace

std::optional<PutBack> put_back(const std::vector<Seen>& logged, std::chrono::milliseconds interval,
                                std::chrono::seconds passes_every, std::chrono::nanoseconds late,
                                Seen::Time end, std::size_t most) {
  PutBack result;
  for (std::size_t i = 0; i < logged.size(); ++i) {
    if (result.seen.size() == most) return std::nullopt;
    const Seen& last = logged[i];
    result.seen.push_back(last);
    const bool is_newest = i + 1 == logged.size();
    const Seen::Time until = is_newest ? end : logged[i + 1].ended;
    const auto longest = last.passed ? passes_every + late : late;
    if (until - last.ended > longest) {
      result.silences.push_back({last.ended, until});
    } else if (last.passed) {
      const Seen::Time next = is_newest ? last.started + (end - last.ended) / interval * interval + interval
                                        : logged[i + 1].started;
      if (!append(result.seen, last, interval, next, most)) return std::nullopt;
    }
  }
  return result;
}

}  // namespace holdfast::health
