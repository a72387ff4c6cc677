#include "server/past_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "health/agent/schedule.h"
#include "health/event.h"
#include "health/utc.h"
#include "server/past_decisions.h"

namespace holdfast::server {
namespace {

using health::LogEntry;
using health::LogPage;
using health::LogQuery;
using health::TargetId;
using health::Verdict;

constexpr std::chrono::microseconds kNextMoment{1};  // the log knows no shorter time
constexpr std::size_t kMostDecisions = 100'000;      // more than that nobody made

std::vector<std::string> only(health::EventKind kind) { return {std::string(text(kind))}; }

Verdict verdict_of(std::string_view word) {
  for (const Verdict verdict : {Verdict::up, Verdict::down}) {
    if (word == text(verdict)) return verdict;
  }
  return Verdict::unknown;
}

Past::Known known_by(const LogEntry& transition) {
  return {
      verdict_of(transition.after), transition.time, transition.outcome, transition.detail, transition.agent,
      transition.location};
}

/// What was believed of a target of which no transition before the moment is told.
///
/// @param next  the first one after it; null: there is none
Past::Known known_without(const TargetId& target, const LogEntry* next, const Present& present,
                          Past::Time at) {
  if (next != nullptr) return {.verdict = verdict_of(next->before)};
  const auto now = std::find_if(present.targets.begin(), present.targets.end(),
                                [&](const health::MergedStatus& one) { return one.target.id == target; });
  if (now == present.targets.end() || now->since > at) return {};
  return {.verdict = now->verdict, .since = now->since};
}

const LogEntry* find(const std::vector<LogEntry>& entries, const TargetId& target) {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const LogEntry& one) { return one.target == target; });
  return found == entries.end() ? nullptr : &*found;
}

/// The last entry before the moment and the first one after it, where they are farther apart than they can be while somebody
/// looks.
std::optional<std::pair<Past::Time, Past::Time>> silence(const ReadLog& read, const Present& present,
                                                         const std::vector<TargetId>& targets,
                                                         Past::Time at) {
  std::chrono::nanoseconds longest{0};
  for (const health::MergedStatus& one : present.targets) {
    if (std::find(targets.begin(), targets.end(), one.target.id) != targets.end())
      longest = std::max<std::chrono::nanoseconds>(longest, health::late_after(one.target));
  }
  const auto before = read({.targets = targets, .until = at, .limit = 1}).entries;
  const auto after = read({.targets = targets, .since = at + kNextMoment, .after = 0, .limit = 1}).entries;
  if (before.empty() || after.empty()) return std::nullopt;
  if (after.front().time - before.front().time <= longest + present.passes_every) return std::nullopt;
  return std::pair(before.front().time, after.front().time);
}

}  // namespace

std::optional<Past::Time> log_begin(const ReadLog& read) {
  const std::vector<LogEntry> oldest = read({.after = 0, .limit = 1}).entries;
  return oldest.empty() ? std::nullopt : std::optional(oldest.front().time);
}

void each_entry(const ReadLog& read, LogQuery query, const std::function<bool(const LogEntry&)>& visit) {
  query.after = 0;
  query.limit = health::kMostEntries;
  for (bool more = true; more;) {
    const LogPage page = read(query);
    if (!std::all_of(page.entries.begin(), page.entries.end(), visit)) return;
    query.after = page.last;
    more = page.more;
  }
}

std::variant<Past, std::string> read_past(const ReadLog& read, const Present& present,
                                          std::span<const TargetId> targets, Past::Time at) {
  const auto begin = log_begin(read);
  if (!begin) return "nothing stands in the log as yet; ask again in a moment";
  if (*begin > at) {
    return fmt::format(
        "the log says nothing of {}: it begins at {}; how far it reaches back is said by [log] keep and size",
        health::rfc3339(at), health::rfc3339(*begin));
  }
  const std::vector<TargetId> wanted(targets.begin(), targets.end());
  const auto transitions_until = [&](std::vector<TargetId> of, std::size_t limit) {
    return read({.kinds = only(health::EventKind::transition),
                 .targets = std::move(of),
                 .until = at,
                 .limit = limit});
  };
  const auto transitions_after = [&](std::vector<TargetId> of, std::size_t limit) {
    return read({.kinds = only(health::EventKind::transition),
                 .targets = std::move(of),
                 .since = at + kNextMoment,
                 .after = 0,
                 .limit = limit});
  };
  const LogPage before = transitions_until(wanted, health::kMostEntries);
  const LogPage after = transitions_after(wanted, health::kMostEntries);
  Past past;
  for (const TargetId& target : wanted) {
    if (const LogEntry* first = find(before.entries, target)) {
      past.first[target] = verdict_of(first->before);
      continue;
    }
    std::vector<LogEntry> older, newer;
    if (before.more) older = transitions_until({target}, 1).entries;
    const LogEntry* next = find(after.entries, target);
    if (older.empty() && next == nullptr && after.more) {
      newer = transitions_after({target}, 1).entries;
      next = find(newer, target);
    }
    past.known[target] = older.empty() ? known_without(target, next, present, at) : known_by(older.front());
    past.first[target] = past.known[target].verdict;
  }
  for (const LogPage* page : {&before, &after}) {
    for (const LogEntry& entry : page->entries) {
      if (!entry.target) continue;
      if (page == &before) past.known[*entry.target] = known_by(entry);
      past.changes.push_back({entry.time, *entry.target, verdict_of(entry.after)});
    }
  }
  std::stable_sort(past.changes.begin(), past.changes.end(),
                   [](const Past::Change& a, const Past::Change& b) { return a.time < b.time; });
  std::vector<LogEntry> told;
  each_entry(read, {.kinds = only(health::EventKind::override_)}, [&](const LogEntry& entry) {
    told.push_back(entry);
    return told.size() < kMostDecisions;
  });
  past.decisions = past_decisions(told, present.overrides);
  each_entry(read, {.kinds = only(health::EventKind::configuration), .since = at + kNextMoment},
             [&](const LogEntry& entry) {
               ++past.reloads;
               past.last_reload = entry.time;
               return true;
             });
  if (!wanted.empty()) past.silence = silence(read, present, wanted, at);
  return past;
}

}  // namespace holdfast::server
