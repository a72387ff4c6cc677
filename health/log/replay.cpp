#include "health/log/replay.h"

#include "health/verdict/flap.h"

namespace holdfast::health {
namespace {

/// The brake goes by a clock that never steps. In a log there is only the other one.
FlapBrake::Time steady(Seen::Time time) { return FlapBrake::Time(time.time_since_epoch()); }
Seen::Time wall(FlapBrake::Time time) { return Seen::Time(time.time_since_epoch()); }

class Replay {
 public:
  Replay(Thresholds limits, Verdict verdict) : limits_(limits), streak_{verdict, 0}, verdict_(verdict) {}

  void see(const Seen& seen) {
    let_go_by(seen.ended);
    const Verdict before = streak_.verdict;
    streak_ = fold(streak_, seen.passed, limits_);
    if (before != streak_.verdict) judge(seen.ended, seen.is_put_back);
  }

  /// Who is held down may come up meanwhile.
  void let_go_by(Seen::Time time) {
    if (brake_.due() <= steady(time)) judge(wall(brake_.due()), is_about_);
  }

  std::vector<Turn> turns;

 private:
  void judge(Seen::Time time, bool is_about) {
    is_about_ = is_about;
    const Verdict after = brake_.pass(verdict_, streak_.verdict, steady(time));
    if (after == verdict_) return;
    verdict_ = after;
    turns.push_back({time, after, is_about});
  }

  const Thresholds limits_;
  Streak streak_;
  FlapBrake brake_;
  Verdict verdict_;
  bool is_about_ = false;  // what began the hold
};

}  // namespace

std::vector<Turn> replay(std::span<const Seen> seen, Thresholds limits, Verdict verdict, Seen::Time end) {
  Replay replay(limits, verdict);
  for (const Seen& one : seen) replay.see(one);
  replay.let_go_by(end);
  return std::move(replay.turns);
}

}  // namespace holdfast::health
