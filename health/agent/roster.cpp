#include "health/agent/roster.h"

#include <algorithm>
#include <utility>

namespace holdfast::health {
namespace {

/// What is this late was held up by us (SIGSTOP, a starved machine): it says nothing about a target.
constexpr std::chrono::seconds kStall{1};
/// Whoever starts more probes than it has time for lets them all run out of time. The next look comes after what those
/// in flight have to do by then, so that there are never many more of them than we can serve.
constexpr std::size_t kAtOnce = 100;

/// Probes that are in flight together when the target is.
std::size_t places_of(const Target& target) { return std::max<std::size_t>(1, target.monitor.parts.size()); }

}  // namespace

std::vector<Roster::Ticket> Roster::watch(const std::vector<Target>& targets, Clock::time_point now,
                                          std::chrono::system_clock::time_point wall_time) {
  std::vector<Ticket> forgotten;
  std::set<TargetId> wanted;
  for (const auto& target : targets) {
    wanted.insert(target.id);
    const auto [place, is_new] = entries_.try_emplace(target.id);
    auto& entry = place->second;
    if (is_new) {
      entry.status.since = wall_time;
      entry.status.time = TimeInVerdict(now);
      if (const auto known = remembered_.find(target.id); known != remembered_.end()) {
        entry.status.verdict = entry.streak.verdict = known->second.verdict;
        entry.status.since = known->second.since;
        entry.status.transitions = known->second.transitions;
      }
    } else if (entry.status.target == target) {
      continue;
    } else {
      forget_probe(entry, forgotten);
      // What was seen by the same check still counts, also what was seen against the verdict.
      if (!is_same_check(entry.status.target.monitor, target.monitor)) forget_verdict(entry, now, wall_time);
    }
    entry.status.target = target;
    entry.seen = now;
    schedule(entry, first_start(target, now));
  }
  remembered_.clear();  // what comes later is new
  for (auto place = entries_.begin(); place != entries_.end();) {
    if (wanted.contains(place->first)) {
      ++place;
    } else {
      forget_probe(place->second, forgotten);
      place = entries_.erase(place);
    }
  }
  return forgotten;
}

std::vector<Roster::Start> Roster::take_due(Clock::time_point now) {
  skip_missed(now);
  looked_ = now;
  std::vector<Start> starts;
  starts.reserve(std::min(kAtOnce, due_.size()));  // to grow it costs a tenth of all
  for (std::size_t started = 0; started < kAtOnce && !due_.empty() && due_.begin()->first <= now;) {
    auto& entry = *due_.begin()->second;
    const std::size_t places = places_of(entry.status.target);
    if (!has_room(places)) break;
    due_.erase(due_.begin());
    lag_.add(now - entry.due);
    started += places;
    taken_ += places;
    entry.places = places;
    entry.started = now;
    entry.ticket = ++last_ticket_;
    in_flight_.emplace(entry.ticket, &entry);
    starts.push_back({entry.ticket, entry.status.target});
  }
  return starts;
}

// Who became due while nobody looked, a whole interval ago: we were stopped. Back to its own slot, or all would start at
// once. Who was due at the last look already has only waited for room, and keeps its turn.
void Roster::skip_missed(Clock::time_point now) {
  auto place = due_.lower_bound({looked_ + Clock::duration(1), nullptr});
  while (place != due_.end() && place->first <= now) {
    auto& entry = *place->second;
    const auto& target = entry.status.target;
    if (now - entry.due < std::max<Clock::duration>(target.monitor.interval, kStall)) {
      ++place;
    } else {
      place = due_.erase(place);
      schedule(entry, next_slot(target, now));
    }
  }
}

std::optional<Clock::time_point> Roster::next_due() const {
  if (due_.empty() || !has_room(places_of(due_.begin()->second->status.target))) return std::nullopt;
  return due_.begin()->first;
}

std::optional<Roster::Ended> Roster::ended(Ticket ticket, const Observation& seen) {
  auto* const entry = take(ticket);
  if (entry == nullptr) return std::nullopt;
  auto& status = entry->status;
  const auto& monitor = status.target.monitor;
  if (!seen.passed() && seen.total > monitor.timeout + kStall) {
    schedule(*entry, next_try(status.target, seen.ended));
    return std::nullopt;
  }

  Ended result{status.verdict, std::nullopt, std::nullopt};
  const bool is_first = !status.observed();
  if (entry->streak.dissent == 0) status.doubted = seen.ended;
  entry->streak = fold(entry->streak, seen.passed(), {monitor.rise, monitor.fall});
  schedule(*entry, next_start(status.target, entry->streak, entry->started, seen.ended));
  const bool was_in_doubt = status.doubt.has_value();
  if (!was_in_doubt || entry->streak.dissent == 0)
    status.doubt = doubt(status.target, entry->streak, entry->due);
  status.last = seen;
  entry->seen = seen.ended;
  if (status.verdict != entry->streak.verdict) {
    if (status.verdict != Verdict::unknown) ++status.transitions;
    status.time.change(std::exchange(status.verdict, entry->streak.verdict), seen.ended);
    status.since = seen.wall_time;
  } else if (!is_first) {
    if (was_in_doubt != status.doubt.has_value()) result.doubted = status;
    return result;
  }
  result.changed = status;
  return result;
}

const Target* Roster::not_run(Ticket ticket, Clock::time_point now) {
  ++not_run_;
  auto* const entry = take(ticket);
  if (entry == nullptr) return nullptr;
  schedule(*entry, next_try(entry->status.target, now));
  return &entry->status.target;
}

std::vector<TargetStatus> Roster::status(Clock::time_point now) const {
  std::vector<TargetStatus> all;
  all.reserve(entries_.size());
  for (const auto& [id, entry] : entries_) all.push_back(status(entry, now));
  return all;
}

std::optional<TargetStatus> Roster::status(const TargetId& id, Clock::time_point now) const {
  const auto known = entries_.find(id);
  return known == entries_.end() ? std::nullopt : std::optional(status(known->second, now));
}

Pace Roster::pace(Clock::time_point now) const {
  Pace pace{.in_flight = taken_, .not_run = not_run_, .lag = lag_, .longest = {}};
  for (auto place = due_.begin(); place != due_.end() && place->first <= now; ++place) ++pace.waiting;
  for (const auto& [id, entry] : entries_) {
    const auto unseen = now - entry.seen;
    if (!is_late(entry.status.target, unseen)) continue;
    ++pace.late;
    if (!pace.longest || unseen > pace.longest->time) pace.longest = {id, unseen};
  }
  return pace;
}

TargetStatus Roster::status(const Entry& entry, Clock::time_point now) {
  TargetStatus status = entry.status;
  status.unseen = now - entry.seen;
  status.late = is_late(status.target, status.unseen);
  return status;
}

void Roster::schedule(Entry& entry, Clock::time_point due) {
  entry.due = due;
  due_.emplace(due, &entry);
}

/// Another check: what the one before found says nothing about it.
void Roster::forget_verdict(Entry& entry, Clock::time_point now,
                            std::chrono::system_clock::time_point wall_time) {
  TargetStatus& status = entry.status;
  entry.streak = {};
  status.doubt.reset();
  status.last.reset();
  if (status.verdict == Verdict::unknown) return;
  status.time.change(std::exchange(status.verdict, Verdict::unknown), now);
  status.since = wall_time;
}

void Roster::forget_probe(Entry& entry, std::vector<Ticket>& forgotten) {
  if (entry.ticket == 0) {
    due_.erase({entry.due, &entry});
  } else {
    forgotten.push_back(entry.ticket);
    take(entry.ticket);
  }
}

bool Roster::has_room(std::size_t places) const noexcept { return taken_ == 0 || taken_ + places <= room_; }

Roster::Entry* Roster::take(Ticket ticket) {
  const auto node = in_flight_.extract(ticket);
  if (node.empty()) return nullptr;
  taken_ -= node.mapped()->places;
  node.mapped()->ticket = 0;
  return node.mapped();
}

}  // namespace holdfast::health
