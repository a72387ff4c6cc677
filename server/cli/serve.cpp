#include <malloc.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <functional>
#include <iostream>
#include <iterator>
#include <span>
#include <sstream>
#include <thread>
#include <utility>

#include "config/config.h"
#include "config/own_listener.h"
#include "config/watchlist.h"
#include "health/checks.h"
#include "health/log/log.h"
#include "health/log/thinning.h"
#include "health/notify/notifier.h"
#include "server/cli/commands.h"
#include "server/cli/signals.h"
#include "server/control/door.h"
#include "server/deployment.h"
#include "server/descriptors.h"
#include "server/events.h"
#include "server/geography.h"
#include "server/host_name.h"
#include "server/kept_aliases.h"
#include "server/last_good.h"
#include "server/listen/tcp.h"
#include "server/listen/udp.h"
#include "server/notify_routes.h"
#include "server/overrides.h"
#include "server/own_answer.h"
#include "server/replication.h"
#include "server/resolver.h"
#include "server/state_directory.h"
#include "server/tls/service.h"
#include "server/versions/file_images.h"
#include "server/warm_start.h"

namespace holdfast::server {
namespace {

/// How long the start waits for what is known of the targets of ANAMEs: until then those are answered with SERVFAIL.
constexpr std::chrono::seconds kFirstAnswers{2};

void log_report(const ReloadReport& report) {
  for (const std::string& problem : report.problems) spdlog::warn("{}", problem);
  if (!report.configuration_accepted) {
    spdlog::error("the configuration is refused; what was served before is served on");
  } else if (!report.ok()) {
    spdlog::error("zones refused: {}; see above", report.zones_refused);
  }
}

template <class Endpoint>
std::string text(const Endpoint& endpoint) {
  std::ostringstream out;
  out << endpoint;
  return out.str();
}

/// Names whose addresses are known, and those of others' zones that a configuration brings: ours can be looked at only when
/// they are in service.
std::vector<zones::Name> targets_to_come(const config::Config& config, std::vector<zones::Name> targets) {
  const auto is_ours = [&](const zones::Name& target) {
    for (zones::NameView at = target;; at = at.parent()) {
      const auto zone = std::partition_point(config.zones.begin(), config.zones.end(),
                                             [&](const auto& one) { return one.name.view() < at; });
      if (zone != config.zones.end() && zone->name.view() == at) return true;
      if (at.is_root()) return false;
    }
  };
  for (const zones::ZoneSettings& zone : config.zones) {
    for (const zones::LiveSettings& name : zone.live)
      std::copy_if(name.aliases.begin(), name.aliases.end(), std::back_inserter(targets),
                   std::not_fn(is_ours));
  }
  for (const zones::PoolSettings& pool : config.pools) {
    if (pool.monitor.empty()) continue;
    for (const zones::PoolMemberSettings& member : pool.members) {
      if (!member.name.view().is_root() && !is_ours(member.name)) targets.push_back(member.name);
    }
  }
  return targets;
}

/// The live names that are about to come into service begin with what was known of addresses before a restart.
std::size_t begin_with(const std::vector<zones::Known>& known, const zones::ResolverSettings& settings,
                       LiveNames& live) {
  std::size_t used = 0;
  for (const zones::Known& one : known) {
    zones::Freshness before;
    if (!before.begin(one, zones::AliasClock::now(), std::chrono::system_clock::now(), settings)) continue;
    live.learned(one.target, one.type, before.served());
    ++used;
  }
  return used;
}

/// Where we are, as those who count our verdicts have it; empty: they do not.
std::string location_of(const health::SelfSettings& self, const std::vector<health::AgentSettings>& agents) {
  const auto known =
      std::find_if(agents.begin(), agents.end(), [&](const auto& agent) { return agent.name == self.name; });
  return known == agents.end() ? "" : known->location;
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
  const health::LogSettings log_settings = loaded.config->log;
  const health::SelfSettings self = loaded.config->self;
  const unsigned workers =
      settings.threads != 0 ? settings.threads : std::max(1U, std::thread::hardware_concurrency());
  const std::size_t tls_addresses = settings.tls.is_on() ? settings.tls.listen.size() : 0;
  const std::size_t listeners = (settings.listen.size() * 2 + tls_addresses) * workers;
  const std::size_t ways = tls_addresses != 0 ? 2 : 1;  // over which there may be so many connections
  const Descriptors descriptors =
      share_out(raise_descriptor_limit(), listeners, settings.tcp_connections * ways);
  const std::size_t tcp_connections = descriptors.tcp_connections / ways;
  if (tcp_connections < settings.tcp_connections) {
    spdlog::warn("at most {} TCP connections at a time instead of {}: the system allows no more open files",
                 tcp_connections, settings.tcp_connections);
  }
  std::optional<TlsService> tls_service;
  if (settings.tls.is_on()) tls_service.emplace(settings.tls);
  Signals signals;
  std::optional<StateDirectory> state;
  std::optional<health::Log> log;
  if (settings.state.empty()) {
    spdlog::info(
        "no [server] state: nothing is kept over a restart, and there is no log of probes and events");
  } else {
    state.emplace(settings.state);
    log.emplace(state->path(), log_settings, self.name.empty() ? "local" : self.name,
                location_of(self, loaded.config->agents));
  }

  Source source;  // what everybody answers from
  source.identity = {settings.nsid, settings.version, settings.edns_size};
  LiveNames live(source.live);
  ProbeMetrics probes;
  std::atomic<bool> speaks{true};  // to people, of all servers that share a store
  health::Notifier notifier(settings.nsid.empty() ? host_name() : settings.nsid,
                            [&speaks] { return speaks.load(); });
  // Everybody who is to be told of an event. Called from any thread.
  const std::function<void(const health::Event&)> happened = [&](const health::Event& event) {
    spdlog::log(
        event.is_bad || event.after == health::Verdict::down ? spdlog::level::warn : spdlog::level::info,
        "{}", event.text);
    if (log) log->happened(event);
    notifier.happened(event);
  };
  std::optional<WarmStart> warm;
  std::optional<KeptAliases> known;
  std::optional<health::Checks> checks;
  std::optional<FileImages> images;
  if (state) {
    images.emplace(state->path());
    warm.emplace(state->path(), [&] { return checks->targets(); });
    known.emplace(warm->state());
  }
  Replication replication(source, live, state ? state->path() : std::filesystem::path(),
                          warm ? &warm->state() : nullptr);
  Overrides overrides(live, warm ? &warm->state() : nullptr, happened);
  health::Checks::Listener listener;
  listener.observed = [&](const health::Observation& seen) {
    probes.observed(seen);
    if (log) log->observed(seen);
  };
  listener.moved = [&](std::span<const health::VerdictTable::Moved> all) {
    // First the answers of all: none waits until others have been told of.
    std::vector<LiveNames::MovedTarget> verdicts;
    for (const health::VerdictTable::Moved& moved : all)
      verdicts.push_back({moved.now.target.id, moved.now.verdict, moved.now.doubt});
    live.changed(verdicts);
    for (const health::VerdictTable::Moved& moved : all) {
      if (warm) warm->changed(moved.now);
      if (moved.before != moved.now.verdict) happened(transition_event(moved, live));
      // Of servers that share a store one is enough: it tells the others.
      if (moved.now.verdict == health::Verdict::down && speaks) {
        for (const health::Subject& member : live.manual(moved.now.target.id)) overrides.keep_out(member);
      }
    }
  };
  listener.doubted = [&](const std::vector<health::Doubted>& doubts) { live.doubted(doubts); };
  listener.agent_moved = [&](const health::VerdictTable::AgentMoved& moved) {
    if (!moved.now.location.empty()) happened(agent_event(moved));
  };
  listener.override_heard = [&](const std::string& id, const std::optional<std::string>& value) {
    overrides.heard(id, value);
  };
  listener.store_moved = [&](const health::StoreStatus& before, const health::StoreStatus& after) {
    if (const auto event = store_event(before, after)) happened(*event);
    if (before.state == after.state || after.state != health::Session::State::following) return;
    overrides.share([&](const std::string& id, std::optional<std::string> value) {
      checks->put_override(id, std::move(value));
    });
  };
  listener.tick = [&](std::chrono::steady_clock::time_point moment) {
    if (warm) warm->tick(moment);
    live.tick();
    replication.tick(moment);
  };
  listener.speaks = [&](bool does) { speaks = does; };
  checks.emplace(
      health::Checks::Options{
          .self = self,
          .store = loaded.config->store,
          .read_list = [probes = loaded.config->probes, control = control_settings](
                           std::string_view text) { return config::read_watchlist(text, probes, control); },
          .trust = health::Session::Trust::cautious,
          .probes_in_flight = descriptors.probes,
          .probe_threads = loaded.config->probes.threads},
      std::move(listener));
  checks->start();
  // Overrides go first, so they must not hear of anything any more then; what they still tell goes nowhere.
  const std::shared_ptr<void> heard_until_here(nullptr, [&](void*) { checks->stop(); });
  std::vector<health::KeptVerdict> kept;
  if (warm) {
    kept = warm->verdicts(now);
    live.remember(kept);
    live.remember(read_last_good(warm->state().at_start().notes), [&warm](const LastGood& good) {
      if (good.members.empty()) return warm->state().forget_note(subject_of_last_good(good.name));
      warm->state().save(note_of(good));
    });
    if (!kept.empty())
      spdlog::info("{} verdicts are those of before the restart, until they are probed", kept.size());
  }
  GeographyLoader geography(
      [&](std::shared_ptr<const zones::Geography> found) { live.locate(std::move(found)); });
  bool is_started = false;
  std::mutex watching;  // guards these two, and keeps lists in their order
  std::vector<health::LocationSettings> locations;
  std::vector<health::AgentSettings> agents;
  const auto watch = [&] {
    const std::lock_guard lock(watching);
    std::vector<health::Target> targets = live.targets();
    // Where names lead is not ours to say, nor is the port in an SRV record.
    std::erase_if(targets, [&](const health::Target& target) {
      const bool is_us =
          control_settings && config::reaches(*control_settings, target.monitor, target.id.address);
      if (is_us)
        spdlog::error("{} {} is not probed: that is the listener of [control]; let the name lead elsewhere",
                      target.id.monitor, target.id.address.to_string());
      return is_us;
    });
    std::string published = config::write_watchlist(targets, locations, agents);
    health::Watchlist list = config::watchlist(targets, locations, agents, published);
    checks->watch(std::move(list), std::move(published), std::exchange(kept, {}));
    notifier.watch(targets);
  };
  const auto keep = [&](const zones::Name& target, zones::RrType type, const zones::Served& served) {
    if (known)
      known->learned(target, type, served, zones::AliasClock::now(), std::chrono::system_clock::now());
  };
  Resolver resolver({.changed =
                         [&](const zones::Name& target, zones::RrType type, const zones::Served& served) {
                           if (live.learned(target, type, served)) watch();
                           keep(target, type, served);
                         },
                     .refreshed =
                         [&](const zones::Name& target, zones::RrType type, const zones::Served& served) {
                           live.learned(target, type, served);
                           keep(target, type, served);
                         },
                     .own = [&](std::span<const std::uint8_t> query) { return own_answer(source, query); },
                     .targets = [&](zones::LiveIndex name) { return live.aliases_of(name); }});
  Deployment deployment(
      file, source, live, signals.ended(),
      {.accepted =
           [&](const config::Config& config) {
             if (images) images->keep_only(config.zones);
             overrides.configure(config.locations);
             geography.load(config, std::chrono::system_clock::now());
             if (const std::string problem = geography.problem(); !problem.empty())
               spdlog::error("{}", problem);
             notifier.configure(config.notify, config.contacts, routes_of(config));
             for (const std::string& problem : replication.configure(config)) spdlog::error("{}", problem);
             if (tls_service) {
               tls_service->ask_for_certificates(
                   std::any_of(config.peers.begin(), config.peers.end(),
                               [](const auto& peer) { return peer.tls.is_mutual; }));
             }
             zones::ResolverSettings asking = config.resolver.value_or(zones::ResolverSettings());
             asking.in_flight = descriptors.questions;
             resolver.configure(std::move(asking));
             if (is_started) {  // what is new should be known when it comes into service
               resolver.follow(targets_to_come(config, live.aliases()));
               resolver.wait_for_first(kFirstAnswers);
             }
             const std::lock_guard lock(watching);
             locations = config.locations;
             agents = config.agents;
           },
       .watch =
           [&] {
             watch();
             resolver.follow(live.aliases());
             resolver.look_at_ours();
             if (known) known->follow(live.aliases());
             replication.follow(deployment);
           },
       .publishing = [&](const zones::Snapshot& snapshot,
                         Deployment::Occasion occasion) { replication.publish(snapshot, occasion); },
       .kept = [&](zones::NameView zone,
                   Deployment::LiveNamesOfZone live_names) { return replication.kept(zone, live_names); },
       .updated =
           [&](zones::LoadedZone of_file, Deployment::LiveNamesOfZone live_names, bool is_served) {
             return replication.updated(std::move(of_file), live_names, is_served);
           },
       .load =
           images ? decltype(Deployment::Hooks::load)(std::bind_front(&FileImages::load, &*images)) : nullptr,
       .listed = [&](std::span<const zones::ZoneSettings> zones) { replication.configure(zones); },
       .owner = [&](zones::NameView zone) { return replication.owner(zone); },
       .contested = [&](const std::map<zones::Name, std::string>& owners) { replication.contest(owners); },
       .ended = [&](std::span<const zones::Name> zones) { replication.end(zones); }});
  const std::shared_ptr<void> transferred_until_here(nullptr, [&](void*) { replication.stop(); });
  ReloadMetrics reloads;
  const auto reload = [&](std::span<const std::string> zones) {
    const std::vector<std::string> problems = replication.reload_keys();
    ReloadReport report = zones.empty() ? deployment.reload() : deployment.reload_zones(zones);
    report.problems.insert(report.problems.end(), problems.begin(), problems.end());
    replication.follow(deployment);
    for (const std::string& zone : zones) {
      if (const auto name = zones::Name::parse(zone)) replication.retry(*name);
    }
    const std::string tls_problem = tls_service ? tls_service->read() : std::string();
    if (!tls_problem.empty()) report.problems.push_back(tls_problem);
    geography.refresh(std::chrono::system_clock::now());
    if (const std::string problem = geography.problem(); !problem.empty()) report.problems.push_back(problem);
    log_report(report);
    reloads.reloaded(report, std::chrono::system_clock::now());
    happened(reload_event(report));
    return report;
  };

  std::vector<Listening> listening;
  for (const auto& address : settings.listen) listening.push_back(listen_on(address, workers));
  std::vector<Listening> listening_for_tls;
  if (tls_service) {
    for (const auto& address : settings.tls.listen)
      listening_for_tls.push_back(listen_for_tls({address.address(), address.port()}, workers));
  }
  if (known) {
    const auto asking = loaded.config->resolver.value_or(zones::ResolverSettings());
    if (const std::size_t used = begin_with(known->known(), asking, live); used != 0)
      spdlog::info("{} answers about names are those of before the restart, until these are asked for", used);
    resolver.remember(known->known());
  }
  log_report(deployment.start(*std::exchange(loaded.config, std::nullopt), now));
  if (images && images->used() != 0)
    spdlog::info("{} zones were read from their images, since their files are what they were",
                 images->used());
  is_started = true;
  resolver.wait_for_first(kFirstAnswers);
  if (warm) warm->started();

  ControlState control{
      .each_zone =
          [&](const Shown& shown, const ZoneVisitor& visit) {
            const auto serials = source.serials.get();
            deployment.deployed()->each_zone(shown, [&](const ZoneStatus& zone) {
              ZoneStatus served = zone;
              served.serial = serials->find(zone.number).value_or(zones::Serial(zone.serial)).value();
              visit(served);
            });
          },
      .zone_totals = [&] { return deployment.deployed()->totals; },
      .live_names = [&] { return live.status(); },
      .explain = [&](const ExplainWish& wish, const Past* past,
                     const GoOn& go_on) { return live.explain(wish, past, go_on); },
      .course = [&](const std::string& name, std::optional<zones::RrType> type, const Past& past,
                    const GoOn& go_on) { return live.course(name, type, past, go_on); },
      .transfers = [&] { return replication.report(); },
      .contents =
          [&](zones::NameView zone, bool with_live) {
            return contents_of(source, replication.line(zone).get(), live, zone, with_live);
          },
      .aliases = [&] { return alias_report(resolver.status(), live); },
      .targets = [&] { return checks->targets(); },
      .pace = [&] { return checks->pace(); },
      .meeting = [&] { return checks->status(); },
      .accept_store = [&] { return checks->accept(); },
      .reload = reload,
      .notifications = [&] { return notifier.status(); },
      .test_contact = [&](const std::string& contact) { return notifier.test(contact); },
      .counters = {},
      .connections = {},
      .tls_connections = {},
      .probes = &probes,
      .reloads = &reloads,
      .overrides = &overrides};
  if (warm) control.kept = &warm->state();
  if (log) {
    control.read_log = [&](const health::LogQuery& query) { return log->read(query); };
    control.log_figures = [&] { return log->figures(); };
    control.passes_every = [&checks, settings = log_settings] {
      return health::pass_interval(checks->targets().size(), settings);
    };
  }
  std::vector<std::unique_ptr<UdpWorker>> udp;
  std::vector<std::unique_ptr<TcpWorker>> tcp, tls;
  std::vector<std::shared_ptr<zones::Wishes>> wishes;
  const TcpLimits limits{.connections = std::max<std::size_t>(1, tcp_connections / workers),
                         .idle = settings.tcp_idle,
                         .message = settings.tcp_message};
  for (unsigned i = 0; i < workers; ++i) {
    std::vector<Socket> sockets;
    for (Listening& address : listening) {
      udp.push_back(std::make_unique<UdpWorker>(std::move(address.udp[i]), source));
      control.counters.push_back(&udp.back()->counters());
      wishes.push_back(udp.back()->wishes());
      sockets.push_back(std::move(address.tcp[i]));
    }
    tcp.push_back(std::make_unique<TcpWorker>(std::move(sockets), source, limits));
    control.counters.push_back(&tcp.back()->counters());
    wishes.push_back(tcp.back()->wishes());
    control.connections.push_back(&tcp.back()->connections());
    if (!tls_service) continue;
    std::vector<Socket> tls_sockets;
    for (Listening& address : listening_for_tls) tls_sockets.push_back(std::move(address.tcp[i]));
    tls.push_back(std::make_unique<TcpWorker>(std::move(tls_sockets), source, limits, &*tls_service));
    control.counters.push_back(&tls.back()->counters());
    wishes.push_back(tls.back()->wishes());
    control.tls_connections.push_back(&tls.back()->connections());
  }
  resolver.heed(std::move(wishes));
  for (const Listening& address : listening) {
    spdlog::info("listening on {} (udp, tcp)", text(address.address));
  }
  for (const Listening& address : listening_for_tls)
    spdlog::info("listening on {} (tls)", text(address.address));

  std::optional<ControlDoor> door;
  if (control_settings) {
    control.zone_series = control_settings->zone_series;
    DoorLimits door_limits;
    door_limits.connections = std::min(door_limits.connections, descriptors.control_connections * 3 / 4);
    door.emplace(*control_settings, std::move(control), door_limits);
    spdlog::info("control on http://{}", text(door->address()));
  }

  signals.wait([&] {
    spdlog::info("SIGHUP: reloading");
    reload({});
  });
  spdlog::info("stopping");
  if (warm) warm->confirm();
  return kFine;
}

}  // namespace

void add_serve(CLI::App& program, int& exit_code) {
  auto* command = program.add_subcommand("serve", "Serve the zones of a configuration file");
  auto file = std::make_shared<std::string>();
  command->add_option("--config", *file, "The configuration file")->type_name("FILE")->required();
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
