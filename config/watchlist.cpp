#include "config/watchlist.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>

#include "config/document.h"
#include "config/nesting.h"
#include "config/options.h"
#include "config/own_listener.h"
#include "health/probe/program.h"

namespace holdfast::config {
namespace {

namespace fs = std::filesystem;
using health::MonitorSettings;
using health::Protocol;
using health::Target;

constexpr std::size_t kDigest = 32;  // hexadecimal digits

constexpr std::string_view kSections[] = {"location", "agent", "monitor", "pool"};

// ---- writing

template <class Settings>
std::string section(std::string_view key, std::string_view name, const Settings& settings,
                    std::span<const Option<Settings>> options) {
  const bool is_bare = name.find('.') == name.npos;  // as a key of TOML
  const std::string lines = write_table(settings, options, "\n");
  return fmt::format("[{}.{}]\n{}{}", key, is_bare ? std::string(name) : toml_string(name), lines,
                     lines.empty() ? "" : "\n");
}

void sort_by_id(std::vector<Target>& targets) {
  const auto by_id = [](const auto& a, const auto& b) { return a.id < b.id; };
  // They are large to move, and mostly in order.
  if (!std::is_sorted(targets.begin(), targets.end(), by_id))
    std::stable_sort(targets.begin(), targets.end(), by_id);
  const auto same = [](const auto& a, const auto& b) { return a.id == b.id; };
  targets.erase(std::unique(targets.begin(), targets.end(), same), targets.end());
}

/// The monitors of the targets, and those that they combine. Of a part that is no target's, the one that has the most
/// time: a combination gives its parts no more time than it has itself.
std::map<std::string_view, const MonitorSettings*> monitors_of(const std::vector<Target>& targets) {
  std::map<std::string_view, const MonitorSettings*> monitors;
  for (const Target& target : targets) monitors.try_emplace(target.id.monitor, &target.monitor);
  std::map<std::string_view, const MonitorSettings*> parts;
  for (const auto& [name, monitor] : monitors) {
    for (const MonitorSettings& part : monitor->parts) {
      const MonitorSettings*& known = parts.try_emplace(part.name, &part).first->second;
      if (part.timeout > known->timeout) known = &part;
    }
  }
  monitors.merge(parts);
  return monitors;
}

// ---- reading

std::size_t patterns(const toml::table& root) {
  std::size_t count = 0;
  const toml::table* monitors = root.get_as<toml::table>("monitor");
  if (monitors == nullptr) return 0;
  for (const auto& [name, monitor] : *monitors) {
    const toml::table* table = monitor.as_table();
    for (const char* key : {"expect", "reject"}) count += table != nullptr && (*table)[key].is_table();
  }
  return count;
}

bool is_within_limits(const toml::table& root) {
  for (const auto& [key, value] : root) {
    if (std::find(std::begin(kSections), std::end(kSections), key.str()) == std::end(kSections)) return false;
  }
  return patterns(root) <= kMaxWatchlistPatterns;
}

bool is_readable(const std::string& file) {
  std::error_code error;
  return ::access(file.c_str(), R_OK) == 0 && fs::is_regular_file(file, error);
}

/// Whether what it needs of this machine is here.
bool can_run(const MonitorSettings& monitor, bool has_programs) {
  if (monitor.type == Protocol::exec &&
      (!has_programs || monitor.command.empty() || !health::program_fault(monitor.command.front()).empty())) {
    return false;
  }
  for (const std::string* file : {&monitor.ca_file, &monitor.client_certificate, &monitor.client_key}) {
    if (!file->empty() && !is_readable(*file)) return false;
  }
  return std::all_of(monitor.parts.begin(), monitor.parts.end(),
                     [&](const MonitorSettings& part) { return can_run(part, has_programs); });
}

void leave_out_what_cannot_run(Document& document, const std::string& exec_directory) {
  const bool has_programs = !exec_directory.empty() && health::directory_fault(exec_directory).empty();
  std::set<std::string> left_out;
  decltype(document.monitors) monitors;
  for (auto& monitor : document.monitors) {
    if (can_run(monitor.settings, has_programs)) {
      monitors.push_back(std::move(monitor));
    } else {
      left_out.insert(monitor.settings.name);
    }
  }
  decltype(document.pools) pools;
  for (auto& pool : document.pools) {
    if (!left_out.contains(pool.settings.monitor)) pools.push_back(std::move(pool));
  }
  document.monitors.swap(monitors);
  document.pools.swap(pools);
}

std::vector<health::TargetId> ids_of(const Document& document) {
  std::set<health::TargetId> ids;
  for (const auto& pool : document.pools) {
    for (const zones::PoolMemberSettings& member : pool.settings.members)
      ids.insert({pool.settings.monitor, member.address});
  }
  return {ids.begin(), ids.end()};
}

/// Octets that a target takes with this monitor: more than it has of text, since a part may be in several.
std::size_t weight(const MonitorSettings& monitor) {
  std::size_t octets = sizeof(Target) + write_table(monitor, monitor_options(), "\n").size();
  for (const MonitorSettings& part : monitor.parts) octets += weight(part);
  return octets;
}

/// Null: they would take too much memory.
std::optional<std::vector<Target>> targets_of(const Document& document,
                                              const std::optional<server::ControlSettings>& control) {
  std::map<std::string_view, std::pair<const MonitorSettings*, std::size_t>> monitors;  // with their weights
  for (const auto& monitor : document.monitors) {
    monitors.emplace(monitor.settings.name, std::pair(&monitor.settings, weight(monitor.settings)));
  }
  std::size_t octets = 0;
  std::size_t count = 0;
  for (const auto& pool : document.pools) {
    const std::size_t members = pool.settings.members.size();
    octets += monitors.at(pool.settings.monitor).second * members;
    count += members;
  }
  if (octets > kMaxWatchlistMemory) return std::nullopt;
  std::vector<Target> targets;
  targets.reserve(count);
  for (const auto& pool : document.pools) {
    const MonitorSettings& monitor = *monitors.at(pool.settings.monitor).first;
    for (const zones::PoolMemberSettings& member : pool.settings.members) {
      if (control && reaches(*control, monitor, member.address)) continue;
      targets.push_back({{monitor.name, member.address}, monitor, member.location});
    }
  }
  return targets;
}

template <class Settings>
std::vector<Settings> settings_of(const std::vector<Section<Settings>>& sections) {
  std::vector<Settings> all;
  for (const auto& one : sections) all.push_back(one.settings);
  return all;
}

std::string digest(std::string_view text) {
  unsigned char octets[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), octets, &size, EVP_sha256(), nullptr) != 1) return "";
  std::string hexadecimal;
  for (std::size_t i = 0; i < kDigest / 2; ++i) hexadecimal += fmt::format("{:02x}", octets[i]);
  return hexadecimal;
}

}  // namespace

std::string write_watchlist(const std::vector<Target>& targets,
                            const std::vector<health::LocationSettings>& locations,
                            const std::vector<health::AgentSettings>& agents) {
  // Each target has its whole monitor with it, so they are put in order by where they are.
  std::map<health::TargetId, const std::string*> members;
  for (const Target& target : targets) members.try_emplace(target.id, &target.location);

  auto places = locations;
  auto all_agents = agents;
  sort_by_name(places);
  sort_by_name(all_agents);
  std::string text = "# What one server wants checked. It writes this anew; a change made here is lost.\n";
  for (const auto& place : places) text += section("location", place.name, place, location_options());
  for (const auto& agent : all_agents) text += section("agent", agent.name, agent, agent_options());
  for (const auto& [name, monitor] : monitors_of(targets))
    text += section("monitor", name, *monitor, monitor_options());
  zones::PoolSettings pool;
  std::size_t pools = 0;
  const auto write_pool = [&] {
    if (!pool.members.empty()) text += section("pool", std::to_string(++pools), pool, pool_options());
    pool.members.clear();
  };
  for (const auto& [id, location] : members) {
    if (id.monitor != pool.monitor || pool.members.size() == kMaxPoolMembers) write_pool();
    pool.monitor = id.monitor;
    pool.members.push_back({.address = id.address, .location = *location});
  }
  write_pool();
  return text;
}

std::optional<health::Watchlist> read_watchlist(std::string_view text, const health::ProbeSettings& ours,
                                                const std::optional<server::ControlSettings>& control) {
  if (text.size() > kMaxWatchlist || too_deep(text)) return std::nullopt;
  try {
    const toml::table root = toml::parse(text);
    if (!is_within_limits(root)) return std::nullopt;
    Report report("watchlist");
    const fs::path directory("/");
    const Scope scope{report, directory, {}, ""};
    Document document = read_document(root, scope);
    document.probes.emplace(Section<health::ProbeSettings>{
        &root, scope, {.exec_directory = ours.exec_directory, .allow_loopback = true}});
    complete(document);
    std::vector<health::TargetId> left_out = ids_of(document);
    leave_out_what_cannot_run(document, ours.exec_directory);
    check(document, root, scope);
    if (report.has_error()) return std::nullopt;
    auto targets = targets_of(document, control);
    if (!targets) return std::nullopt;
    auto list =
        watchlist(*std::move(targets), settings_of(document.locations), settings_of(document.agents), text);
    std::erase_if(left_out, [&](const health::TargetId& id) {
      const auto at = std::lower_bound(list.targets.begin(), list.targets.end(), id,
                                       [](const Target& one, const auto& wanted) { return one.id < wanted; });
      return at != list.targets.end() && at->id == id;
    });
    list.left_out = std::move(left_out);
    return list;
  } catch (const std::exception&) {  // no TOML, or too much of it
    return std::nullopt;
  }
}

health::Watchlist watchlist(std::vector<Target> targets, std::vector<health::LocationSettings> locations,
                            std::vector<health::AgentSettings> agents, std::string_view text) {
  sort_by_id(targets);
  sort_by_name(locations);
  sort_by_name(agents);
  return {std::move(targets), std::move(locations), std::move(agents), digest(text)};
}

}  // namespace holdfast::config
