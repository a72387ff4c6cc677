#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <sstream>

#include "config/config.h"
#include "config/watchlist.h"
#include "health/agent/report.h"
#include "health/checks.h"
#include "health/log/log.h"
#include "server/cli/commands.h"
#include "server/cli/signals.h"
#include "server/control/door.h"
#include "server/descriptors.h"
#include "server/events.h"
#include "server/state_directory.h"

namespace holdfast::server {
namespace {

/// What the agent alone believes, in the form of what all together do.
std::vector<health::MergedStatus> believed(const health::Checks& checks) {
  std::vector<health::MergedStatus> all;
  for (health::TargetStatus& own : checks.probed()) {
    all.push_back({.target = own.target,
                   .verdict = own.verdict,
                   .basis = health::Basis::single,
                   .since = own.since,
                   .transitions = own.transitions,
                   .time = own.time,
                   .observed = own.observed()});
    all.back().own = std::move(own);
  }
  return all;
}

ReloadReport no_reload() {
  ReloadReport report;
  report.configuration_accepted = false;
  report.problems = {
      "an agent reads its configuration when it starts, and what to probe from the store; restart it"};
  return report;
}

/// An agent at another location: what the servers want probed, it probes, and tells them what it saw.
int agent(const std::string& file) {
  config::Loaded loaded = config::load(file);
  for (const config::Problem& problem : loaded.problems) std::cerr << problem.text() << '\n';
  if (!loaded.config) return kUsageError;
  const config::Config& config = *loaded.config;
  if (config.self.name.empty() || !config.store) {
    std::cerr << file
              << ": an agent needs a name, [self] name = \"...\", and a [store] where it meets the servers\n";
    return kUsageError;
  }
  const Descriptors descriptors = share_out(raise_descriptor_limit(), 0, 0);
  Signals signals;
  std::optional<StateDirectory> state;
  std::optional<health::Log> log;
  if (!config.server.state.empty()) {
    state.emplace(config.server.state);
    log.emplace(state->path(), config.log, config.self.name);  // where it is, only the servers know
  }
  ProbeMetrics probes;
  const ReloadMetrics reloads;
  health::Checks checks(
      {.self = config.self,
       .store = config.store,
       .read_list =
           [&config](std::string_view text) {
             return config::read_watchlist(text, config.probes, config.control);
           },
       .trust = health::Session::Trust::content,
       .probes_in_flight = descriptors.probes,
       .probe_threads = config.probes.threads},
      {.observed =
           [&](const health::Observation& seen) {
             probes.observed(seen);
             if (log) log->observed(seen);
           },
       .changed =
           [](health::Verdict before, const health::TargetStatus& now) {
             if (now.verdict == before) return;
             const auto level =
                 now.verdict == health::Verdict::down ? spdlog::level::warn : spdlog::level::info;
             spdlog::log(level, "{}", health::report(before, now));
           },
       .store_moved =
           [&](const health::StoreStatus& before, const health::StoreStatus& now) {
             const auto event = store_event(before, now);
             if (!event) return;
             spdlog::log(event->is_bad ? spdlog::level::warn : spdlog::level::info, "{}", event->text);
             if (log) log->happened(*event);
           }});
  checks.start();
  spdlog::info("agent {}", config.self.name);

  std::optional<ControlDoor> door;
  if (config.control) {
    ControlState control{.each_zone = [](const Shown&, const ZoneVisitor&) {},
                         .zone_totals = [] { return ZoneTotals(); },
                         .live_names = [] { return std::vector<LiveNameStatus>(); },
                         .targets = [&] { return believed(checks); },
                         .pace = [&] { return checks.pace(); },
                         .meeting = [&] { return checks.status(); },
                         .accept_store = [&] { return checks.accept(); },
                         .serves = false,
                         .reload = [](std::span<const std::string>) { return no_reload(); },
                         .notifications = {},
                         .test_contact = {},
                         .counters = {},
                         .connections = {},
                         .probes = &probes,
                         .reloads = &reloads};
    if (log) {
      control.read_log = [&](const health::LogQuery& query) { return log->read(query); };
      control.log_figures = [&] { return log->figures(); };
    }
    DoorLimits limits;
    limits.connections = std::min(limits.connections, descriptors.control_connections * 3 / 4);
    door.emplace(*config.control, std::move(control), limits);
    std::ostringstream address;
    address << door->address();
    spdlog::info("control on http://{}", address.str());
  }
  signals.wait([] { spdlog::warn("SIGHUP: {}", no_reload().problems.front()); });
  spdlog::info("stopping");
  return kFine;
}

}  // namespace

void add_agent(CLI::App& program, int& exit_code) {
  auto* command = program.add_subcommand(
      "agent", "Probe what servers want probed, from where this machine is, and tell them in the store");
  auto file = std::make_shared<std::string>();
  command
      ->add_option(
          "--config", *file,
          "The configuration file: [self] and [store]; also [probes], [control], [log] and [server] state")
      ->type_name("FILE")
      ->required();
  command->callback([file, &exit_code] {
    spdlog::set_default_logger(spdlog::stderr_color_mt("holdfast"));
    try {
      exit_code = agent(*file);
    } catch (const std::exception& error) {  // a socket, a password, or memory, that cannot be had
      std::cerr << "holdfast: " << error.what() << '\n';
      exit_code = kUsageError;
    }
  });
}

}  // namespace holdfast::server
