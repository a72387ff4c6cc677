// Nanoseconds of answer() by the kind of answer, over a zone of 20,000 records, questions in random order.

#include <benchmark/benchmark.h>

#include <cstring>
#include <random>

#include "tests/server/answer/ask.h"
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

/// A sixth of the live names each: all of two members, one of two by weight, one of four by client, two of four by weight,
/// two of four in turns, one of four by where the client is.
zones::LiveRecords records(zones::LiveIndex index) {
  using zones::Choice;
  const bool has_two = index / kLiveOfAKind < 2;
  zones::LiveRecords records = has_two ? zones::all_of({"192.0.2.1", "192.0.2.2"})
                                       : zones::all_of({"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"});
  switch (index / kLiveOfAKind) {
    case 1: records.choice = Choice::weighted({1, 2}, 1); break;
    case 2: records.choice = Choice::hashed({11, 22, 33, 44}, 1); break;
    case 3: records.choice = Choice::weighted({1, 2, 3, 4}, 2); break;
    case 4: records.choice = Choice::rotated(4, 2); break;
    case 5: records.choice = Choice::nearest(4, {{0}, {1}, {2}, {3}, {0, 1, 2, 3}}, 1); break;
    default: break;
  }
  return records;
}

/// As many parts of IPv4 as a database of countries has, in four regions.
std::shared_ptr<const zones::Places> places() {
  zones::PrefixTable::Layer layer;
  std::mt19937 random(7);
  for (int i = 0; i < 600'000; ++i) {
    const boost::asio::ip::address_v4 address(static_cast<std::uint32_t>(random()) & 0xffffff00U);
    layer.push_back({zones::Prefix::make(address, 24).value(), static_cast<std::uint16_t>(random() % 4)});
  }
  return std::make_shared<const zones::Places>(zones::PrefixTable({layer}));
}

const Zones& zones() {
  static const Zones zones = [] {
    std::vector<zones::LiveName> live;
    for (const char* kind : {"all", "weighted", "hashed", "two", "turns", "near"}) {
      for (int i = 0; i < kLiveOfAKind; ++i) {
        live.push_back({zones::Name::parse(kind + std::to_string(i) + ".bench.test").value(),
                        static_cast<zones::LiveIndex>(live.size())});
      }
    }
    Zones built({{"bench.test", zone_text()}}, live);
    for (const zones::LiveName& name : live)
      built.live = built.live->with(
          name.index, std::make_shared<zones::LiveAnswer>(records(name.index), zones::LiveRecords()));
    built.live = built.live->with({}, places());
    return built;
  }();
  return zones;
}

/// @param name  "#" stands for a random number below `numbers`
void ask(benchmark::State& state, const std::string& name, const std::string& type, int numbers = kNames) {
  std::mt19937 random(1);
  std::vector<std::vector<std::uint8_t>> queries;
  for (std::size_t i = 0; i < kQuestions; ++i) {
    std::string question = name;
    question.replace(question.find('#'), 1,
                     std::to_string(static_cast<int>(random() % static_cast<unsigned>(numbers))));
    queries.push_back(Zones::query(question + ".bench.test. " + type, 1232));
  }
  Serving serving = zones().serving();
  std::array<std::uint8_t, 4> sender{};
  std::array<std::uint8_t, 1232> reply;
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(answer(queries[next], reply, serving, Transport::udp, {sender, false}));
    serving.random += 0x9e3779b97f4a7c15ULL;
    std::memcpy(sender.data(), &serving.random, sender.size());
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
BENCHMARK_CAPTURE(ask, live_in_turns, "turns#", "A", kLiveOfAKind);

}  // namespace
}  // namespace holdfast::server
