#include "server/control/replay_json.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>

#include "server/control/json.h"
#include "server/control/time_text.h"
#include "server/control/url_query.h"

namespace holdfast::server {
namespace {

namespace json = boost::json;

constexpr unsigned kMostThreshold = 100;  // as [monitor.NAME] has it
constexpr std::chrono::hours kSince{1};   // where nobody says it

std::optional<unsigned> threshold(const std::string& text) {
  unsigned number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return number >= 1 && number <= kMostThreshold ? std::optional(number) : std::nullopt;
}

json::value turn(const std::optional<health::Turn>& turn) {
  if (!turn) return nullptr;
  return {{"time", rfc3339(turn->time)}, {"about", turn->is_about}};
}

json::object world(const ReplayedTarget& one, const World& world, const Replayed& replayed) {
  const auto begin = [&](const health::Turn& turn) { return turn.time < replayed.from; };
  return {{"fall", world.limits.fall},
          {"rise", world.limits.rise},
          {"transitions", world.turns.size() - static_cast<std::size_t>(std::count_if(
                                                   world.turns.begin(), world.turns.end(), begin))},
          {"down_seconds", seconds(time_down(one.first, world.turns, replayed.from, replayed.to))}};
}

json::object target(const ReplayedTarget& one, const Replayed& replayed) {
  json::array transitions, silences;
  for (const TurnPair& pair : pair_up(one.configured.turns, one.other.turns)) {
    const bool has_both = pair.configured && pair.other;
    const health::Turn& any = pair.configured ? *pair.configured : *pair.other;
    if (any.time < replayed.from && !(has_both && pair.other->time >= replayed.from)) continue;
    transitions.push_back(
        {{"after", text(any.after)},
         {"as_configured", turn(pair.configured)},
         {"replayed", turn(pair.other)},
         {"seconds", has_both ? json::value(seconds(pair.other->time - pair.configured->time)) : nullptr}});
  }
  for (const health::Silence& silence : one.silences)
    silences.push_back({{"from", rfc3339(silence.from)}, {"to", rfc3339(silence.to)}});
  return {{"monitor", utf8(one.target.monitor)},
          {"address", one.target.address.to_string()},
          {"logged", one.logged},
          {"put_back", one.put_back},
          {"logged_transitions", one.transitions},
          {"as_configured", world(one, one.configured, replayed)},
          {"replayed", world(one, one.other, replayed)},
          {"transitions", std::move(transitions)},
          {"silences", std::move(silences)}};
}

}  // namespace

std::variant<ReplayWish, std::string> replay_wish(std::string_view query,
                                                  std::chrono::system_clock::time_point now) {
  const auto given = parameters(query);
  if (!given) return kQueryForm;
  ReplayWish wish{.since = now - kSince};
  for (const auto& [name, value] : *given) {
    if (name == "name") {
      wish.name = value;
    } else if (name == "type") {
      wish.type = zones::parse_type(value);
      if (!wish.type) return fmt::format("type is one of records, such as A, not \"{}\"", value);
    } else if (name == "fall" || name == "rise") {
      auto& limit = name == "fall" ? wish.fall : wish.rise;
      limit = threshold(value);
      if (!limit) return fmt::format("{} is a number from 1 to {}", name, kMostThreshold);
    } else if (name == "since") {
      const auto since = parse_time(value, now);
      if (!since) return "since is a time such as 2026-03-01T12:00:00Z, or how long ago, such as 1h30m";
      if (*since > now) return fmt::format("since is a moment that is over; {} is yet to come", value);
      wish.since = *since;
    } else {
      return fmt::format("\"{}\" is not known here; known are name, type, fall, rise, since", name);
    }
  }
  if (wish.name.empty()) return "say of which name: name=www.example.com";
  if (!wish.fall && !wish.rise) return "say what is to be otherwise: fall, rise, or both";
  return wish;
}

json::object to_json(const Replayed& replayed, const std::string& name, std::size_t agents) {
  json::array targets, answers;
  for (const ReplayedTarget& one : replayed.targets) targets.push_back(target(one, replayed));
  for (const Replayed::Answers& one : replayed.answers) {
    for (const Difference& difference : one.differences) {
      answers.push_back({{"zone", utf8(one.zone)},
                         {"type", one.type},
                         {"from", rfc3339(difference.from)},
                         {"to", rfc3339(difference.to)},
                         {"seconds", seconds(difference.to - difference.from)},
                         {"as_configured", utf8(difference.configured)},
                         {"replayed", utf8(difference.other)}});
    }
  }
  return {{"name", utf8(name)},
          {"from", rfc3339(replayed.from)},
          {"to", rfc3339(replayed.to)},
          {"cut", replayed.is_cut},
          {"agents", agents},
          {"targets", std::move(targets)},
          {"answers", std::move(answers)}};
}

}  // namespace holdfast::server
