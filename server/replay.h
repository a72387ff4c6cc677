#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "health/log/replay.h"
#include "health/target.h"
#include "server/past.h"
#include "zones/live/selection.h"

namespace holdfast::server {

/// The probes of whose members somebody wants to see go through other thresholds.
struct ReplayWish {
  std::string name{};                      ///< of a live name, with or without its final dot
  std::optional<zones::RrType> type{};     ///< null: those that it has
  std::optional<unsigned> fall{}, rise{};  ///< null: as configured
  Past::Time since{};
};

/// What one set of thresholds makes of the probes of a target.
struct World {
  health::Thresholds limits{};
  std::vector<health::Turn> turns{};
};

/// The probes of one target in both worlds. A value.
struct ReplayedTarget {
  health::TargetId target{};
  health::Verdict first = health::Verdict::unknown;  ///< when the replay begins
  World configured{}, other{};
  std::size_t logged = 0, put_back = 0;  ///< probes
  std::size_t transitions = 0;           ///< that the log has in that time
  std::vector<health::Silence> silences{};
};

/// A transition in both worlds; null where one has none.
struct TurnPair {
  std::optional<health::Turn> configured{}, other{};

  bool operator==(const TurnPair&) const = default;
};

/// Which transitions of the two worlds are the same one, sooner or later; by time. One that its world took back before the
/// other had it is in that world alone.
///
///   configured   UUUUDDDDUUUUUUUUUU
///   other        UUDDDDUUUUUUDDUUUU     pairs: down 4 and 2, up 8 and 6; down 12 and up 14 in the other world alone
std::vector<TurnPair> pair_up(const std::vector<health::Turn>& configured,
                              const std::vector<health::Turn>& other);

/// How long the target was down from `from` to `to`.
std::chrono::nanoseconds time_down(health::Verdict first, const std::vector<health::Turn>& turns,
                                   Past::Time from, Past::Time to);

/// What a family of a live name answered, one after the other.
struct Course {
  struct Answer {
    Past::Time from{};
    std::string text{};  ///< "192.0.2.10, 192.0.2.11 (alive)"

    bool operator==(const Answer&) const = default;
  };
  std::string zone{}, name{}, type{};
  std::vector<Answer> answers{};  ///< by time; the first from the beginning on
};

/// A time in which the two worlds answered differently.
struct Difference {
  Past::Time from{}, to{};
  std::string configured{}, other{};

  bool operator==(const Difference&) const = default;
};
std::vector<Difference> differences(const std::vector<Course::Answer>& configured,
                                    const std::vector<Course::Answer>& other, Past::Time from, Past::Time to);

/// What would have been different. A value.
struct Replayed {
  struct Answers {
    std::string zone{}, name{}, type{};
    std::vector<Difference> differences{};
  };
  Past::Time from{}, to{};
  bool is_cut = false;  ///< the log does not reach back to what was wanted
  std::vector<ReplayedTarget> targets{};
  std::vector<Answers> answers{};
};

}  // namespace holdfast::server
