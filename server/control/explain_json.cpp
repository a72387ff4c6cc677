#include "server/control/explain_json.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <map>

#include "server/control/json.h"
#include "server/control/override_json.h"
#include "server/control/time_text.h"
#include "server/control/url_query.h"

namespace holdfast::server {
namespace {

namespace json = boost::json;
using Targets = std::map<health::TargetId, const health::MergedStatus*>;

const char* text(zones::MemberState state) {
  switch (state) {
    case zones::MemberState::up: return "up";
    case zones::MemberState::down: return "down";
    case zones::MemberState::drained: return "drained";
    case zones::MemberState::unknown: break;
  }
  return "unknown";
}

/// How it comes that a client gets those that it gets.
const char* text(zones::Choice::Manner manner) {
  switch (manner) {
    case zones::Choice::Manner::rotated: return "in turns";
    case zones::Choice::Manner::weighted: return "drawn for each query";
    case zones::Choice::Manner::hashed: return "by the client's network";
    case zones::Choice::Manner::nearest: return "those nearest to it";
    case zones::Choice::Manner::all: break;
  }
  return "all";
}

json::value then(const std::optional<Past::Known>& known) {
  if (!known) return nullptr;
  return {{"verdict", health::text(known->verdict)}, {"since", time_or_null(known->since)},
          {"outcome", or_null(known->outcome)},      {"detail", utf8(known->detail)},
          {"agent", or_null(known->agent)},          {"location", or_null(known->location)}};
}

json::object member(const Explanation::Member& member, const Targets& targets) {
  json::value target;
  const auto known = member.name.empty() ? targets.find({member.monitor, member.address}) : targets.end();
  if (known != targets.end() && !member.then) target = to_json(std::vector{*known->second}).front();
  return {{"address", member.name.empty() ? json::value(member.address.to_string()) : nullptr},
          {"name", or_null(member.name)},
          {"is_pool", member.is_pool},
          {"inside", member.inside},
          {"address_of", or_null(member.of)},
          {"depth", member.depth},
          {"pool", utf8(member.pool)},
          {"fallback", member.is_fallback},
          {"monitor", or_null(member.monitor)},
          {"tier", member.tier},
          {"weight", member.weight},
          {"weight_grown", member.whole},
          {"location", or_null(member.location)},
          {"state", text(member.state)},
          {"supposed", member.is_supposed},
          {"override", member.decided ? json::value(to_json(*member.decided)) : nullptr},
          {"answers", member.is_candidate},
          {"share", member.share},
          {"given", member.is_given},
          {"then", then(member.then)},
          {"target", std::move(target)}};
}

std::string ttl_rule(const Explanation& one) {
  const bool is_stale = one.alias_rule.starts_with(zones::text(zones::AliasState::stale));
  if (one.ttl < one.selection.ttl)
    return is_stale ? "at most 30 s, since it is stale" : "what is left of the target's";
  if (!one.doubt.empty()) return "no more, since " + one.doubt;
  const bool is_own = !one.aliases.empty() && one.selection.ttl_rule == zones::TtlRule::pool;
  return is_own ? "the name's" : text(one.selection.ttl_rule);
}

json::value silence(const Explanation& one) {
  if (!one.silence) return nullptr;
  return {{"from", rfc3339(one.silence->first)}, {"to", rfc3339(one.silence->second)}};
}

json::object explanation(const Explanation& one, const Targets& targets) {
  const zones::Selection& selection = one.selection;
  json::array members;
  for (const Explanation::Member& each : one.members) {
    const bool is_other = each.name.empty() && one.family != zones::Family::record &&
                          each.address.is_v4() != (one.family == zones::Family::v4);
    if (!is_other) members.push_back(member(each, targets));
  }
  json::array aliases;
  for (const Explanation::Alias& alias : one.aliases) {
    aliases.push_back({{"target", utf8(alias.target)},
                       {"state", zones::text(alias.served.state)},
                       {"addresses", alias.served.addresses.size()},
                       {"error", or_null(alias.served.error)}});
  }
  return {{"zone", utf8(one.zone)},
          {"name", utf8(one.name)},
          {"type", one.type},
          {"pool", or_null(one.pool)},
          {"policy", text(one.policy)},
          {"rule", utf8(one.alias_rule.empty() ? text(selection) : one.alias_rule)},
          {"aliases", std::move(aliases)},
          {"each", selection.each},
          {"chosen", text(one.manner)},
          {"ttl_seconds", one.ttl},
          {"ttl_rule", ttl_rule(one)},
          {"first_round", one.is_first_round},
          {"client", one.client ? json::value(one.client->to_string()) : nullptr},
          {"region", or_null(one.region)},
          {"scope", one.scope},
          {"served", one.is_served},
          {"since", time_or_null(one.since)},
          {"at", time_or_null(one.at)},
          {"until", time_or_null(one.until)},
          {"reloads_since", one.at ? json::value(one.reloads) : nullptr},
          {"last_reload", time_or_null(one.last_reload)},
          {"silence", silence(one)},
          {"members", std::move(members)}};
}

}  // namespace

std::variant<ExplainWish, std::string> explain_wish(std::string_view query,
                                                    std::chrono::system_clock::time_point now) {
  const auto given = parameters(query);
  if (!given) return kQueryForm;
  ExplainWish wish;
  for (const auto& [name, value] : *given) {
    if (name == "name") {
      wish.name = value;
    } else if (name == "type") {
      wish.type = zones::parse_type(value);
      if (!wish.type) return fmt::format("type is one of records, such as A, not \"{}\"", value);
    } else if (name == "client") {
      boost::system::error_code error;
      wish.client = boost::asio::ip::make_address(value, error);
      if (error) return fmt::format("client is an address such as 192.0.2.7, not \"{}\"", value);
    } else if (name == "if_down") {
      wish.if_down = value;
    } else if (name == "at") {
      wish.at = parse_time(value, now - kRestOfMillisecond);
      if (!wish.at) return "at is a time such as 2026-03-01T12:00:00Z, or how long ago, such as 1h30m";
      *wish.at += kRestOfMillisecond;
      if (*wish.at > now) return fmt::format("at is a moment that is over; {} is yet to come", value);
    } else {
      return fmt::format("\"{}\" is not known here; known are name, type, client, if_down, at", name);
    }
  }
  if (wish.name.empty()) return "say of which name: name=www.example.com";
  return wish;
}

json::array to_json(const std::vector<Explanation>& explanations,
                    const std::vector<health::MergedStatus>& targets) {
  Targets known;
  for (const health::MergedStatus& target : targets) known.emplace(target.target.id, &target);
  json::array array;
  for (const Explanation& one : explanations) array.push_back(explanation(one, known));
  return array;
}

}  // namespace holdfast::server
