// What it takes until workers have the answers of what changes: of 100,000 live names, one tenth loses a member, by as many
// verdicts or by one decision.

#include <benchmark/benchmark.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

#include <thread>

#include "server/live_names.h"

namespace holdfast::server {
namespace {

constexpr std::uint32_t kNames = 100'000, kChanging = 10'000;

health::TargetId target(std::uint32_t i) { return {"http", boost::asio::ip::address_v4(0x0a000000 + i)}; }

/// Each of a pool of its own: a member that changes in one of ten, and one that does not.
std::vector<LiveDeclaration> declarations(LiveNames& live) {
  const auto zone = zones::Name::parse("bench.test").value();
  health::MonitorSettings monitor;
  monitor.name = "http";
  std::vector<LiveDeclaration> all;
  for (std::uint32_t i = 0; i < kNames; ++i) {
    LiveDeclaration one;
    one.zone = zone;
    one.name = zones::Name::parse("host" + std::to_string(i) + ".bench.test").value();
    one.index = live.index_of(one.zone.view(), one.name.view());
    one.sources = {{.pool = "pool" + std::to_string(i), .monitor = monitor}};
    zones::MemberSettings first, second;
    first.address = target(i).address;
    first.location = i % (kNames / kChanging) == 0 ? "one" : "other";
    second.address = target(kNames + i).address;
    one.pool = zones::Pool({}, {first, second});
    all.push_back(std::move(one));
  }
  return all;
}

/// All names, with members that are up.
class Names {
 public:
  Names() {
    spdlog::drop_all();
    spdlog::set_default_logger(spdlog::null_logger_st("null"));
    std::vector<health::KeptVerdict> known;
    for (std::uint32_t i = 0; i < 2 * kNames; ++i) {
      health::KeptVerdict one;
      one.target = target(i);
      one.verdict = health::Verdict::up;
      known.push_back(one);
    }
    live.remember(known);
    live.apply(declarations(live));
  }

  zones::Published<zones::LiveTable> table{std::make_shared<zones::LiveTable>()};
  LiveNames live{table};

 private:
  // What is shared is counted as where there are threads, and not as where there is one.
  std::jthread other_{[](const std::stop_token& stop) {
    while (!stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }};
};

void report(benchmark::State& state) {
  state.counters["us_each"] = benchmark::Counter(
      kChanging * 1e-6, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

/// So many at a time.
void verdicts(benchmark::State& state) {
  Names names;
  zones::Published<zones::LiveTable>::Reader worker(names.table);
  const auto together = static_cast<std::uint32_t>(state.range());
  std::vector<LiveNames::MovedTarget> verdicts;
  bool is_down = true;
  for (auto _ : state) {
    for (std::uint32_t i = 0; i < kChanging; ++i) {
      verdicts.push_back(
          {target(i * (kNames / kChanging)), is_down ? health::Verdict::down : health::Verdict::up});
      if (verdicts.size() < together) continue;
      names.live.changed(verdicts);
      verdicts.clear();
      benchmark::DoNotOptimize(worker.latest());
    }
    is_down = !is_down;
  }
  report(state);
}

void decision(benchmark::State& state) {
  Names names;
  zones::Published<zones::LiveTable>::Reader worker(names.table);
  const auto now = std::chrono::system_clock::now();
  health::OverrideSet drained;
  drained.put({.id = "1", .subject = {health::Subject::Kind::location, "one"}, .created = now},
              std::chrono::steady_clock::now(), now);
  bool is_drained = true;
  for (auto _ : state) {
    names.live.decide(is_drained ? drained : health::OverrideSet());
    benchmark::DoNotOptimize(worker.latest());
    is_drained = !is_drained;
  }
  report(state);
}

BENCHMARK(verdicts)->Arg(1)->Arg(100)->Unit(benchmark::kMillisecond);
BENCHMARK(decision)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace holdfast::server
