#include "health/notify/digest.h"

#include <algorithm>

#include "health/notify/quiet.h"

namespace holdfast::health {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::hours kHour{1};

bool is_about(const EventPtr& event, const TargetId& target) {
  return event->kind == EventKind::transition && event->target == target;
}

}  // namespace

bool Digest::is_news(const Event& event) const {
  if (event.kind == EventKind::configuration) return event.is_bad;
  if (event.kind != EventKind::transition || event.before != Verdict::unknown || event.after != Verdict::up)
    return true;
  if (!event.target) return true;
  return down_.contains(*event.target) || std::any_of(waiting_.begin(), waiting_.end(), [&](const auto& one) {
           return is_about(one, *event.target);
         });
}

unsigned Digest::add(EventPtr event, const Moment& now) {
  if (!is_news(*event)) return 0;
  if (waiting_.empty()) opened_ = now.steady;
  if (is_bad(*event) && !bad_since_) bad_since_ = now.steady;
  waiting_.push_back(std::move(event));
  if (waiting_.size() <= kMaxEvents) return 0;
  learn(waiting_.front());
  waiting_.pop_front();
  ++left_out_;
  return 1;
}

/// What is down, as far as the events up to this one say.
void Digest::learn(const EventPtr& event) {
  if (event->kind != EventKind::transition || !event->target) return;
  if (event->after == Verdict::down && !gone_.contains(*event->target)) {
    down_[*event->target] = event;
  } else {
    down_.erase(*event->target);
  }
}

void Digest::keep(const std::set<TargetId>& watched) {
  std::erase_if(down_, [&](const auto& known) { return !watched.contains(known.first); });
  gone_.clear();
  for (const EventPtr& event : waiting_) {
    if (event->target && !watched.contains(*event->target)) gone_.insert(*event->target);
  }
}

Digest::Steady Digest::room(const Rules& rules, Steady now) const {
  // Who told more than `hourly` under other rules waits until enough of it is an hour ago.
  const auto recent = static_cast<std::size_t>(
      std::count_if(told_.begin(), told_.end(), [&](Steady told) { return told + kHour > now; }));
  const std::size_t most = std::max(1U, rules.hourly);
  return recent < most ? now : told_[told_.size() - most] + kHour;
}

std::optional<Digest::Steady> Digest::news_due(const Rules& rules, const Moment& now) const {
  if (waiting_.empty()) return std::nullopt;
  Steady due = std::max<Steady>(opened_ + rules.group,
                                now.steady + quiet_left(rules.quiet, rules.time_zone, now.wall));
  if (rules.urgent && bad_since_) due = std::min<Steady>(due, *bad_since_ + rules.group);
  return std::max(due, room(rules, now.steady));
}

std::optional<Digest::Steady> Digest::reminder_due(const Rules& rules, const Moment& now) const {
  if (rules.repeat.count() == 0 || down_.empty()) return std::nullopt;
  return std::max<Steady>({last_told_ + rules.repeat, room(rules, now.steady),
                           now.steady + quiet_left(rules.quiet, rules.time_zone, now.wall)});
}

std::optional<milliseconds> Digest::wait(const Rules& rules, const Moment& now) const {
  const auto news = news_due(rules, now), reminder = reminder_due(rules, now);
  if (!news && !reminder) return std::nullopt;
  const Steady due = std::min(news.value_or(Steady::max()), reminder.value_or(Steady::max()));
  return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(due - now.steady));
}

std::optional<Notification> Digest::take(const Rules& rules, const Moment& now) {
  const auto news = news_due(rules, now), reminder = reminder_due(rules, now);
  Notification told{.time = now.wall};
  if (news && *news <= now.steady) {
    told.events.assign(waiting_.begin(), waiting_.end());
    told.left_out = std::exchange(left_out_, 0);
    told.id = told.events.front()->id;
    waiting_.clear();
    bad_since_.reset();
    for (const EventPtr& event : told.events) learn(event);
    gone_.clear();
  } else if (reminder && *reminder <= now.steady) {
    told.kind = Notification::Kind::reminder;
    for (const auto& [target, event] : down_) told.events.push_back(event);
    std::sort(told.events.begin(), told.events.end(),
              [](const auto& a, const auto& b) { return a->id < b->id; });
    told.id = told.events.front()->id + "-again-" + std::to_string(++reminders_);
  } else {
    return std::nullopt;
  }
  told_.push_back(now.steady);
  while (told_.front() + kHour <= now.steady) told_.pop_front();
  last_told_ = now.steady;
  return told;
}

}  // namespace holdfast::health
