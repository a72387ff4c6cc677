// Nanoseconds from an address to its region, random addresses over the real database of countries that
// `./dev setup test` fetches; half of them are random in the whole space, half in prefixes that the database has.

#include <benchmark/benchmark.h>

#include <random>

#include "tests/zones/geo/real_database.h"
#include "zones/geo/places.h"

namespace holdfast::zones {
namespace {

constexpr std::size_t kAddresses = 65536;

const ReadDatabase& database() {
  static const ReadDatabase read = read_database(testing::real_database());
  return read;
}

/// A region of each country, or of each continent.
std::vector<Region> regions(bool countries) {
  std::vector<Region> regions;
  for (char a = 'A'; countries && a <= 'Z'; ++a) {
    for (char b = 'A'; b <= 'Z'; ++b) {
      const auto country = *Country::parse(std::string{a, b});
      if (country.continent()) regions.push_back({.name = country.text(), .countries = {country}});
    }
  }
  for (std::size_t i = 0; !countries && i < std::size(kContinents); ++i)
    regions.push_back({.name = std::string(kContinents[i]), .continents = {static_cast<Continent>(i)}});
  return regions;
}

void find(benchmark::State& state, bool countries, bool v4, double known) {
  if (!database().database) return state.SkipWithError(database().error.c_str());
  const Places places = compile(regions(countries), &*database().database);
  std::mt19937_64 random(1);
  std::vector<boost::asio::ip::address> addresses;
  while (addresses.size() < kAddresses) {
    const bool inside = std::uniform_real_distribution(0.0, 1.0)(random) < known;
    addresses.push_back(testing::random_address(*database().database, v4, inside, random));
  }
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(places.find(addresses[next]));
    next = (next + 1) % kAddresses;
  }
  state.counters["ranges"] = static_cast<double>(places.ranges());
  state.counters["octets"] = static_cast<double>(places.memory());
}

BENCHMARK_CAPTURE(find, countries_v4, true, true, 0.5);
BENCHMARK_CAPTURE(find, countries_v6, true, false, 0.5);
BENCHMARK_CAPTURE(find, continents_v4, false, true, 0.5);
BENCHMARK_CAPTURE(find, continents_v6, false, false, 0.5);

void read(benchmark::State& state) {
  for (auto _ : state) {
    const ReadDatabase read = read_database(testing::real_database());
    if (!read.database) return state.SkipWithError(read.error.c_str());
    benchmark::DoNotOptimize(compile(regions(true), &*read.database));
  }
}

BENCHMARK(read)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace holdfast::zones
