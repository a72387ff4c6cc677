#include "server/control/log_json.h"

#include <boost/json.hpp>
#include <map>
#include <set>

#include "health/probe/command.h"
#include "server/control/json.h"

namespace holdfast::server {
namespace {

namespace json = boost::json;
using health::LogEntry;

/// What is known now of the targets that a page has probes of.
struct Watched {
  std::set<std::string> used_by;
  std::string command;
};
using WatchedTargets = std::map<health::TargetId, Watched>;

WatchedTargets watched_now(const health::LogPage& page, const ControlState& state) {
  WatchedTargets watched;
  for (const LogEntry& entry : page.entries) {
    if (entry.kind == health::kProbeKind && entry.target) watched[*entry.target];
  }
  if (watched.empty()) return watched;
  for (const LiveNameStatus& live : state.live_names()) {
    for (const MemberStatus& member : live.members) {
      const auto found = watched.find({member.monitor, member.address});
      if (found != watched.end()) found->second.used_by.insert(member.pool);
    }
  }
  for (const health::MergedStatus& status : state.targets()) {
    const auto found = watched.find(status.target.id);
    if (found != watched.end()) found->second.command = health::command(status.target);
  }
  return watched;
}

template <class Texts>
json::array array_of(const Texts& texts) {
  json::array array;
  for (const std::string& text : texts) array.push_back(utf8(text));
  return array;
}

json::object entry_of(const LogEntry& entry, const WatchedTargets& watched) {
  const bool is_probe = entry.kind == health::kProbeKind;
  json::object object{{"cursor", entry.cursor},
                      {"time", rfc3339(entry.time)},
                      {"kind", entry.kind},
                      {"monitor", entry.target ? json::value(utf8(entry.target->monitor)) : nullptr},
                      {"address", entry.target ? json::value(entry.target->address.to_string()) : nullptr},
                      {"agent", or_null(entry.agent)},
                      {"location", or_null(entry.location)},
                      {"outcome", or_null(entry.outcome)},
                      {"detail", utf8(entry.detail)}};
  if (!is_probe) {
    object["id"] = utf8(entry.id);
    object["text"] = utf8(entry.text);
    object["before"] = or_null(entry.before);
    object["after"] = or_null(entry.after);
    object["used_by"] = array_of(entry.used_by);
    object["command"] = or_null(entry.command);
    return object;
  }
  object["connect_seconds"] = seconds(entry.connect);
  object["tls_seconds"] = seconds(entry.tls);
  object["header_seconds"] = seconds(entry.header);
  object["body_seconds"] = seconds(entry.body);
  object["total_seconds"] = seconds(entry.total);
  if (entry.target) {
    const Watched& now = watched.at(*entry.target);
    object["used_by"] = array_of(now.used_by);
    object["command"] = or_null(now.command);
  }
  return object;
}

}  // namespace

json::object to_json(const health::LogPage& page, const ControlState& state) {
  const WatchedTargets watched = watched_now(page, state);
  json::array entries;
  entries.reserve(page.entries.size());
  for (const LogEntry& entry : page.entries) entries.push_back(entry_of(entry, watched));
  return {{"entries", std::move(entries)}, {"more", page.more}, {"last", page.last}};
}

}  // namespace holdfast::server
