// Answers prepared queries from zones on disk, in batches, with callgrind counting in answer() only; see instructions.py.

#include <valgrind/callgrind.h>

#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "server/answer/answer.h"
#include "server/answer/prebuild.h"
#include "tests/bench/load/queries.h"
#include "tests/zones/live/answers.h"
#include "zones/load/load.h"

namespace holdfast {
namespace {

constexpr int kBatch = 16;  // queries that a busy UDP worker finds waiting

struct Live {
  std::vector<zones::LiveName> names;
  std::shared_ptr<const zones::LiveTable> table = std::make_shared<zones::LiveTable>();
};

/// @param file  lines of a live name and its two addresses
Live live_names(const std::string& file) {
  Live live;
  std::ifstream lines(file);
  for (std::string name, first, second; lines >> name >> first >> second;) {
    const auto index = static_cast<zones::LiveIndex>(live.names.size());
    live.names.push_back({zones::Name::parse(name).value(), index});
    live.table = live.table->with(index, zones::live_answer({first, second}));
  }
  return live;
}

/// @param file  lines of an apex and its zone file; the live names are of the first
zones::Snapshot snapshot(const std::string& file, const std::vector<zones::LiveName>& live) {
  std::vector<zones::ServedZone> served;
  std::ifstream lines(file);
  for (std::string apex, path; lines >> apex >> path;) {
    const auto name = zones::Name::parse(apex).value();
    const auto loaded = zones::load_zone(name, path, served.empty() ? live : std::vector<zones::LiveName>{});
    if (loaded.zone == nullptr) throw std::runtime_error(loaded.problems.at(0).text());
    server::prebuild(*loaded.zone);
    const auto number = static_cast<zones::ZoneNumber>(served.size());
    served.push_back({loaded.zone, number});
  }
  return zones::Snapshot(std::move(served), live.size());
}

void run(const std::string& zone_list, const std::string& live_list, const std::string& questions,
         int count) {
  const Live live = live_names(live_list);
  const zones::Snapshot zones = snapshot(zone_list, live.names);
  const server::Identity identity{.nsid = "ns1.test", .version = "holdfast test", .edns_size = 1232};
  const server::Serving serving{zones, *live.table, identity};
  bench::Queries queries(questions);
  std::vector<std::uint8_t> room(kBatch * 1232);
  std::array<server::Exchange, kBatch> batch;
  std::size_t octets = 0;
  for (int i = 0; i < count; i += kBatch) {
    for (server::Exchange& exchange : batch) exchange.query = queries.next();
    CALLGRIND_START_INSTRUMENTATION;
    server::answer(batch, room, serving, server::Transport::udp);
    CALLGRIND_STOP_INSTRUMENTATION;
    for (const server::Exchange& exchange : batch) octets += exchange.answered.size;
  }
  if (octets == 0) throw std::runtime_error("nothing was answered");
}

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) try {
  if (argc != 5) throw std::runtime_error("usage: holdfast_instructions ZONES LIVE QUERIES COUNT");
  holdfast::run(argv[1], argv[2], argv[3], std::stoi(argv[4]));
} catch (const std::exception& error) {
  std::cerr << "holdfast_instructions: " << error.what() << '\n';
  return 1;
}
