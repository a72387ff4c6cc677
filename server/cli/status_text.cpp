#include "server/cli/status_text.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <map>
#include <set>
#include <stdexcept>

#include "server/cli/table.h"

namespace holdfast::server {
namespace {

namespace json = boost::json;
using std::chrono::sys_seconds;

constexpr std::size_t kWidth = 100;        // characters of a line
constexpr std::size_t kProblemsShown = 3;  // of one zone

std::string text_of(const json::value& value) { return json::value_to<std::string>(value); }

sys_seconds time_of(const json::value& value) {
  std::tm utc{};
  if (::strptime(text_of(value).c_str(), "%Y-%m-%dT%H:%M:%S", &utc) == nullptr)
    throw std::runtime_error("no time");
  return sys_seconds(std::chrono::seconds(::timegm(&utc)));
}

/// In its largest unit: "45 s", "3 min", "2 h", "9 d".
std::string age_text(std::chrono::seconds age) {
  using namespace std::chrono;
  if (age < 2min) return fmt::format("{} s", age.count());
  if (age < 2h) return fmt::format("{} min", duration_cast<minutes>(age).count());
  if (age < 48h) return fmt::format("{} h", duration_cast<hours>(age).count());
  return fmt::format("{} d", duration_cast<days>(age).count());
}

/// "12:00:05 (3 min)"; of another day (all in UTC) "2026-02-28 (25 h)".
std::string since_text(const json::value& since, sys_seconds now) {
  const sys_seconds time = time_of(since);
  const bool today =
      std::chrono::floor<std::chrono::days>(time) == std::chrono::floor<std::chrono::days>(now);
  const std::string written = text_of(since);
  return fmt::format("{} ({})", today ? written.substr(11, 8) : written.substr(0, 10), age_text(now - time));
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string zone_state(const json::value& zone) {
  if (!zone.at("serving").as_bool()) return "NOT SERVED";
  if (zone.at("refused").as_bool()) return "OLD VERSION SERVED";
  const std::size_t warnings = zone.at("problems").as_array().size();
  return warnings == 0 ? "serving" : "serving, " + counted(warnings, "warning", "warnings");
}

std::string zones_text(const json::array& zones, sys_seconds now) {
  using enum Table::Align;
  Table table({{"ZONE"}, {"SERIAL", right}, {"RECORDS", right}, {"LOADED"}, {"STATE"}});
  for (const json::value& zone : zones) {
    const bool serving = zone.at("serving").as_bool();
    table.add({text_of(zone.at("name")), serving ? json::serialize(zone.at("serial")) : "-",
               serving ? json::serialize(zone.at("records")) : "-",
               serving ? since_text(zone.at("loaded"), now) : "-", zone_state(zone)});
    const json::array& problems = zone.at("problems").as_array();
    const std::size_t shown = std::min(problems.size(), kProblemsShown);
    for (std::size_t i = 0; i < shown; ++i) table.add({"  " + text_of(problems[i])});
    if (shown < problems.size()) table.add({fmt::format("  and {} more (--json)", problems.size() - shown)});
  }
  return table.text(kWidth);
}

using TargetKey = std::pair<std::string, std::string>;  // monitor, address
std::map<TargetKey, json::value> by_monitor_and_address(const json::array& targets) {
  std::map<TargetKey, json::value> found;
  for (const json::value& target : targets) {
    found[{text_of(target.at("monitor")), text_of(target.at("address"))}] = target;
  }
  return found;
}

/// What the agents say, where some are configured: "2 of 3 down: a1 (eu-cork) refused, a2 (us) refused".
std::string votes_text(const json::array& votes) {
  std::size_t counted = 0;
  std::string down;
  std::size_t downs = 0;
  for (const json::value& vote : votes) {
    if (!vote.at("counts").as_bool() || vote.at("verdict").as_string() == "unknown") continue;
    ++counted;
    if (vote.at("verdict").as_string() != "down") continue;
    ++downs;
    down += fmt::format("{}{} ({})", downs == 1 ? ": " : ", ", text_of(vote.at("agent")),
                        text_of(vote.at("location")));
    if (vote.at("outcome").is_string()) down += ' ' + text_of(vote.at("outcome"));
  }
  if (counted == 0) return "no agent says anything";
  if (downs == 0) return fmt::format("{} of {} up", counted, counted);
  return fmt::format("{} of {} down{}", downs, counted, down);
}

std::string last_probe(const json::value& target) {
  const json::array& votes = target.at("votes").as_array();
  const bool has_others = std::any_of(
      votes.begin(), votes.end(), [](const json::value& vote) { return vote.at("location").is_string(); });
  const bool late = target.at("late").as_bool();
  if (has_others || target.at("unseen_seconds").is_null())
    return (late ? "LATE here; " : "") + votes_text(votes);
  const auto unseen = static_cast<std::int64_t>(target.at("unseen_seconds").to_number<double>());
  const std::string age = age_text(std::chrono::seconds(unseen));
  const json::value& last = target.at("last");
  if (last.is_null()) return late ? "LATE: none for " + age : "none yet";
  const std::string detail = text_of(last.at("detail"));
  return (late ? "LATE, " + age + " ago: " : "") + text_of(last.at("outcome")) +
         (detail.empty() ? "" : ": " + detail);
}

/// "yes", "no, drain"
std::string answers_text(const json::value& member) {
  const bool is_seen_only = !member.at("address_of").is_null();  // the name answers, and not its addresses
  const std::string answers = is_seen_only ? "-" : member.at("answering").as_bool() ? "yes" : "no";
  const json::value& decided = member.at("override");
  return decided.is_null() ? answers : answers + ", " + text_of(decided.at("decision"));
}

std::string overrides_text(const json::array& overrides, sys_seconds now) {
  Table table({{"OVERRIDE"}, {"OF"}, {"BY"}, {"SINCE"}, {"UNTIL"}, {"REASON"}});
  for (const json::value& one : overrides) {
    const json::value& expires = one.at("expires");
    const std::string left =
        expires.is_null() ? "released" : fmt::format("{} left", age_text(time_of(expires) - now));
    table.add({text_of(one.at("decision")), text_of(one.at("subject")), text_of(one.at("author")),
               since_text(one.at("created"), now), left, text_of(one.at("reason"))});
  }
  return table.text(kWidth);
}

/// "own records", "aname www.example.net."
std::string source_text(const json::value& live) {
  std::string text;
  for (const json::value& alias : live.at("aliases").as_array())
    text += (text.empty() ? "aname " : " and ") + text_of(alias);
  return text.empty() ? "own records" : text;
}

std::string live_names_text(const json::array& names, const json::array& targets, sys_seconds now) {
  using enum Table::Align;
  const auto watched = by_monitor_and_address(targets);
  Table table({{"LIVE NAME"}, {"TIER", right}, {"VERDICT"}, {"SINCE"}, {"ANSWERS"}, {"LAST PROBE"}});
  for (const json::value& live : names) {
    const std::string monitor = text_of(live.at("monitor"));
    const json::value& pool = live.at("pool");
    const std::string type = text_of(live.at("type"));
    table.add({text_of(live.at("name")) + (type == "A" ? "" : " " + type),
               fmt::format("{}{}, policy {}, TTL {} s, answering: {}",
                           pool.is_null() ? source_text(live) : "pool " + text_of(pool),
                           monitor.empty() ? "" : ", monitor " + monitor, text_of(live.at("policy")),
                           json::serialize(live.at("ttl_seconds")), text_of(live.at("rule")))});
    for (const json::value& member : live.at("members").as_array()) {
      const bool is_address = member.at("name").is_null();
      const std::string address = text_of(member.at(is_address ? "address" : "name"));
      const std::string indent(2 + 2 * json::value_to<std::size_t>(member.at("depth")), ' ');
      const json::value& checked_by = member.at("monitor");
      const auto target =
          is_address && !checked_by.is_null() ? watched.find({text_of(checked_by), address}) : watched.end();
      const bool known = target != watched.end();
      const bool held = known && target->second.at("held").as_bool();
      const bool flapping = known && target->second.at("flapping").as_bool();
      table.add({indent + address, json::serialize(member.at("tier")),
                 text_of(member.at("verdict")) + (held       ? ", held"
                                                  : flapping ? ", flapping"
                                                             : ""),
                 known ? since_text(target->second.at("since"), now) : "-", answers_text(member),
                 known ? last_probe(target->second) : "-"});
    }
  }
  return table.text(kWidth);
}

std::string agents_text(const json::value& checks) {
  using enum Table::Align;
  Table table({{"AGENT"}, {"LOCATION"}, {"STANDING"}, {"HEARD", right}, {"TARGETS", right}});
  for (const json::value& agent : checks.at("agents").as_array()) {
    if (agent.at("location").is_null()) continue;  // the one of a server that is alone
    const json::value& heard = agent.at("heard_seconds");
    table.add({text_of(agent.at("name")), text_of(agent.at("location")), text_of(agent.at("standing")),
               heard.is_null() ? "-" : fmt::format("{:.0f} s ago", heard.to_number<double>()),
               json::serialize(agent.at("targets"))});
  }
  return table.text(kWidth);
}

std::string store_text(const json::value& checks) {
  if (checks.at("store").is_null()) return "";
  const json::value& store = checks.at("store");
  const json::value& problem = store.at("problem");
  std::string unreadable;
  for (const json::value& key : store.at("unreadable").as_array())
    unreadable += (unreadable.empty() ? "; cannot be read: " : ", ") + printable(text_of(key));
  return fmt::format(
      "store: {}{}{}; {}; {} from here{}\n", text_of(store.at("state")),
      problem.is_null() ? "" : ": " + printable(text_of(problem)),
      (store.at("state").as_string() == "refused" ? "; when it is right: holdfast store accept" : "") +
          unreadable,
      counted(checks.at("held").to_number<std::size_t>(), "verdict is held", "verdicts are held"),
      counted(checks.at("duties").to_number<std::size_t>(), "target is probed", "targets are probed"),
      checks.at("blind").as_bool() ? "; blind: none of our references answers" : "");
}

/// Those of no live name here: all that an agent probes.
std::string other_targets_text(const json::array& targets, const json::array& names, sys_seconds now) {
  std::set<TargetKey> used;
  for (const json::value& live : names) {
    for (const json::value& member : live.at("members").as_array()) {
      if (!member.at("monitor").is_null() && member.at("name").is_null())
        used.insert({text_of(member.at("monitor")), text_of(member.at("address"))});
    }
  }
  Table table({{"TARGET"}, {"VERDICT"}, {"SINCE"}, {"LAST PROBE"}});
  for (const json::value& target : targets) {
    const TargetKey key{text_of(target.at("monitor")), text_of(target.at("address"))};
    if (used.contains(key)) continue;
    table.add({key.first + ' ' + key.second, text_of(target.at("verdict")),
               since_text(target.at("since"), now), last_probe(target)});
  }
  return table.text(kWidth);
}

}  // namespace

std::string checks_text(const json::value& checks) {
  const std::string agents = agents_text(checks), store = store_text(checks);
  return agents + (agents.empty() || store.empty() ? "" : "\n") + store;
}

std::string status_text(const json::value& status) {
  const sys_seconds now = time_of(status.at("now"));
  const json::array& zones = status.at("zones").as_array();
  const json::array& names = status.at("live").as_array();
  const json::array& targets = status.at("targets").as_array();
  const json::value& totals = status.at("zone_totals");
  const auto all = totals.at("zones").to_number<std::size_t>();

  std::string text = fmt::format("holdfast {}, up {}: {}, {}, {}\n", printable(text_of(status.at("version"))),
                                 age_text(now - time_of(status.at("started"))), counted(all, "zone", "zones"),
                                 counted(names.size(), "live name", "live names"),
                                 counted(targets.size(), "target", "targets"));
  if (zones.size() < all) {
    const auto serving = totals.at("serving").to_number<std::size_t>();
    text +=
        fmt::format("\n{} served, {} refused; shown are only zones with something wrong (all: --json)\n",
                    counted(serving, "zone is", "zones are"), totals.at("refused").to_number<std::size_t>());
  }
  const json::value& checks = status.at("checks");
  for (const std::string& table :
       {zones_text(zones, now), live_names_text(names, targets, now), other_targets_text(targets, names, now),
        overrides_text(status.at("overrides").as_array(), now),
        checks.is_null() ? "" : checks_text(checks)}) {
    if (!table.empty()) text += "\n" + table;
  }
  return text;
}

bool is_store_fine(const json::value& store) {
  return store.is_null() || (store.at("state").as_string() == "following" && store.at("problem").is_null() &&
                             store.at("unreadable").as_array().empty());
}

bool is_fine(const json::value& status) {
  const json::value& checks = status.at("checks");
  if (!checks.is_null() && !is_store_fine(checks.at("store"))) return false;
  const json::value& totals = status.at("zone_totals");
  const json::array& targets = status.at("targets").as_array();
  return status.at("ready").as_bool() && totals.at("serving") == totals.at("zones") &&
         totals.at("refused").to_number<std::size_t>() == 0 &&
         std::none_of(targets.begin(), targets.end(), [](const json::value& target) {
           return target.at("verdict").as_string() == "down" || target.at("late").as_bool();
         });
}

}  // namespace holdfast::server
