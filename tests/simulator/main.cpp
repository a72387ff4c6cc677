// simulator [--hours H] [--seed FIRST] [--verbose]: worlds of half an hour, one seed after the other.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/simulator/world.h"

int main(int count, char** words) {
  constexpr double kWorld = 0.5;  // h
  double hours = 1000;
  std::uint64_t seed = 1;
  bool verbose = false;
  for (int i = 1; i < count; ++i) {
    if (std::strcmp(words[i], "--verbose") == 0) {
      verbose = true;
    } else if (i + 1 < count && std::strcmp(words[i], "--hours") == 0) {
      hours = std::atof(words[++i]);
    } else if (i + 1 < count && std::strcmp(words[i], "--seed") == 0) {
      seed = std::strtoull(words[++i], nullptr, 10);
    } else {
      std::fprintf(stderr, "usage: %s [--hours H] [--seed FIRST] [--verbose]\n", words[0]);
      return 2;
    }
  }
  std::uint64_t faults = 0, probes = 0, transitions = 0;
  const auto worlds = static_cast<std::uint64_t>(hours / kWorld + 0.5);
  for (std::uint64_t i = 0; i < worlds; ++i, ++seed) {
    holdfast::simulator::World world(seed);
    world.set_verbose(verbose);
    const std::string wrong = world.run(kWorld * 3600);
    faults += world.faults();
    probes += world.probes();
    transitions += world.transitions();
    if (wrong.empty()) continue;
    std::fprintf(stderr, "seed %llu: %s\nagain, step by step: %s --seed %llu --hours 0.5 --verbose\n",
                 static_cast<unsigned long long>(seed), wrong.c_str(), words[0],
                 static_cast<unsigned long long>(seed));
    return 1;
  }
  std::printf(
      "%.1f simulated hours, %llu faults, %llu probes, %llu transitions: nothing that must not happen\n",
      static_cast<double>(worlds) * kWorld, static_cast<unsigned long long>(faults),
      static_cast<unsigned long long>(probes), static_cast<unsigned long long>(transitions));
  return 0;
}
