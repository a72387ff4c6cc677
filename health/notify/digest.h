#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "health/notify/notification.h"
#include "health/notify/settings.h"

namespace holdfast::health {

/// Two clocks at one moment: the one to measure by, the other for people and their quiet hours.
struct Moment {
  std::chrono::steady_clock::time_point steady{};
  std::chrono::system_clock::time_point wall{};
};

/// When one contact wants to be told.
struct Rules {
  std::chrono::milliseconds group{10000};
  std::chrono::milliseconds repeat{0};  ///< 0: no reminders
  unsigned hourly = 30;
  std::vector<QuietTime> quiet{};
  TimeZone time_zone = TimeZone::utc;
  bool urgent = false;
};

/// What one contact is still to be told. Pure: time is passed in, and nothing is sent here.
///
/// The first event opens a window of `group`; what happens until it ends is told together. Quiet hours, and `hourly`
/// notifications within one hour, only put the end off, so that all that was held comes as one. Where the contact says
/// `urgent`, quiet hours put it off no further than to `group` after the first event that is bad.
///
///   group 10 s       0 web down   2 mail down   9 web up                10 told: all three
///   quiet to 07:00   23:10 web down   01:30 web up                      07:00 told: both
///   hourly 2         00:00 told   00:20 told   00:30, 00:50 web down    01:00 told: both
///   repeat 1 h       00:00 web down, told   01:00 reminded   01:40 web up, told; no more
class Digest {
 public:
  /// Events that wait at most; of more the oldest is left out, and counted.
  static constexpr std::size_t kMaxEvents = 1000;

  /// @return the events that had to be left out for it: 0 or 1. What is no news is not taken: a target that is up when it
  ///         is probed first, a reload of which nothing was refused.
  unsigned add(EventPtr event, const Moment& now);
  /// Nobody is reminded of other targets than these. What is still to be told of others is told.
  void keep(const std::set<TargetId>& watched);

  /// How long there will be nothing to tell if nothing happens; 0: take() gives something. Null: for ever.
  std::optional<std::chrono::milliseconds> wait(const Rules& rules, const Moment& now) const;
  /// What is to be told now, without the name of the contact. Empty before wait() is 0.
  std::optional<Notification> take(const Rules& rules, const Moment& now);

  std::size_t waiting() const noexcept { return waiting_.size(); }

 private:
  using Steady = std::chrono::steady_clock::time_point;

  bool is_news(const Event& event) const;
  std::optional<Steady> news_due(const Rules& rules, const Moment& now) const;
  std::optional<Steady> reminder_due(const Rules& rules, const Moment& now) const;
  Steady room(const Rules& rules, Steady now) const;

  std::deque<EventPtr> waiting_;
  Steady opened_{};                  // the window of what is waiting
  std::optional<Steady> bad_since_;  // the first of these that is bad
  std::uint64_t left_out_ = 0;
  void learn(const EventPtr& event);

  std::map<TargetId, EventPtr> down_;  // as far as was told
  std::set<TargetId> gone_;            // what is waiting is about them, and nobody watches them any more
  std::deque<Steady> told_;            // within an hour
  Steady last_told_{};
  std::uint64_t reminders_ = 0;
};

}  // namespace holdfast::health
