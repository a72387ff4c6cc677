#include "server/events.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "health/agent/report.h"
#include "health/probe/command.h"
#include "health/probe/detail.h"

namespace holdfast::server {
namespace {

using health::Event;
using health::EventKind;
using health::Session;
using health::Standing;

Event event_of(EventKind kind) {
  const auto time = std::chrono::system_clock::now();
  return {.id = health::make_event_id(time), .time = time, .kind = kind};
}

/// What decided: what the agent of this process saw, if it says so too, or else the first of those who do.
void add_evidence(Event& event, const health::MergedStatus& now) {
  if (now.own && now.own->last && now.own->verdict == now.verdict) {
    event.outcome = now.own->last->outcome;
    event.detail = now.own->last->detail;
  }
  if (event.outcome) return;
  for (const health::VoteStatus& vote : now.votes) {
    if (!vote.counts || vote.verdict != now.verdict || !vote.evidence) continue;
    event.outcome = vote.evidence->outcome;
    event.detail = vote.evidence->detail;
    event.agent = vote.agent;
    event.location = vote.location;
    return;
  }
}

std::string why(const health::AgentStatus& agent) {
  switch (agent.standing) {
    case Standing::absent:
      return fmt::format("nothing was heard of it for {} s, or it left", health::kFresh.count());
    case Standing::blind: return "it cannot reach its own references, so it says nothing of others";
    case Standing::suspect:
      return "it sees down what other locations see up, so it is left out; look at its network";
    case Standing::counted: break;
  }
  return "what it says counts";
}

/// What stands in the store since, and says nothing to us. Null: nothing new.
std::optional<Event> unreadable_event(const health::StoreStatus& before, const health::StoreStatus& now) {
  std::vector<std::string> keys;
  std::set_difference(now.unreadable.begin(), now.unreadable.end(), before.unreadable.begin(),
                      before.unreadable.end(), std::back_inserter(keys));
  if (keys.empty()) return std::nullopt;
  Event event = event_of(EventKind::store);
  event.is_bad = true;
  event.text = fmt::format(
      "{} in the store cannot be read, and does not count: it is of a newer holdfast, which agents are to "
      "have first, or "
      "larger than what is taken",
      health::printable(fmt::format("{}", fmt::join(keys, ", ")), health::kMaxDetail));
  return event;
}

}  // namespace

Event transition_event(const health::VerdictTable::Moved& moved, const LiveNames& live) {
  const health::TargetId& id = moved.now.target.id;
  Event event = event_of(EventKind::transition);
  event.text = health::report(moved.before, moved.now);
  event.target = id;
  event.used_by = live.used_by(id);
  event.before = moved.before;
  event.after = moved.now.verdict;
  add_evidence(event, moved.now);
  event.command = health::command(moved.now.target);
  event.answers = live.answers_with(id);
  return event;
}

Event reload_event(const ReloadReport& report) {
  Event event = event_of(EventKind::configuration);
  event.is_bad = !report.configuration_accepted || report.zones_refused != 0;
  if (report.ok()) {
    event.text = fmt::format("reloaded: {} zones changed", report.zones_changed);
    return event;
  }
  event.text = "a reload was refused";
  const auto reason =
      std::find_if(report.problems.begin(), report.problems.end(),
                   [](const std::string& problem) { return problem.find(": warning: ") == problem.npos; });
  if (reason != report.problems.end()) event.text += ": " + *reason;
  return event;
}

Event agent_event(const health::VerdictTable::AgentMoved& moved) {
  Event event = event_of(EventKind::agent);
  event.agent = moved.now.name;
  event.location = moved.now.location;
  event.is_bad = moved.now.standing != Standing::counted;
  event.text = fmt::format("agent {} ({}): {} -> {}; {}", moved.now.name, moved.now.location,
                           text(moved.before), text(moved.now.standing), why(moved.now));
  return event;
}

std::optional<Event> store_event(const health::StoreStatus& before, const health::StoreStatus& now) {
  if (now.state == before.state && now.problem.empty() == before.problem.empty())
    return unreadable_event(before, now);
  constexpr std::string_view kHeld = "; verdicts and answers stay as they are, for 5 min at least";
  Event event = event_of(EventKind::store);
  event.is_bad = now.state != Session::State::following || !now.problem.empty();
  switch (now.state) {
    case Session::State::following:
      event.text = "the store is followed" +
                   (now.problem.empty() ? "" : ", but takes nothing of ours: " + now.problem);
      break;
    case Session::State::connecting:
      if (now.problem.empty()) return std::nullopt;  // it answers, and is being read
      event.text = fmt::format("the store {}: {}{}", before.state == now.state ? "cannot be had" : "is lost",
                               now.problem, kHeld);
      break;
    case Session::State::refused:
      event.text = fmt::format("the store is not believed: {}{}; when it is right: holdfast store accept",
                               now.problem, kHeld);
      break;
  }
  return event;
}

}  // namespace holdfast::server
