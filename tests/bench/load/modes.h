#pragma once

#include <netinet/in.h>

#include <filesystem>
#include <string>

#include "tests/bench/load/latencies.h"
#include "tests/bench/load/tally.h"

namespace holdfast::bench {

struct Options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 53;
  std::filesystem::path queries;
  std::size_t skip = 0;  ///< queries of the file
  double seconds = 5;    ///< each loop ends then, whatever the server does
  unsigned sockets = 0;  ///< source ports, or TCP connections at a time
  unsigned window = 0;   ///< queries outstanding at a time, over all sockets
  double rate = 50'000;  ///< queries per second, where the loop is open
  /// Where the loop is open: what each answer was, in the order in which they came; empty: nowhere.
  std::filesystem::path trace;
};

struct Result {
  Tally tally;
  double seconds = 0;   ///< from the first query to the last answer that counted
  Latencies latencies;  ///< only of open loops
};

/// Each throws std::system_error when a socket cannot be had.

/// UDP, closed loop: every answer is followed by the next query.
Result udp_saturation(const Options& options);
/// UDP, open loop: queries leave at random times (Poisson), and latency counts from when they should have left.
Result udp_latency(const Options& options);
/// TCP, connections that stay, each with its share of the window on the way; reads and writes in bulk.
Result tcp_pipelined(const Options& options);
/// TCP, a connection per query, `sockets` of them at a time.
Result tcp_single(const Options& options);

}  // namespace holdfast::bench
