// Nanoseconds of answer() by the kind of answer, over a zone of 20,000 records, questions in random order, of 10,000
// resolvers unless it says otherwise.

#include <benchmark/benchmark.h>

#include <random>
#include <stdexcept>

#include "tests/server/answer/ask.h"
#include "tests/zones/geo/real_database.h"
#include "tests/zones/live/answers.h"

namespace holdfast::server {
namespace {

constexpr int kNames = 10'000;
constexpr std::size_t kQuestions = 4096;
constexpr int kLiveOfAKind = 1000;

std::string zone_text() {
  std::string text =
      "@ 3600 SOA ns1 hostmaster 1 7200 900 1209600 300\n@ 3600 NS ns1\nns1 3600 A 192.0.2.53\n";
  for (int i = 0; i < kNames; ++i) {
    const std::string n = std::to_string(i);
    text += "host" + n + " 3600 A 192.0.2." + std::to_string(i % 256) + "\n";
    text += "alias" + n + " 3600 CNAME host" + n + "\n";
    text += "mail" + n + " 3600 MX 10 host" + n + "\n";
    text += "*.wild" + n + " 3600 A 192.0.2.1\n";
    text += "cut" + n + " 3600 NS ns.cut" + n + "\nns.cut" + n + " 3600 A 192.0.2.2\n";
  }
  return text;
}

const zones::LiveTime kNow{std::chrono::hours(1)};

/// The real database of countries that `./dev setup test` fetches.
const zones::Database& database() {
  static const zones::ReadDatabase read = [] {
    zones::ReadDatabase fetched = zones::read_database(zones::testing::real_database());
    if (!fetched.database) throw std::runtime_error(fetched.error);
    return fetched;
  }();
  return *read.database;
}

using Address = boost::asio::ip::address_v4::bytes_type;

std::vector<Address> senders(std::size_t count) {
  std::mt19937_64 random(3);
  std::vector<Address> addresses;
  while (addresses.size() < count)
    addresses.push_back(zones::testing::random_address(database(), true, true, random).to_v4().to_bytes());
  return addresses;
}

/// Those whose questions a server gets again and again.
const std::vector<Address>& resolvers() {
  static const std::vector<Address> all = senders(10'000);
  return all;
}

/// What a tenth of them has of an ANAME's target.
std::shared_ptr<const zones::ClientNetworks> networks() {
  static const auto shared = [] {
    std::vector<zones::NetworkRecords> all;
    for (std::size_t i = 0; i < 1000; ++i) {
      const std::uint32_t network = boost::asio::ip::address_v4(resolvers()[i]).to_uint() & 0xffffff00U;
      all.push_back({.network = zones::Prefix::make(boost::asio::ip::address_v4(network), 24).value(),
                     .addresses = {boost::asio::ip::make_address("192.0.2.7")},
                     .until = kNow + std::chrono::minutes(5),
                     .again = kNow + std::chrono::minutes(4)});
    }
    return std::make_shared<const zones::ClientNetworks>(std::move(all));
  }();
  return shared;
}

struct Kind {
  const char* name;
  zones::LiveRecords records;
};

const std::vector<Kind>& kinds() {
  using zones::Choice;
  static const auto all = [] {
    const zones::LiveRecords two = zones::all_of({"192.0.2.1", "192.0.2.2"});
    const zones::LiveRecords four = zones::all_of({"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"});
    const auto with = [](zones::LiveRecords records, Choice choice) {
      records.choice = std::move(choice);
      return records;
    };
    zones::LiveRecords alias = two;
    alias.until = kNow + std::chrono::minutes(5);
    zones::LiveRecords by_network = alias;
    by_network.dependence = zones::Dependence::yes;
    by_network.networks = networks();
    return std::vector<Kind>{
        {"all", two},
        {"weighted", with(two, Choice::weighted({1, 2}, 1))},
        {"hashed", with(four, Choice::hashed({11, 22, 33, 44}, 1))},
        {"two", with(four, Choice::weighted({1, 2, 3, 4}, 2))},
        {"turns", with(four, Choice::rotated(4, 2))},
        {"near", with(four, Choice::nearest(4, {{0}, {1}, {2}, {3}, {0}, {1}, {2}, {0, 1, 2, 3}}, 1))},
        {"aname", alias},
        {"aname-by-network", by_network}};
  }();
  return all;
}

/// A region of each continent.
std::shared_ptr<const zones::Places> places() {
  std::vector<zones::Region> regions;
  for (std::size_t i = 0; i < std::size(zones::kContinents); ++i)
    regions.push_back(
        {.name = std::string(zones::kContinents[i]), .continents = {static_cast<zones::Continent>(i)}});
  return std::make_shared<const zones::Places>(zones::compile(regions, &database()));
}

const Zones& zones() {
  static const Zones zones = [] {
    std::vector<zones::LiveName> live;
    for (const Kind& kind : kinds()) {
      for (int i = 0; i < kLiveOfAKind; ++i) {
        live.push_back({zones::Name::parse(kind.name + std::to_string(i) + ".bench.test").value(),
                        static_cast<zones::LiveIndex>(live.size())});
      }
    }
    Zones built({{"bench.test", zone_text()}}, live);
    for (const zones::LiveName& name : live)
      built.live =
          built.live->with(name.index, std::make_shared<zones::LiveAnswer>(
                                           kinds()[name.index / kLiveOfAKind].records, zones::LiveRecords()));
    built.live = built.live->with({}, places());
    return built;
  }();
  return zones;
}

enum class From { resolvers, anywhere };

/// @param name  "#" stands for a random number below `numbers`
void ask(benchmark::State& state, const std::string& name, const std::string& type, int numbers = kNames,
         From from = From::resolvers) {
  std::mt19937 random(1);
  std::vector<std::vector<std::uint8_t>> queries;
  for (std::size_t i = 0; i < kQuestions; ++i) {
    std::string question = name;
    question.replace(question.find('#'), 1,
                     std::to_string(static_cast<int>(random() % static_cast<unsigned>(numbers))));
    queries.push_back(Zones::query(question + ".bench.test. " + type, 1232));
  }
  Serving serving = zones().serving();
  serving.now = kNow;
  const std::vector<Address> addresses = from == From::resolvers ? resolvers() : senders(1 << 20);
  std::array<std::uint8_t, 1232> reply;
  std::size_t next = 0;
  for (auto _ : state) {
    const auto& sender = addresses[serving.random % addresses.size()];
    benchmark::DoNotOptimize(answer(queries[next], reply, serving, Transport::udp, {sender, false}));
    serving.random += 0x9e3779b97f4a7c15ULL;
    next = (next + 1) % kQuestions;
  }
}

BENCHMARK_CAPTURE(ask, hit, "host#", "A");
BENCHMARK_CAPTURE(ask, nxdomain, "missing#", "A");
BENCHMARK_CAPTURE(ask, nodata, "host#", "AAAA");
BENCHMARK_CAPTURE(ask, referral, "www.cut#", "A");
BENCHMARK_CAPTURE(ask, wildcard, "any.wild#", "A");
BENCHMARK_CAPTURE(ask, cname, "alias#", "A");
BENCHMARK_CAPTURE(ask, mx_with_additional, "mail#", "MX");
BENCHMARK_CAPTURE(ask, live_all, "all#", "A", kLiveOfAKind);
BENCHMARK_CAPTURE(ask, live_weighted, "weighted#", "A", kLiveOfAKind);
BENCHMARK_CAPTURE(ask, live_hashed, "hashed#", "A", kLiveOfAKind);
BENCHMARK_CAPTURE(ask, live_weighted_two_of_four, "two#", "A", kLiveOfAKind);
BENCHMARK_CAPTURE(ask, live_nearest, "near#", "A", kLiveOfAKind);
BENCHMARK_CAPTURE(ask, live_nearest_from_anywhere, "near#", "A", kLiveOfAKind, From::anywhere);
BENCHMARK_CAPTURE(ask, live_in_turns, "turns#", "A", kLiveOfAKind);
BENCHMARK_CAPTURE(ask, live_aname, "aname#", "A", kLiveOfAKind);
BENCHMARK_CAPTURE(ask, live_aname_by_network, "aname-by-network#", "A", kLiveOfAKind);

}  // namespace
}  // namespace holdfast::server
