#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

namespace holdfast::health {

/// How one probe of a target ended, as far as a verdict depends on it. A value.
struct Seen {
  using Time = std::chrono::system_clock::time_point;

  Time started{}, ended{};
  bool passed = false;
  bool is_put_back = false;  ///< it is not in the log, and was at about that time

  bool operator==(const Seen&) const = default;
};

/// A time in which nothing of a target was logged that should have been: nobody looked, or the log lost it.
struct Silence {
  Seen::Time from{}, to{};

  bool operator==(const Silence&) const = default;
};

struct PutBack {
  std::vector<Seen> seen;  ///< by time
  std::vector<Silence> silences{};
};

/// Puts back the passes that thinning left out: what it leaves out are passes after a pass, one in every interval.
///
///   interval 5 s      0   5   10  15  20  25
///   logged            x   .           x   x
///   put back                  .   .
///
/// How many there were is right where the schedule was kept; when each was, is right to an interval.
///
/// @param logged  what the log has of one target, by time; none is put back
/// @param passes_every  so often the log has a pass at least
/// @param late  so long after the one before a probe comes at the latest
/// @param end  until then; what came after the last one is put back too
/// @return null: there were more than `most` in all
std::optional<PutBack> put_back(const std::vector<Seen>& logged, std::chrono::milliseconds interval,
                                std::chrono::seconds passes_every, std::chrono::nanoseconds late,
                                Seen::Time end, std::size_t most);

}  // namespace holdfast::health
