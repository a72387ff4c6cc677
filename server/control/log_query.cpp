#include "server/control/log_query.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "health/event.h"
#include "health/observation.h"
#include "server/control/time_text.h"
#include "server/control/url_query.h"

namespace holdfast::server {
namespace {

using health::LogQuery;

constexpr std::string_view kTime = "a time such as 2026-03-01T12:00:00Z, or how long ago, such as 1h30m";

/// Empty: it is right.
using Complaint = std::string;

struct Context {
  const ControlState& state;
  std::chrono::system_clock::time_point now;
};

template <class Number>
Complaint read_number(std::string_view name, const std::string& value, Number least, Number most,
                      Number& number) {
  const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool is_number = read.ec == std::errc() && read.ptr == value.data() + value.size();
  if (is_number && number >= least && number <= most) return {};
  return fmt::format("{} is a number from {} to {}", name, least, most);
}

Complaint read_monitor(const std::string& value, LogQuery& query, const Context&) {
  query.monitor = value;
  return value.empty() ? "monitor is the name of a monitor" : "";
}

Complaint read_agent(const std::string& value, LogQuery& query, const Context&) {
  query.agent = value;
  return value.empty() ? "agent is the name of an agent" : "";
}

Complaint read_address(const std::string& value, LogQuery& query, const Context&) {
  boost::system::error_code error;
  query.address = boost::asio::ip::make_address(value, error);
  return error ? "address is an IP address, such as 192.0.2.1" : "";
}

/// The targets of a pool, or of a live name whose own records are watched.
Complaint read_pool(const std::string& value, LogQuery& query, const Context& context) {
  std::set<health::TargetId> targets;
  bool found = false;
  for (const LiveNameStatus& live : context.state.live_names()) {
    found =
        found || (live.pool.empty() ? live.name == value || live.name == value + "." : live.pool == value);
    for (const MemberStatus& member : live.members) {
      if (member.pool != value && member.pool != value + ".") continue;
      found = true;
      if (member.name.empty()) targets.insert({member.monitor, member.address});
    }
  }
  query.targets.emplace(targets.begin(), targets.end());
  return found ? "" : "no live name answers from such a pool; pool is the name of a pool, or of a live name";
}

Complaint read_outcome(const std::string& value, LogQuery& query, const Context&) {
  query.outcome = value;
  if (value == "failed") return {};
  std::string known = "failed";
  for (std::size_t i = 0; i < health::kOutcomes; ++i) {
    const auto outcome = health::text(static_cast<health::Outcome>(i));
    if (value == outcome) return {};
    known += fmt::format(", {}", outcome);
  }
  return "outcome is one of " + known;
}

Complaint read_kind(const std::string& value, LogQuery& query, const Context&) {
  query.kinds.push_back(value);
  std::string known(health::kProbeKind);
  for (const std::string_view kind : health::kEventKinds) known += fmt::format(", {}", kind);
  const bool is_known = value == health::kProbeKind ||
                        std::find(std::begin(health::kEventKinds), std::end(health::kEventKinds), value) !=
                            std::end(health::kEventKinds);
  return is_known ? "" : "kind is one of " + known;
}

Complaint read_since(const std::string& value, LogQuery& query, const Context& context) {
  query.since = parse_time(value, context.now);
  return query.since ? "" : fmt::format("since is {}", kTime);
}

Complaint read_until(const std::string& value, LogQuery& query, const Context& context) {
  query.until = parse_time(value, context.now);
  if (!query.until) return fmt::format("until is {}", kTime);
  *query.until += kRestOfMillisecond;
  return {};
}

Complaint read_after(const std::string& value, LogQuery& query, const Context&) {
  return read_number<std::int64_t>("after", value, 0, std::int64_t{1} << 53, query.after.emplace());
}

Complaint read_limit(const std::string& value, LogQuery& query, const Context&) {
  return read_number<std::size_t>("limit", value, 1, health::kMostEntries, query.limit);
}

struct Known {
  std::string_view name;
  Complaint (*read)(const std::string& value, LogQuery& query, const Context& context);
};
constexpr Known kKnown[] = {{"monitor", read_monitor}, {"address", read_address}, {"pool", read_pool},
                            {"agent", read_agent},     {"outcome", read_outcome}, {"kind", read_kind},
                            {"since", read_since},     {"until", read_until},     {"limit", read_limit},
                            {"after", read_after}};

}  // namespace

std::variant<LogQuery, std::string> log_query(std::string_view query, const ControlState& state,
                                              std::chrono::system_clock::time_point now) {
  const auto given = parameters(query);
  if (!given) return "this is no query of a URL; write it as ?since=1h&outcome=failed";
  LogQuery result;
  std::set<std::string_view> seen;
  for (const Parameter& parameter : *given) {
    const auto known = std::find_if(std::begin(kKnown), std::end(kKnown),
                                    [&](const Known& one) { return one.name == parameter.name; });
    if (known == std::end(kKnown)) {
      std::string names;
      for (const Known& one : kKnown) names += fmt::format("{}{}", names.empty() ? "" : ", ", one.name);
      return "known are " + names;
    }
    if (!seen.insert(known->name).second && known->name != "kind")
      return fmt::format("{} is given twice", known->name);
    if (Complaint complaint = known->read(parameter.value, result, {state, now}); !complaint.empty())
      return complaint;
  }
  return result;
}

}  // namespace holdfast::server
