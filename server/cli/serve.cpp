#include <malloc.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <condition_variable>
#include <csignal>
#include <iostream>
#include <sstream>
#include <stop_token>
#include <thread>
#include <utility>

#include "config/config.h"
#include "health/agent/agent.h"
#include "health/agent/report.h"
#include "health/event.h"
#include "health/log/log.h"
#include "health/notify/notifier.h"
#include "health/probe/command.h"
#include "server/cli/commands.h"
#include "server/control/door.h"
#include "server/deployment.h"
#include "server/descriptors.h"
#include "server/listen/tcp.h"
#include "server/listen/udp.h"
#include "server/notify_routes.h"
#include "server/overrides.h"
#include "server/state_directory.h"
#include "server/warm_start.h"

namespace holdfast::server {
namespace {

void log_report(const ReloadReport& report) {
  for (const std::string& problem : report.problems) spdlog::warn("{}", problem);
  if (!report.configuration_accepted) {
    spdlog::error("the configuration is refused; what was served before is served on");
  } else if (!report.ok()) {
    spdlog::error("zones refused: {}; see above", report.zones_refused);
  }
}

std::string host_name() {
  char name[256] = "";  // HOST_NAME_MAX is 64
  ::gethostname(name, sizeof name - 1);
  return name;
}

template <class Endpoint>
std::string text(const Endpoint& endpoint) {
  std::ostringstream out;
  out << endpoint;
  return out.str();
}

/// The soft limit of open files becomes the hard one. @return it
std::size_t raise_descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

/// Signals are ours from its construction on, so that none is lost, and none kills, while zones are being loaded. They
/// are taken on a thread of its own, so that SIGTERM and SIGINT also end a load that takes long.
class Signals {
 public:
  Signals() {
    arm();
    thread_ = std::thread([this] { io_.run(); });
  }
  ~Signals() {
    io_.stop();
    thread_.join();
  }

  /// Requested by SIGTERM or SIGINT.
  std::stop_token ended() const { return ended_.get_token(); }

  /// Returns when the program is to end; reloads at each SIGHUP until then. Several that come during a reload are one.
  void wait(const std::function<void()>& reload) {
    std::unique_lock lock(mutex_);
    while (came_.wait(lock, ended(), [this] { return hangup_; })) {
      hangup_ = false;
      lock.unlock();
      spdlog::info("SIGHUP: reloading");
      reload();
      lock.lock();
    }
  }

 private:
  void arm() {
    signals_.async_wait([this](boost::system::error_code error, int signal) {
      if (error) return;
      if (signal != SIGHUP) {
        ended_.request_stop();
        return;
      }
      {
        const std::lock_guard lock(mutex_);
        hangup_ = true;
      }
      came_.notify_one();
      arm();
    });
  }

  std::stop_source ended_;
  std::mutex mutex_;
  std::condition_variable_any came_;
  bool hangup_ = false;
  boost::asio::io_context io_{1};
  boost::asio::signal_set signals_{io_, SIGHUP, SIGTERM, SIGINT};
  std::thread thread_;
};

health::Event transition(health::Verdict before, const health::TargetStatus& now, const LiveNames& live) {
  const auto time = std::chrono::system_clock::now();
  health::Event event{.id = health::make_event_id(time), .time = time, .text = health::report(before, now)};
  event.target = now.target.id;
  event.used_by = live.used_by(now.target.id);
  event.before = before;
  event.after = now.verdict;
  if (now.last) {
    event.outcome = now.last->outcome;
    event.detail = now.last->detail;
  }
  event.command = health::command(now.target);
  event.answers = live.answers_with(now.target.id);
  return event;
}

health::Event configuration(const ReloadReport& report) {
  const auto time = std::chrono::system_clock::now();
  health::Event event{
      .id = health::make_event_id(time), .time = time, .kind = health::EventKind::configuration};
  event.is_bad = !report.configuration_accepted || report.zones_refused != 0;
  if (report.ok()) {
    event.text = fmt::format("reloaded: {} zones changed", report.zones_changed);
    return event;
  }
  event.text = "a reload was refused";
  const auto reason =
      std::find_if(report.problems.begin(), report.problems.end(),
                   [](const std::string& problem) { return problem.find(": warning: ") == problem.npos; });
  if (reason != report.problems.end()) event.text += ": " + *reason;
  return event;
}

/// The running program, from top to bottom. What is declared later uses what stands above it, and goes first.
int serve(const std::filesystem::path& file) {
  // What is large goes back to the system as soon as it is freed, also after something larger was.
  ::mallopt(M_MMAP_THRESHOLD, 1 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 8 << 20);
  const auto now = std::chrono::system_clock::now();
  config::Loaded loaded = config::load(file);
  for (const config::Problem& problem : loaded.problems) std::cerr << problem.text() << '\n';
  if (!loaded.config) return kUsageError;
  const ServerSettings settings = loaded.config->server;
  const std::optional<ControlSettings> control_settings = loaded.config->control;
  const unsigned workers =
      settings.threads != 0 ? settings.threads : std::max(1U, std::thread::hardware_concurrency());
  const std::size_t listeners = settings.listen.size() * workers * 2;
  const Descriptors descriptors = share_out(raise_descriptor_limit(), listeners, settings.tcp_connections);
  if (descriptors.tcp_connections < settings.tcp_connections) {
    spdlog::warn("at most {} TCP connections at a time instead of {}: the system allows no more open files",
                 descriptors.tcp_connections, settings.tcp_connections);
  }
  Signals signals;
  std::optional<StateDirectory> state;
  std::optional<health::Log> log;
  if (settings.state.empty()) {
    spdlog::info(
        "no [server] state: nothing is kept over a restart, and there is no log of probes and events");
  } else {
    state.emplace(settings.state);
    log.emplace(state->path(), loaded.config->log);
  }

  Source source;  // what everybody answers from
  source.identity = {settings.nsid, settings.version, settings.edns_size};
  LiveNames live(source.live);
  ProbeMetrics probes;
  health::Notifier notifier(settings.nsid.empty() ? host_name() : settings.nsid);
  // Everybody who is to be told of an event. Called from any thread.
  const std::function<void(const health::Event&)> happened = [&](const health::Event& event) {
    if (log) log->happened(event);
    notifier.happened(event);
  };
  std::optional<WarmStart> warm;
  health::Agent agent({.observed =
                           [&](const health::Observation& seen) {
                             probes.observed(seen);
                             if (log) log->observed(seen);
                             if (warm) warm->observed(seen);
                           },
                       .changed =
                           [&](health::Verdict before, const health::TargetStatus& status) {
                             live.changed(status);
                             if (warm) warm->changed(status);
                             if (status.verdict != before) happened(transition(before, status, live));
                           }},
                      descriptors.probes);
  if (state) warm.emplace(state->path(), [&] { return agent.status(); });
  Overrides overrides(live, warm ? &warm->state() : nullptr, happened);
  Deployment deployment(file, source, live, agent, signals.ended(), [&](const config::Config& config) {
    overrides.configure(config.locations);
    notifier.configure(config.notify, config.contacts, routes_of(config));
  });
  if (warm) {
    const auto kept = warm->verdicts(now);
    agent.remember(kept);
    live.remember(kept);
    if (!kept.empty())
      spdlog::info("{} verdicts are those of before the restart, until they are probed", kept.size());
  }
  ReloadMetrics reloads;
  const auto reload = [&](std::span<const std::string> zones) {
    ReloadReport report = zones.empty() ? deployment.reload() : deployment.reload_zones(zones);
    log_report(report);
    reloads.reloaded(report, std::chrono::system_clock::now());
    notifier.watch(live.targets());
    happened(configuration(report));
    return report;
  };

  std::vector<Listening> listening;
  for (const auto& address : settings.listen) listening.push_back(listen_on(address, workers));
  log_report(deployment.start(*std::exchange(loaded.config, std::nullopt), now));
  if (warm) warm->started();

  ControlState control{
      .each_zone = [&](const Shown& shown,
                       const ZoneVisitor& visit) { deployment.deployed()->each_zone(shown, visit); },
      .zone_totals = [&] { return deployment.deployed()->totals; },
      .live_names = [&] { return live.status(); },
      .targets = [&] { return agent.status(); },
      .pace = [&] { return agent.pace(); },
      .reload = reload,
      .notifications = [&] { return notifier.status(); },
      .test_contact = [&](const std::string& contact) { return notifier.test(contact); },
      .counters = {},
      .connections = {},
      .probes = &probes,
      .reloads = &reloads,
      .overrides = &overrides};
  if (warm) control.kept = &warm->state();
  if (log) {
    control.read_log = [&](const health::LogQuery& query) { return log->read(query); };
    control.log_figures = [&] { return log->figures(); };
  }
  std::vector<std::unique_ptr<UdpWorker>> udp;
  std::vector<std::unique_ptr<TcpWorker>> tcp;
  const TcpLimits limits{.connections = std::max<std::size_t>(1, descriptors.tcp_connections / workers),
                         .idle = settings.tcp_idle,
                         .message = settings.tcp_message};
  for (unsigned i = 0; i < workers; ++i) {
    std::vector<Socket> sockets;
    for (Listening& address : listening) {
      udp.push_back(std::make_unique<UdpWorker>(std::move(address.udp[i]), source));
      control.counters.push_back(&udp.back()->counters());
      sockets.push_back(std::move(address.tcp[i]));
    }
    tcp.push_back(std::make_unique<TcpWorker>(std::move(sockets), source, limits));
    control.counters.push_back(&tcp.back()->counters());
    control.connections.push_back(&tcp.back()->connections());
  }
  for (const Listening& address : listening) {
    spdlog::info("listening on {} (udp, tcp)", text(address.address));
  }

  std::optional<ControlDoor> door;
  if (control_settings) {
    control.zone_series = control_settings->zone_series;
    DoorLimits door_limits;
    door_limits.connections = std::min(door_limits.connections, descriptors.control_connections * 3 / 4);
    door.emplace(*control_settings, std::move(control), door_limits);
    spdlog::info("control on http://{}", text(door->address()));
  }

  signals.wait([&] { reload({}); });
  spdlog::info("stopping");
  if (warm) warm->confirm();
  return kFine;
}

}  // namespace

void add_serve(CLI::App& program, int& exit_code) {
  auto* command = program.add_subcommand("serve", "Serve the zones of a configuration file");
  auto file = std::make_shared<std::string>();
  command->add_option("--config", *file, "The configuration file")->required();
  command->callback([file, &exit_code] {
    spdlog::set_default_logger(spdlog::stderr_color_mt("holdfast"));
    try {
      exit_code = serve(*file);
    } catch (const std::exception& error) {  // a socket, or memory, that cannot be had
      std::cerr << "holdfast: " << error.what() << '\n';
      exit_code = kUsageError;
    }
  });
}

}  // namespace holdfast::server
