#include <algorithm>
#include <map>

#include "config/document.h"
#include "health/probe/dns_message.h"

namespace holdfast::config {
namespace {

using health::MonitorSettings;
using health::Protocol;

/// Defaults for which a short interval has no room give way; what was written is judged as written.
void fit_interval(const toml::table& table, MonitorSettings& monitor) {
  if (!table.contains("timeout")) monitor.timeout = std::min(monitor.timeout, monitor.interval * 3 / 5);
  if (!table.contains("retry")) monitor.retry = std::min(monitor.retry, monitor.interval / 2);
}

/// In the form in which the data of an answer will be.
void print_data(MonitorSettings& monitor) {
  if (auto data = health::printed_data({monitor.query, monitor.query_type}, monitor.expect.text())) {
    monitor.expect = *std::move(data);
  }
}

/// The monitors that a combination names, with no more time than it has itself.
std::vector<MonitorSettings> parts_of(const MonitorSettings& monitor,
                                      const std::map<std::string_view, const MonitorSettings*>& all) {
  std::vector<MonitorSettings> parts;
  for (const std::string& name : monitor.of) {
    const auto part = all.find(name);
    if (part == all.end() || is_combination(part->second->type)) continue;
    parts.push_back(*part->second);
    MonitorSettings& last = parts.back();
    last.timeout = std::min(last.timeout, monitor.timeout);
    for (auto* phase : {&last.connect_timeout, &last.header_timeout, &last.body_timeout}) {
      *phase = std::min(*phase, last.timeout);
    }
  }
  return parts;
}

}  // namespace

void complete(Document& document) {
  std::map<std::string_view, const MonitorSettings*> all;
  for (auto& [table, scope, monitor] : document.monitors) {
    fit_interval(*table, monitor);
    if (monitor.type == Protocol::dns) print_data(monitor);
    if (!monitor.command.empty() && document.probes && !document.probes->settings.exec_directory.empty()) {
      monitor.command.front().insert(0, document.probes->settings.exec_directory + '/');
    }
    all.emplace(monitor.name, &monitor);
  }
  for (const auto& catalog : document.catalogs) {
    const auto use = [&](const std::vector<std::string>& peers) {
      document.used_peers.insert(peers.begin(), peers.end());
    };
    use(catalog.settings.primaries);
    use(catalog.settings.members_from);
    use(catalog.settings.secondaries);
    for (const auto& group : catalog.settings.groups) {
      use(group.primaries);
      use(group.secondaries);
    }
  }
  for (auto& monitor : document.monitors) monitor.settings.parts = parts_of(monitor.settings, all);
}

}  // namespace holdfast::config
