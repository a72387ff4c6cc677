#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>
#include <optional>
#include <set>

#include "config/config.h"
#include "config/scope.h"
#include "health/agent/report.h"
#include "health/probe/command.h"
#include "health/probe/detail.h"
#include "health/probe/probe.h"
#include "health/probe/url.h"
#include "server/cli/commands.h"
#include "server/cli/probe_url.h"
#include "server/control/json.h"
#include "server/own_records.h"
#include "zones/load/load.h"

namespace holdfast::server {
namespace {

constexpr std::size_t kAtOnce = 64;  // probes in flight

/// What is wrong with what was typed; the text says what to do.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct ProbeOptions {
  TypedProbe typed;
  std::string config;
  std::string monitor;
  bool as_json = false;
};

const health::MonitorSettings& monitor_named(const config::Config& config, const std::string& name) {
  std::vector<std::string_view> names;
  for (const auto& monitor : config.monitors) {
    if (monitor.name == name) return monitor;
    names.push_back(monitor.name);
  }
  throw UsageError(fmt::format("there is no monitor {}; {}", config::in_quotes(name),
                               names.empty() ? "the file has none" : config::suggest(name, names)));
}

/// Whoever the monitor watches: members of pools, and records of zones.
std::set<boost::asio::ip::address> watched_by(const std::string& monitor, const config::Config& config) {
  std::set<boost::asio::ip::address> addresses;
  for (const zones::PoolSettings& pool : config.pools) {
    if (pool.monitor != monitor) continue;
    for (const zones::PoolMemberSettings& member : pool.members) {
      if (!member.address.is_unspecified()) addresses.insert(member.address);
    }
  }
  for (const zones::ZoneSettings& settings : config.zones) {
    zones::LoadedZone loaded;
    for (const zones::LiveSettings& live : settings.live) {
      if (live.monitor != monitor || !live.has_own_records()) continue;
      if (settings.is_secondary()) {
        throw UsageError(fmt::format("{}: its records are those of its primaries; name an --address",
                                     settings.name.text()));
      }
      if (!loaded.zone) loaded = zones::load_zone(settings.name, settings.file);
      if (!loaded.zone) {
        throw UsageError(fmt::format("{}: {}; `holdfast check` tells all of it, or name an --address",
                                     settings.name.text(), loaded.problems.front().text()));
      }
      for (const auto& member : own_records(*loaded.zone, live).members) addresses.insert(member.address);
    }
  }
  return addresses;
}

std::vector<health::Target> configured_targets(const ProbeOptions& options) {
  const config::Loaded loaded = config::load(options.config);
  if (!loaded.config) {
    std::string text = options.config + " has errors; correct them:";
    for (const config::Problem& problem : loaded.problems) text += "\n" + problem.text();
    throw UsageError(text);
  }
  const health::MonitorSettings& monitor = monitor_named(*loaded.config, options.monitor);
  std::set<boost::asio::ip::address> addresses;
  if (options.typed.address.empty()) {
    addresses = watched_by(monitor.name, *loaded.config);
    if (addresses.empty())
      throw UsageError(
          "no address in the file is checked by the monitor (those of names are not looked up here); name an "
          "--address");
  } else {
    boost::system::error_code no_address;
    addresses.insert(boost::asio::ip::make_address(options.typed.address, no_address));
    if (no_address) throw UsageError(config::in_quotes(options.typed.address) + " is no IP address");
  }
  std::vector<health::Target> targets;
  for (const auto& address : addresses) targets.push_back({{monitor.name, address}, monitor});
  return targets;
}

std::vector<health::Target> targets(const ProbeOptions& options) {
  const TypedProbe& typed = options.typed;
  if (typed.url.empty() == options.config.empty() || options.config.empty() != options.monitor.empty())
    throw UsageError("say what to check: a URL, or --config FILE and --monitor NAME");
  if (!options.config.empty()) {
    if (!typed.host.empty() || !typed.expect.empty() || !typed.timeout.empty())
      throw UsageError("--host, --expect and --timeout go with a URL; a monitor has its own");
    return configured_targets(options);
  }
  const auto target = target_of(typed);
  if (const auto* wrong = std::get_if<std::string>(&target)) throw UsageError(*wrong);
  return {std::get<health::Target>(target)};
}

/// Probes each target once. By place.
std::vector<health::ProbeResult> probe_all(const std::vector<health::Target>& targets) {
  boost::asio::io_context io;
  health::Prober prober(io);
  std::vector<health::ProbeResult> results(targets.size());
  std::vector<std::unique_ptr<health::Probe>> probes(targets.size());
  std::size_t next = 0, done = 0;
  const std::function<void()> start = [&] {
    if (next == targets.size()) return;
    const std::size_t at = next++;
    probes[at] = prober.start(targets[at], [&, at](health::ProbeResult result) {
      results[at] = std::move(result);
      if (++done == targets.size()) io.stop();
      start();
    });
  };
  for (std::size_t i = 0; i < kAtOnce; ++i) start();
  io.run();
  return results;
}

std::string for_people(const health::Target& target, const health::ProbeResult& result) {
  std::string text = fmt::format("{} {}: ", target.id.monitor, health::address_and_port(target));
  if (const auto* seen = std::get_if<health::Observation>(&result)) {
    text += health::text(seen->outcome);
    if (!seen->detail.empty()) text += " (" + seen->detail + ")";
    text += "\n  " + health::phases(*seen);
  } else {
    text += "not run: " + health::printable(std::get<health::NotRun>(result).why);
  }
  return text + "\n  by hand: " + health::command(target) + "\n";
}

std::string for_programs(const health::Target& target, const health::ProbeResult& result) {
  boost::json::object object{{"monitor", utf8(target.id.monitor)},
                             {"address", target.id.address.to_string()},
                             {"type", text(target.monitor.type)},
                             {"command", utf8(health::command(target))}};
  const auto* seen = std::get_if<health::Observation>(&result);
  object["observation"] = seen != nullptr ? boost::json::value(to_json(*seen)) : nullptr;
  object["not_run"] =
      seen != nullptr ? nullptr : boost::json::value(utf8(std::get<health::NotRun>(result).why));
  return boost::json::serialize(object) + "\n";
}

int probe(const ProbeOptions& options) {
  const std::vector<health::Target> all = targets(options);
  const std::vector<health::ProbeResult> results = probe_all(all);
  int code = kFine;
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::cout << (options.as_json ? for_programs(all[i], results[i]) : for_people(all[i], results[i]));
    const auto* seen = std::get_if<health::Observation>(&results[i]);
    code = std::max<int>(code, seen == nullptr ? kUsageError : seen->passed() ? kFine : kBadNews);
  }
  return code;
}

}  // namespace

void add_probe(CLI::App& program, int& exit_code) {
  CLI::App* command =
      program.add_subcommand("probe",
                             "Probe now, without a server: outcome, phases, and the same "
                             "check by hand; exit code 1 when one failed, 2 when one could not be run");
  const auto options = std::make_shared<ProbeOptions>();
  command
      ->add_option("url", options->typed.url,
                   "What to check: https://www.example.com/healthz, tcp://192.0.2.1:443, smtp://192.0.2.1, "
                   "tls://192.0.2.1, dns://192.0.2.53/example.com/SOA, ping://192.0.2.1")
      ->type_name("URL");
  command
      ->add_option("--config", options->config,
                   "Instead of a URL: the configuration file that has the --monitor")
      ->type_name("FILE");
  command
      ->add_option("--monitor", options->monitor,
                   "A monitor of that file: all its targets are probed, or only --address")
      ->type_name("NAME");
  command->add_option("--address", options->typed.address, "Connect to this address")->type_name("ADDRESS");
  command->add_option("--host", options->typed.host, "Host header, SNI and name of the certificate")
      ->type_name("NAME");
  command->add_option("--expect", options->typed.expect, "Text that must be answered")->type_name("TEXT");
  command->add_option("--timeout", options->typed.timeout, "Longest time for the probe; 3s")
      ->type_name("TIME");
  command->add_flag("--json", options->as_json, "Print a line of JSON for each target, for programs");
  command->callback([options, &exit_code] {
    try {
      exit_code = probe(*options);
    } catch (const UsageError& error) {
      std::cerr << "holdfast probe: " << error.what() << '\n';
      exit_code = kUsageError;
    }
  });
}

}  // namespace holdfast::server
