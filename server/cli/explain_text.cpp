#include "server/cli/explain_text.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "server/cli/table.h"

namespace holdfast::server {
namespace {

namespace json = boost::json;

constexpr std::size_t kWidth = 120;  // characters of a line

std::string text_of(const json::value& value) {
  return value.is_null() ? "" : json::value_to<std::string>(value);
}

/// "eu: up, us: down (refused) does not count"
std::string votes_text(const json::value& target) {
  std::string text;
  for (const json::value& vote : target.at("votes").as_array()) {
    const std::string location = text_of(vote.at("location"));
    text += (text.empty() ? "" : ", ") + text_of(vote.at("agent"));
    if (!location.empty()) text += " at " + location;
    text += ": " + text_of(vote.at("verdict"));
    if (const std::string outcome = text_of(vote.at("outcome")); !outcome.empty() && outcome != "passed")
      text += " (" + outcome + ")";
    if (!vote.at("counts").as_bool()) text += ", which does not count";
  }
  return text;
}

/// What the log has of a member.
std::string why_then(const json::value& monitor, const json::value& then) {
  const std::string since = text_of(then.at("since"));
  std::string text = text_of(monitor);
  if (since.empty())
    return text + (text_of(then.at("verdict")) == "unknown" ? ", not probed yet" : ", by what came later");
  text += " since " + since;
  const std::string outcome = text_of(then.at("outcome"));
  if (outcome.empty() || outcome == "passed") return text;
  const std::string detail = text_of(then.at("detail")), agent = text_of(then.at("agent"));
  text += "; " + outcome + (detail.empty() ? "" : " (" + detail + ")");
  return agent.empty() ? text : text + "; seen by " + agent;
}

/// Of a pool, or a name.
std::string why_group(const json::value& member) {
  const std::string state = text_of(member.at("state"));
  const auto inside = json::value_to<std::size_t>(member.at("inside"));
  if (member.at("is_pool").as_bool())
    return state == "down" ? "too few of its members are alive" : "by its members";
  if (member.at("monitor").is_null()) return "nobody checks it";
  if (inside == 0) return state == "down" ? "it has no addresses" : "its addresses are not known";
  return state == "down" ? "none of its addresses is alive" : "by its addresses";
}

std::string why_so(const json::value& member) {
  if (member.at("supposed").as_bool()) return "supposed to be";
  if (const json::value& decided = member.at("override"); !decided.is_null()) {
    return fmt::format("{} by {}: {}", text_of(decided.at("decision")), text_of(decided.at("author")),
                       text_of(decided.at("reason")));
  }
  if (!member.at("name").is_null()) return why_group(member);
  const json::value& target = member.at("target");
  if (member.at("monitor").is_null()) return "nobody checks it";
  if (const json::value& then = member.at("then"); !then.is_null())
    return why_then(member.at("monitor"), then);
  if (target.is_null()) return "not probed yet";
  std::string text = fmt::format("{} since {}", text_of(member.at("monitor")), text_of(target.at("since")));
  const json::value& last = target.at("last");
  if (const std::string votes = votes_text(target); !votes.empty()) return text + "; " + votes;
  if (!last.is_null() && text_of(last.at("outcome")) != "passed") text += "; " + text_of(last.at("detail"));
  return text;
}

std::string why(const json::value& member) {
  const double grown = json::value_to<double>(member.at("weight_grown"));
  return why_so(member) + (grown < 1 ? fmt::format("; has {:.0f} % of its weight back", grown * 100) : "");
}

std::string answers(const json::value& member, bool has_client) {
  if (!member.at("answers").as_bool()) return "-";
  if (has_client && member.at("given").as_bool()) return "yes, to the client";
  const double share = json::value_to<double>(member.at("share"));
  if (share == 0) return has_client ? "not to the client" : "to those near it";
  return share >= 1 ? "yes" : fmt::format("{:.1f} %", share * 100);
}

/// Since when, and until when.
std::string served(const json::value& one) {
  const bool is_now = one.at("at").is_null();
  const std::string since = text_of(one.at("since")), until = text_of(one.at("until"));
  if (!one.at("served").as_bool())
    return is_now ? "not now: only if it were so" : "not then: only if it had been so";
  if (is_now) return "since " + since;
  return (since.empty() ? "since the log begins, or longer" : "from " + since) +
         (until.empty() ? "" : ", until " + until);
}

/// What an answer of before rests on.
std::string at(const json::value& one) {
  const auto reloads = json::value_to<std::size_t>(one.at("reloads_since"));
  std::string text = text_of(one.at("at")) + ", by the log, with the configuration of today";
  if (reloads == 0) return text;
  return text + fmt::format(" (reloaded {} since, the last time {})",
                            reloads == 1 ? "once" : fmt::format("{} times", reloads),
                            text_of(one.at("last_reload")));
}

std::string one_text(const json::value& one) {
  const std::string pool = text_of(one.at("pool"));
  const json::array& members = one.at("members").as_array();
  std::size_t candidates = 0;
  for (const json::value& member : members) {
    const bool is_inside = json::value_to<std::size_t>(member.at("depth")) != 0;
    candidates += !is_inside && member.at("answers").as_bool() ? 1 : 0;
  }
  std::string text = fmt::format("{} {}, zone {}, {}\n", text_of(one.at("name")), text_of(one.at("type")),
                                 text_of(one.at("zone")),
                                 !pool.empty()                          ? "pool " + pool
                                 : one.at("aliases").as_array().empty() ? "its own records"
                                                                        : "by ANAME");
  const auto line = [&](std::string_view title, const std::string& value) {
    text += fmt::format("  {:<8} {}\n", title, value);
  };
  if (!one.at("at").is_null()) line("at", at(one));
  line("rule", text_of(one.at("rule")));
  for (const json::value& alias : one.at("aliases").as_array()) {
    const std::string error = text_of(alias.at("error"));
    line("target",
         fmt::format("{}: {}, {} addresses{}", text_of(alias.at("target")), text_of(alias.at("state")),
                     json::serialize(alias.at("addresses")), error.empty() ? "" : ": " + error));
  }
  const auto each = json::value_to<std::size_t>(one.at("each"));
  if (each < candidates) {
    line("policy", fmt::format("{}: {} of {} to each client, {}", text_of(one.at("policy")), each, candidates,
                               text_of(one.at("chosen"))));
  } else {
    line("policy", text_of(one.at("policy")));
  }
  line("TTL", fmt::format("{} s: {}", json::value_to<std::uint32_t>(one.at("ttl_seconds")),
                          text_of(one.at("ttl_rule"))));
  if (const std::string client = text_of(one.at("client")); !client.empty()) {
    const std::string region = text_of(one.at("region"));
    const auto scope = json::value_to<unsigned>(one.at("scope"));
    const std::string counts =
        scope == 0 ? "which does not count here" : fmt::format("of whose address {} bits count", scope);
    line("client", fmt::format("{}, {}{}", client, region.empty() ? "" : "in " + region + ", ", counts));
  }
  line("served", served(one));
  if (one.at("first_round").as_bool())
    text += "  Not every member has been probed yet: until then all count as alive.\n";
  if (const json::value& silence = one.at("silence"); !silence.is_null()) {
    text += fmt::format("  Nothing of them is in the log from {} to {}: perhaps holdfast did not run.\n",
                        text_of(silence.at("from")), text_of(silence.at("to")));
  }
  if (!one.at("at").is_null() && !one.at("aliases").as_array().empty())
    text += "  What targets of ANAMEs had then is not in the log: these are their addresses now.\n";
  Table table({{"  MEMBER"}, {"ANSWERS"}, {"STATE"}, {"WHY"}});
  for (const json::value& member : members) {
    const std::string indent(2 + 2 * json::value_to<std::size_t>(member.at("depth")), ' ');
    const std::string name = text_of(member.at("name"));
    table.add({indent + (name.empty() ? text_of(member.at("address")) : name) +
                   (member.at("fallback").as_bool() ? " (" + text_of(member.at("pool")) + ")" : ""),
               answers(member, !one.at("client").is_null()), text_of(member.at("state")), why(member)});
  }
  return text + table.text(kWidth);
}

}  // namespace

std::string explain_text(const json::value& explanations) {
  std::string text;
  for (const json::value& one : explanations.as_array()) text += (text.empty() ? "" : "\n") + one_text(one);
  return text;
}

}  // namespace holdfast::server
