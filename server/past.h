#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "health/target.h"
#include "health/verdict/override_set.h"
#include "health/verdict/verdict.h"

namespace holdfast::server {

/// What was so at some time, as the log has it, as far as the answers of a name depend on it. A value.
struct Past {
  using Time = std::chrono::system_clock::time_point;

  /// A verdict became another one.
  struct Change {
    Time time{};
    health::TargetId target{};
    health::Verdict after = health::Verdict::unknown;
  };
  /// An override, and when it was in force.
  struct Decision {
    health::Override override_{};
    Time begin{};
    std::optional<Time> end{};  ///< null: it still is

    bool operator==(const Decision&) const = default;
  };
  /// What was believed of a target at one moment.
  struct Known {
    health::Verdict verdict = health::Verdict::unknown;
    std::optional<Time> since{};                           ///< null: longer than the log reaches back
    std::string outcome{}, detail{}, agent{}, location{};  ///< of what decided; empty: no probe, or not known
  };

  std::map<health::TargetId, health::Verdict> first{};  ///< before the first change
  std::vector<Change> changes{};                        ///< by time
  std::vector<Decision> decisions{};                    ///< by begin

  // Of the moment that is asked about, where it is only one:
  std::map<health::TargetId, Known> known{};
  std::size_t reloads = 0;  ///< since then
  std::optional<Time> last_reload{};
  std::optional<std::pair<Time, Time>> silence{};  ///< around it nobody saw anything, or nothing was logged
};

/// Called again and again by what takes long. Throws what is to end it; empty: nothing does.
using GoOn = std::function<void()>;

/// Steps of one walk, at most, for who may be kept waiting by it: a second with ten members.
inline constexpr std::size_t kMostSteps = 100'000;

/// Goes through a past, from one moment at which anything changed to the next. Borrows it. A step takes as long as much
/// changes there.
class PastWalk {
 public:
  /// Of one subject no two decisions are in force at a time.
  explicit PastWalk(const Past& past, GoOn go_on = {});

  /// The next moment at which something changes; null: nothing does any more.
  std::optional<Past::Time> next() const;
  /// Goes there.
  void step();

  const std::map<health::TargetId, health::Verdict>& verdicts() const noexcept { return verdicts_; }
  const health::OverrideSet& overrides() const noexcept { return overrides_; }

 private:
  const Past& past_;
  std::map<health::TargetId, health::Verdict> verdicts_;
  health::OverrideSet overrides_;
  std::vector<const Past::Decision*> begins_, ends_;  // by begin, by end
  std::size_t next_change_ = 0, next_begin_ = 0, next_end_ = 0;
  const GoOn go_on_;
};

}  // namespace holdfast::server
