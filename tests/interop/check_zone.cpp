// check_zone APEX FILE [LIVE-NAME...]: loads one zone file as the server does and prints its problems. Exit code 0: it
// loads, 2: it does not.

#include <cstdio>

#include "zones/load/load.h"

int main(int argc, char** argv) {
  using namespace holdfast::zones;
  const auto apex = argc >= 3 ? Name::parse(argv[1]) : std::nullopt;
  if (!apex) {
    std::fputs("usage: check_zone APEX FILE [LIVE-NAME...]\n", stderr);
    return 2;
  }
  std::vector<LiveName> live;
  for (int i = 3; i < argc; ++i) {
    const auto name = Name::parse(argv[i], *apex);
    if (name) live.push_back({*name, static_cast<LiveIndex>(live.size())});
  }
  const LoadedZone loaded = load_zone(*apex, argv[2], live);
  for (const Problem& problem : loaded.problems) std::puts(problem.text().c_str());
  if (loaded.zone) std::printf("%zu records, serial %u\n", loaded.zone->records(), loaded.zone->serial());
  return loaded.zone ? 0 : 2;
}
