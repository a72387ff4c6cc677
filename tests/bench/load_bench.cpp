// What loading costs before a zone is built: reading the text, sorting, checking. Wall time, and CPU time of all threads.
// `large` is one zone of 3.1 million records, nearly all of them delegations; `shuffled` is the same in random order;
// `small` is a zone of five records, with and without its file.

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <numeric>
#include <random>

#include "zones/load/check.h"
#include "zones/load/load.h"

namespace holdfast::zones {
namespace {

constexpr std::size_t kDelegations = 1'000'000;
constexpr std::size_t kHosts = 100'000;  // of them, with a name server that others use too

Name apex() { return *Name::parse("bench.test"); }

std::string number(std::size_t i) { return std::to_string(i); }

std::string address(std::size_t i) {
  return "10." + number(i >> 16 & 255) + "." + number(i >> 8 & 255) + "." + number(i & 255);
}

/// Each delegation names a server of its own, with glue, and one that it shares with others.
std::string large_text(bool shuffled) {
  std::vector<std::size_t> order(kDelegations);
  std::iota(order.begin(), order.end(), 0);
  if (shuffled) std::shuffle(order.begin(), order.end(), std::mt19937(1));
  std::string text = "$TTL 3600\n@ SOA ns1 hostmaster 1 7200 900 1209600 300\n@ NS ns1\nns1 A 192.0.2.53\n";
  for (const std::size_t i : order) {
    const std::string owner = "d" + number(i);
    text += owner + " NS a." + owner + "\n" + owner + " NS b.d" + number(i * 7919 % kHosts) + "\n";
    text += "a." + owner + " A " + address(i) + "\n";
    if (i < kHosts) text += "b." + owner + " A " + address(i + kDelegations) + "\n";
  }
  return text;
}

const std::string& large(bool shuffled) {
  static const std::string texts[] = {large_text(false), large_text(true)};
  return texts[shuffled ? 1 : 0];
}

const std::string& small() {
  static const std::string text =
      "$TTL 3600\n@ SOA ns1 hostmaster 1 7200 900 1209600 300\n@ NS ns1\n@ NS ns2\nns1 A 192.0.2.1\nns2 A "
      "192.0.2.2\n";
  return text;
}

ZoneText read(const std::string& text, Findings& findings) {
  return read_zone_text(apex(), text, "zone", {}, findings);
}

void per_record(benchmark::State& state, std::size_t records) {
  state.counters["records/s"] =
      benchmark::Counter(static_cast<double>(records), benchmark::Counter::kIsIterationInvariantRate);
}

/// What is done in each step, up to the one that is timed.
enum class Step : std::uint8_t { read, sort, check, build };

void large_zone(benchmark::State& state, Step timed, bool shuffled) {
  const std::string& text = large(shuffled);
  std::size_t records = 0;
  for (auto _ : state) {
    state.PauseTiming();
    {
      Findings findings;
      const auto step = [&](Step now, auto work) {
        if (now > timed) return;
        if (now == timed) state.ResumeTiming();
        work();
        if (now == timed) state.PauseTiming();
      };
      ZoneText zone;
      step(Step::read, [&] { zone = read(text, findings); });
      step(Step::sort, [&] { zone.records.sort(apex()); });
      step(Step::check, [&] { check_zone({.apex = apex()}, zone.records, findings); });
      step(Step::build, [&] { benchmark::DoNotOptimize(Zone(apex(), zone.records, {}).records()); });
      records = zone.records.entries().size();
      if (findings.any_error()) state.SkipWithError("the zone has an error");
    }
    state.ResumeTiming();
  }
  per_record(state, records);
}

#define LARGE(name, ...)                           \
  BENCHMARK_CAPTURE(large_zone, name, __VA_ARGS__) \
      ->Unit(benchmark::kMillisecond)              \
      ->MeasureProcessCPUTime()                    \
      ->UseRealTime()                              \
      ->Iterations(3)
LARGE(read, Step::read, false);
LARGE(sort, Step::sort, false);
LARGE(sort_shuffled, Step::sort, true);
LARGE(check, Step::check, false);
LARGE(build, Step::build, false);

/// A text on disk, for as long as this lives.
class File {
 public:
  explicit File(const std::string& text)
      : path_(std::filesystem::temp_directory_path() /
              ("load_bench_" + number(static_cast<std::size_t>(::getpid())))) {
    std::ofstream(path_) << text;
  }
  ~File() { std::filesystem::remove(path_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

void whole_file(benchmark::State& state, const std::string& text) {
  const File file(text);
  std::size_t records = 0;
  for (auto _ : state) records = load_zone(apex(), file.path()).zone->records();
  per_record(state, records);
}

void large_file(benchmark::State& state) { whole_file(state, large(false)); }
BENCHMARK(large_file)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime()->UseRealTime()->Iterations(3);

void small_file(benchmark::State& state) { whole_file(state, small()); }
BENCHMARK(small_file);

/// Reading, sorting and checking only.
void small_text(benchmark::State& state) {
  for (auto _ : state) {
    Findings findings;
    ZoneText zone = read(small(), findings);
    zone.records.sort(apex());
    check_zone({.apex = apex()}, zone.records, findings);
    benchmark::DoNotOptimize(findings.problems(zone.files));
  }
}
BENCHMARK(small_text);

}  // namespace
}  // namespace holdfast::zones
