#include "server/cli/replay_text.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cmath>

#include "server/cli/table.h"

namespace holdfast::server {
namespace {

namespace json = boost::json;

constexpr std::size_t kWidth = 160;       // characters of a line
constexpr std::size_t kMostSilences = 3;  // told of each target

std::string text_of(const json::value& value) {
  return value.is_null() ? "" : json::value_to<std::string>(value);
}
std::size_t count_of(const json::value& value) { return json::value_to<std::size_t>(value); }

std::string who(const json::value& target) {
  return text_of(target.at("monitor")) + " " + text_of(target.at("address"));
}

/// "3 -> 2" of one threshold.
std::string changed(const json::value& target, const char* limit) {
  const auto before = count_of(target.at("as_configured").at(limit)),
             after = count_of(target.at("replayed").at(limit));
  return before == after ? std::to_string(before) : fmt::format("{} -> {}", before, after);
}

std::string both(const std::string& before, const std::string& after) {
  return before == after ? before : before + " -> " + after;
}

std::string down(const json::value& world) {
  return fmt::format("{:.1f} s", json::value_to<double>(world.at("down_seconds")));
}

/// "~2026-03-01T12:00:00.000Z"
std::string moment(const json::value& turn) {
  if (turn.is_null()) return "never";
  return (turn.at("about").as_bool() ? "~" : "") + text_of(turn.at("time"));
}

bool is_about(const json::value& turn) { return !turn.is_null() && turn.at("about").as_bool(); }

/// "1.0 s sooner"
std::string distance(const json::value& seconds) {
  const double later = json::value_to<double>(seconds);
  return fmt::format("{:.1f} s {}", std::abs(later), later < 0 ? "sooner" : "later");
}

bool is_same(const json::value& transition) {
  const json::value& seconds = transition.at("seconds");
  return !seconds.is_null() && std::abs(json::value_to<double>(seconds)) < 0.001;
}

std::string totals(const json::array& targets) {
  Table table({{"  TARGET"}, {"FALL"}, {"RISE"}, {"PROBES"}, {"TRANSITIONS"}, {"DOWN"}});
  for (const json::value& one : targets) {
    const json::value &before = one.at("as_configured"), &after = one.at("replayed");
    const auto put_back = count_of(one.at("put_back"));
    table.add(
        {"  " + who(one), changed(one, "fall"), changed(one, "rise"),
         std::to_string(count_of(one.at("logged"))) + (put_back == 0 ? "" : fmt::format(" + ~{}", put_back)),
         both(std::to_string(count_of(before.at("transitions"))),
              std::to_string(count_of(after.at("transitions")))),
         both(down(before), down(after))});
  }
  return table.text(kWidth);
}

std::string transitions(const json::array& targets) {
  Table table({{"  TARGET"}, {"BECOMES"}, {"AS CONFIGURED"}, {"REPLAYED"}, {"DIFFERENCE"}});
  for (const json::value& one : targets) {
    for (const json::value& transition : one.at("transitions").as_array()) {
      if (is_same(transition)) continue;
      std::vector<std::string> row{"  " + who(one), text_of(transition.at("after")),
                                   moment(transition.at("as_configured")), moment(transition.at("replayed"))};
      if (!transition.at("seconds").is_null()) row.push_back(distance(transition.at("seconds")));
      table.add(std::move(row));
    }
  }
  return table.text(kWidth);
}

std::string answers(const json::array& all) {
  Table table({{"  FROM"}, {"FOR"}, {"TYPE"}, {"AS CONFIGURED"}, {"REPLAYED"}});
  for (const json::value& one : all) {
    table.add({"  " + text_of(one.at("from")),
               fmt::format("{:.1f} s", json::value_to<double>(one.at("seconds"))), text_of(one.at("type")),
               text_of(one.at("as_configured")), text_of(one.at("replayed"))});
  }
  return table.text(kWidth);
}

/// How far all this can be relied on.
std::string caveats(const json::value& replayed) {
  std::string text;
  const auto say = [&](const std::string& line) { text += "  " + line + "\n"; };
  const json::array& targets = replayed.at("targets").as_array();
  bool has_about = false, has_put_back = false;
  for (const json::value& one : targets) {
    has_put_back = has_put_back || count_of(one.at("put_back")) != 0;
    for (const json::value& transition : one.at("transitions").as_array())
      has_about =
          has_about || is_about(transition.at("as_configured")) || is_about(transition.at("replayed"));
  }
  if (has_put_back)
    say("+ ~N: so many passes that the log leaves out, put back where the schedule of today has them.");
  if (has_about) say("~: to an interval of the monitor, for it hangs on such a pass.");
  say("The probes are those that were made; with other thresholds some would have been made at other times.");
  if (replayed.at("cut").as_bool()) say("The log does not reach farther back.");
  if (count_of(replayed.at("agents")) > 1)
    say("Other agents have a say too: what they saw is not in this log, and does not count here.");
  for (const json::value& one : targets) {
    if (count_of(one.at("logged")) + count_of(one.at("put_back")) == 0)
      say(who(one) + ": the log has no probe of it; does another agent probe it?");
    const auto logged = count_of(one.at("logged_transitions"));
    const auto made = count_of(one.at("as_configured").at("transitions"));
    if (logged != made) {
      say(
          fmt::format("{}: the log has {} transitions, of which the thresholds of today make {}: others held "
                      "then, or more "
                      "than its probes decided.",
                      who(one), logged, made));
    }
    const json::array& silences = one.at("silences").as_array();
    for (std::size_t i = 0; i < std::min(kMostSilences, silences.size()); ++i) {
      say(fmt::format("{}: nothing is in the log from {} to {}: perhaps holdfast did not run.", who(one),
                      text_of(silences[i].at("from")), text_of(silences[i].at("to"))));
    }
    if (silences.size() > kMostSilences)
      say(fmt::format("{}: and {} times more.", who(one), silences.size() - kMostSilences));
  }
  return text;
}

}  // namespace

std::string replay_text(const json::value& replayed) {
  const json::array& targets = replayed.at("targets").as_array();
  std::string text = fmt::format("{} from {} to {}\n", text_of(replayed.at("name")),
                                 text_of(replayed.at("from")), text_of(replayed.at("to")));
  if (targets.empty()) return text + "  Nobody checks its members: thresholds change nothing.\n";
  text += totals(targets);
  const std::string turns = transitions(targets);
  text += turns.empty() ? "\n  No transition would have been different.\n" : "\n" + turns;
  const std::string different = answers(replayed.at("answers").as_array());
  text += different.empty() ? "\n  No answer would have been different.\n" : "\n" + different;
  return text + "\n" + caveats(replayed);
}

}  // namespace holdfast::server
