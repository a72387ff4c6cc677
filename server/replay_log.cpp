#include "server/replay_log.h"

#include <fmt/format.h>

#include <algorithm>

#include "health/agent/schedule.h"
#include "health/event.h"
#include "health/utc.h"
#include "health/verdict/flap.h"

namespace holdfast::server {
namespace {

using health::LogEntry;
using health::Seen;

/// What flapped before the time that is asked about counts in it: so much of it is gone through first.
constexpr auto kRunIn = health::kFlapWindow;

constexpr std::chrono::hours kLongestProbe{1};  // as [monitor.NAME] timeout has it

/// When it began. A damaged log says anything.
Seen::Time start_of(const LogEntry& probe) {
  return probe.time - std::clamp<std::chrono::microseconds>(probe.total, {}, kLongestProbe);
}

/// The probes of a target; null: they are more than `most`.
std::optional<std::vector<Seen>> read_seen(const ReadLog& read, const health::LogQuery& query,
                                           std::size_t most) {
  std::vector<Seen> seen;
  each_entry(read, query, [&](const LogEntry& one) {
    seen.push_back({start_of(one), one.time, one.outcome == text(health::Outcome::passed)});
    return seen.size() <= most;
  });
  if (seen.size() > most) return std::nullopt;
  // What was written late stands behind what happened later.
  std::stable_sort(seen.begin(), seen.end(), [](const Seen& a, const Seen& b) { return a.ended < b.ended; });
  return seen;
}

/// The past of all targets in one world, from `begin` on.
Past past_of(const Past& start, const std::vector<ReplayedTarget>& targets, World ReplayedTarget::*world,
             Past::Time begin) {
  Past past;
  std::copy_if(start.decisions.begin(), start.decisions.end(), std::back_inserter(past.decisions),
               [&](const Past::Decision& one) { return !one.end || *one.end > begin; });
  for (const auto& [target, known] : start.known) past.first[target] = known.verdict;
  for (const ReplayedTarget& one : targets) {
    for (const health::Turn& turn : (one.*world).turns)
      past.changes.push_back({turn.time, one.target, turn.after});
  }
  std::stable_sort(past.changes.begin(), past.changes.end(),
                   [](const auto& a, const auto& b) { return a.time < b.time; });
  return past;
}

}  // namespace

std::variant<Replayed, std::string> read_replay(const ReadLog& read, const Present& present,
                                                std::span<const health::TargetId> targets,
                                                const ReplayWish& wish, const ReadCourse& course,
                                                Past::Time now) {
  const auto begin = log_begin(read);
  if (!begin) return "nothing stands in the log as yet; ask again in a moment";
  if (*begin >= now) {  // it was written meanwhile, or the clock was ahead
    return fmt::format(
        "the log begins at {}, which is not over by this clock: there is nothing to replay as yet; ask again "
        "later, and see whether the clock was set back",
        health::rfc3339(*begin));
  }
  Replayed replayed{.from = std::max(wish.since, *begin), .to = now, .is_cut = wish.since < *begin};
  const Past::Time run_in = std::max(replayed.from - kRunIn, *begin);
  const auto start = read_past(read, present, targets, run_in);
  if (const auto* wrong = std::get_if<std::string>(&start)) return *wrong;
  const Past& past = std::get<Past>(start);
  std::size_t room = kMostReplayed, whole_room = kMostPutBack;
  const auto too_many = [&](std::size_t most, std::string_view what) {
    return fmt::format("more than {} probes {} since {}; say a later --since", most, what,
                       health::rfc3339(wish.since));
  };
  for (const health::MergedStatus& status : present.targets) {
    const health::Target& target = status.target;
    if (std::find(targets.begin(), targets.end(), target.id) == targets.end()) continue;
    const auto logged = read_seen(read,
                                  {.kinds = {std::string(health::kProbeKind)},
                                   .targets = std::vector{target.id},
                                   .since = run_in,
                                   .until = now},
                                  room);
    if (!logged) return too_many(kMostReplayed, "are in the log");
    room -= logged->size();
    ReplayedTarget one{.target = target.id, .first = past.known.at(target.id).verdict};
    each_entry(read,
               {.kinds = {std::string(text(health::EventKind::transition))},
                .targets = std::vector{target.id},
                .since = replayed.from,
                .until = now},
               [&](const LogEntry&) { return ++one.transitions < kMostReplayed; });
    one.configured.limits = {target.monitor.rise, target.monitor.fall};
    one.other.limits = {wish.rise.value_or(target.monitor.rise), wish.fall.value_or(target.monitor.fall)};
    auto whole = put_back(*logged, target.monitor.interval, present.passes_every, health::late_after(target),
                          now, whole_room);
    if (!whole) return too_many(kMostPutBack, "were made");
    whole_room -= whole->seen.size();
    for (World* world : {&one.configured, &one.other})
      world->turns = health::replay(whole->seen, world->limits, one.first, now);
    const auto is_wanted = [&](const Seen& seen) { return seen.ended >= replayed.from; };
    one.put_back =
        static_cast<std::size_t>(std::count_if(whole->seen.begin(), whole->seen.end(), [&](const Seen& seen) {
          return is_wanted(seen) && seen.is_put_back;
        }));
    one.logged = static_cast<std::size_t>(std::count_if(whole->seen.begin(), whole->seen.end(), is_wanted)) -
                 one.put_back;
    one.silences = std::move(whole->silences);
    std::erase_if(one.silences, [&](const health::Silence& silence) { return silence.to < replayed.from; });
    replayed.targets.push_back(std::move(one));
  }
  const auto configured = course(past_of(past, replayed.targets, &ReplayedTarget::configured, run_in));
  const auto other = course(past_of(past, replayed.targets, &ReplayedTarget::other, run_in));
  for (const auto* courses : {&configured, &other}) {
    if (const auto* wrong = std::get_if<std::string>(courses)) return *wrong + "; say a later --since";
  }
  const auto &a = std::get<0>(configured), &b = std::get<0>(other);
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    replayed.answers.push_back({a[i].zone, a[i].name, a[i].type,
                                differences(a[i].answers, b[i].answers, replayed.from, replayed.to)});
  }
  return replayed;
}

}  // namespace holdfast::server
