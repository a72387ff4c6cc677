// What one query costs at worst: the cleverest packets that we could think of (robustness: at most 50 us over UDP).

#include <benchmark/benchmark.h>

#include "tests/server/answer/ask.h"

namespace holdfast::server {
namespace {

using Octets = std::vector<std::uint8_t>;

std::string repeated(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

Octets with_count(Octets query, std::size_t at, std::size_t count) {
  query[at] = static_cast<std::uint8_t>(count >> 8);
  query[at + 1] = static_cast<std::uint8_t>(count);
  return query;
}

Octets with_records(std::size_t count, Octets record) {
  Octets query = with_count(Zones::query("www.worst.test. A"), 10, count);
  for (std::size_t i = 0; i < count; ++i) query.insert(query.end(), record.begin(), record.end());
  return query;
}

Octets with_options(std::size_t count) {
  Octets query = with_count(Zones::query("www.worst.test. A"), 10, 1);
  const auto size = static_cast<std::uint16_t>(4 * count);
  query.insert(query.end(), {0, 0, 41, 4, 208, 0, 0, 0, 0, static_cast<std::uint8_t>(size >> 8),
                             static_cast<std::uint8_t>(size)});
  for (std::size_t i = 0; i < count; ++i) query.insert(query.end(), {0, 3, 0, 0});
  return query;
}

Zones worst_zones() {
  std::string text =
      "@ 60 SOA ns1 h 1 1 1 1 1\n@ 60 NS ns1\nns1 60 A 10.0.0.1\nwww 60 A 10.0.0.2\n*.w 60 CNAME www\n";
  text += repeated("a.", 119) + "deep 60 A 10.0.0.3\n";
  for (char c = 'a'; c < 'z'; ++c)
    text += std::string("d") + c + " 60 DNAME d" + static_cast<char>(c + 1) + "\n";
  for (int i = 0; i < 500; ++i) {
    const std::string n = std::to_string(i), high = std::to_string(i / 250), low = std::to_string(i % 250);
    text += "big 60 A 10.1." + high + "." + low + "\nmx 60 MX 1 h" + n + "\nh" + n + " 60 A 10.2." + high +
            "." + low + "\n";
    text += "cut 60 NS n" + n + ".cut\nn" + n + ".cut 60 A 10.3." + high + "." + low + "\nn" + n +
            ".cut 60 AAAA fd00::1\n";
    text += "far 60 MX 1 " + repeated("b.", 90) + "x" + n + ".invalid.\n";
  }
  return Zones("worst.test", text);
}

struct Case {
  const char* name;
  Octets query;
};

std::vector<Case> cases() {
  const std::string label(63, 'z');
  const std::string longest = label + "." + label + "." + label + "." + std::string(47, 'z');
  return {
      {"a usual query", Zones::query("www.worst.test. A")},
      {"5,900 records", with_records(5900, {0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0})},
      {"240 records with names of 255 octets",
       [] {
         Octets record;
         for (int i = 0; i < 127; ++i) record.insert(record.end(), {1, 'a'});
         record.insert(record.end(), {0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0});
         return with_records(240, record);
       }()},
      {"16,000 options", with_options(16000)},
      {"122 labels, found", Zones::query(repeated("a.", 119) + "deep.worst.test. A")},
      {"122 labels, missing", Zones::query("b." + repeated("a.", 118) + "deep.worst.test. A")},
      {"122 labels at a wildcard", Zones::query(repeated("a.", 120) + "w.worst.test. A")},
      {"255 octets at a wildcard", Zones::query(longest + ".w.worst.test. A")},
      {"16 DNAMEs, 123 labels", Zones::query(repeated("a.", 120) + "da.worst.test. A")},
      {"16 DNAMEs, 255 octets", Zones::query(longest + ".da.worst.test. A")},
      {"500 addresses", Zones::query("big.worst.test. A")},
      {"500 MX and their addresses", Zones::query("mx.worst.test. MX")},
      {"500 MX to names of 90 labels", Zones::query("far.worst.test. MX")},
      {"500 servers with glue", Zones::query("x.cut.worst.test. A")},
  };
}

void ask(benchmark::State& state, const Octets& query, Transport transport) {
  static const Zones zones = worst_zones();
  std::vector<std::uint8_t> room(transport == Transport::udp ? 1232 : 65535);
  for (auto _ : state) benchmark::DoNotOptimize(answer(query, room, zones.serving(), transport));
}

[[maybe_unused]] const bool kRegistered = [] {
  for (const Case& one : cases()) {
    for (const auto& [name, transport] :
         {std::pair("udp", Transport::udp), std::pair("tcp", Transport::tcp)}) {
      benchmark::RegisterBenchmark(("worst/" + std::string(name) + "/" + one.name).c_str(), ask, one.query,
                                   transport);
    }
  }
  return true;
}();

}  // namespace
}  // namespace holdfast::server
