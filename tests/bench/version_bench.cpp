// What it takes until a new version of one zone that was transferred in is served, and others may transfer it: by how many zones
// there are, without what is done about its contents, and without the disk. The versions before go meanwhile, on a thread of
// their own, which counts.

#include <benchmark/benchmark.h>

#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "server/answer/prebuild.h"
#include "server/deployment.h"
#include "server/replication.h"

namespace holdfast::server {
namespace {

std::string number(std::size_t i) { return std::to_string(i); }

zones::LoadedZone small(zones::NameView apex, unsigned serial) {
  zones::LoadedZone loaded = zones::load_zone_text(
      zones::Name(apex),
      "$TTL 60\n@ SOA ns1 host " + number(serial) + " 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.1\n", "zone", {});
  prebuild(*loaded.zone);
  return loaded;
}

void version(benchmark::State& state) {
  spdlog::drop_all();
  spdlog::set_default_logger(spdlog::null_logger_st("null"));
  config::Config config;
  config.peers = {{.name = "above", .addresses = {{boost::asio::ip::address_v4::loopback(), 53}}},
                  {.name = "below", .networks = {*zones::Prefix::parse("127.0.0.1").prefix}}};
  for (std::size_t i = 0; i < static_cast<std::size_t>(state.range()); ++i) {
    zones::ZoneSettings& zone = config.zones.emplace_back();
    zone.name = *zones::Name::parse("zone" + number(i) + ".test");
    zone.primaries = {"above"};
    zone.secondaries = {"below"};
  }
  std::sort(config.zones.begin(), config.zones.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  const zones::Name changing = config.zones[config.zones.size() / 2].name;

  Source source;
  LiveNames live(source.live);
  Replication replication(source, live, {}, nullptr);
  Deployment deployment(
      "holdfast.toml", source, live, {},
      {.accepted = [&](const config::Config& all) { replication.configure(all); },
       .publishing = [&](const zones::Snapshot& snapshot,
                         Deployment::Occasion occasion) { replication.publish(snapshot, occasion); },
       .kept = [](zones::NameView apex, Deployment::LiveNamesOfZone) { return small(apex, 1); }});
  deployment.start(std::move(config), std::chrono::system_clock::now());
  const zones::LoadedZone versions[] = {small(changing, 2), small(changing, 3)};
  std::size_t made = 0;
  for (auto _ : state) {
    deployment.receive(changing,
                       [&](const zones::Zone&, Deployment::LiveNamesOfZone) { return versions[made++ % 2]; });
  }
}

BENCHMARK(version)->Arg(1)->Arg(1'000)->Arg(100'000)->MeasureProcessCPUTime()->UseRealTime()->Unit(
    benchmark::kMicrosecond);

}  // namespace
}  // namespace holdfast::server
