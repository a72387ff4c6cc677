#include "health/notify/wording.h"
#include "health/utc.h"

#include <spdlog/fmt/fmt.h>

#include <map>
#include <set>
#include <string_view>

#include "health/notify/plain.h"
#include "health/probe/detail.h"

namespace holdfast::health {
namespace {

constexpr std::size_t kMaxUsers = 3;  // pools and live names in a subject

bool is_transition(const Event& event) { return event.kind == EventKind::transition && event.target; }

std::string what(const TargetId& target) { return target.monitor + ' ' + target.address.to_string(); }

std::string joined(const std::vector<std::string>& texts) {
  return one_line(fmt::format("{}", fmt::join(texts, ", ")));
}

/// " (shop, www.example.com. and 2 more)"
std::string users(const Notification& notification) {
  std::set<std::string> all;
  for (const EventPtr& event : notification.events) all.insert(event->used_by.begin(), event->used_by.end());
  if (all.empty()) return "";
  std::vector<std::string> first;
  for (const std::string& user : all) {
    if (first.size() < kMaxUsers) first.push_back(user);
  }
  const std::string more =
      all.size() > first.size() ? fmt::format(" and {} more", all.size() - first.size()) : "";
  return fmt::format(" ({}{})", fmt::join(first, ", "), more);
}

/// What became of one target, from its events.
std::string course(const std::vector<const Event*>& events) {
  const Verdict last = events.back()->after;
  if (events.size() == 1) return std::string(text(last));
  return last == Verdict::up ? "down and up again" : last == Verdict::down ? "down again" : "unknown";
}

/// "3 down, 1 up, 2 other events"
std::string counted(const std::map<TargetId, std::vector<const Event*>>& targets, std::size_t others) {
  std::map<std::string, std::size_t> courses;
  for (const auto& [target, events] : targets) ++courses[course(events)];
  std::vector<std::string> counts;
  for (const auto& [name, count] : courses) counts.push_back(fmt::format("{} {}", count, name));
  if (others != 0) counts.push_back(fmt::format("{} other events", others));
  return fmt::format("{}", fmt::join(counts, ", "));
}

std::string told(const Event& event) {
  std::string lines;
  const auto line = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) lines += fmt::format("  {:<9} {}\n", name, one_line(value));
  };
  if (is_transition(event)) {
    lines = fmt::format("{} is {} since {}, and was {}\n", what(*event.target), text(event.after),
                        for_people(event.time), text(event.before));
    line("used by:", joined(event.used_by));
    if (event.outcome) {
      line("seen:", std::string(text(*event.outcome)) + (event.detail.empty() ? "" : ": " + event.detail));
    }
  } else {
    lines = fmt::format("{} at {}: {}\n", text(event.kind), for_people(event.time), one_line(event.text));
    line("about:", joined(event.used_by));
  }
  line("agent:", event.agent + (event.location.empty() ? "" : " (" + event.location + ")"));
  for (const std::string& answer : event.answers) line("answers:", answer);
  line("check:", event.command);
  line("event:", event.id);
  return lines;
}

}  // namespace

std::string subject(const Notification& notification) {
  if (notification.kind == Notification::Kind::test) {
    return printable("test of contact " + notification.contact, kMaxSubject);
  }
  std::map<TargetId, std::vector<const Event*>> targets;
  std::size_t others = 0;
  for (const EventPtr& event : notification.events) {
    if (is_transition(*event)) {
      targets[*event->target].push_back(event.get());
    } else {
      ++others;
    }
  }
  std::string line = notification.kind == Notification::Kind::reminder ? "still " : "";
  if (others == 0 && targets.size() == 1) {
    line += what(targets.begin()->first) + ' ' + course(targets.begin()->second);
  } else if (others == 1 && targets.empty()) {
    line += one_line(notification.events.front()->text);
  } else {
    line += counted(targets, others);
  }
  return printable(line + users(notification), kMaxSubject);
}

std::string message(const Notification& notification, const std::string& server) {
  std::string lines;
  if (notification.kind == Notification::Kind::test) {
    lines = "This is a test that somebody asked for. Nothing has happened.\n\n";
  }
  if (notification.kind == Notification::Kind::reminder) lines = "Still so, and told before:\n\n";
  if (notification.left_out != 0) {
    lines +=
        fmt::format("{} earlier events were left out here, there were too many.\n\n", notification.left_out);
  }
  std::size_t shown = 0;
  for (const EventPtr& event : notification.events) {
    if (++shown <= kMaxTold) lines += told(*event) + '\n';
  }
  if (shown > kMaxTold) lines += fmt::format("and {} more events\n\n", shown - kMaxTold);
  lines += "As it is now: holdfast status\n";
  for (const EventPtr& event : notification.events) {
    if (event->used_by.empty()) continue;
    lines += "What was seen: holdfast log --pool " + one_line(event->used_by.front()) + '\n';
    break;
  }
  return lines +
         one_line(
             fmt::format("holdfast {} on {}, contact {}", notification.id, server, notification.contact)) +
         '\n';
}

}  // namespace holdfast::health
