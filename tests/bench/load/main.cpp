// Asks a server prepared queries for some seconds, and prints what came back as one line of JSON.

#include <CLI/CLI.hpp>
#include <iostream>
#include <vector>

#include "tests/bench/load/modes.h"

namespace {

struct Mode {
  const char* name;
  const char* help;
  holdfast::bench::Result (*run)(const holdfast::bench::Options&);
  unsigned sockets, window;
};

constexpr Mode kModes[] = {
    {"saturation", "UDP, closed loop: as fast as the server answers", holdfast::bench::udp_saturation, 16,
     144},
    {"latency", "UDP, open loop: Poisson arrivals at a rate", holdfast::bench::udp_latency, 16, 0},
    {"pipelined", "TCP, connections that stay, many queries on the way", holdfast::bench::tcp_pipelined, 8,
     1024},
    {"single", "TCP, a connection per query", holdfast::bench::tcp_single, 64, 0},
};

void print(const holdfast::bench::Result& result) {
  const auto& tally = result.tally;
  std::cout << R"({"seconds": )" << result.seconds << R"(, "rate": )"
            << static_cast<double>(tally.answers) / result.seconds << ", " << tally;
  if (result.latencies.max() != 0) {
    const auto microseconds = [&](double share) {
      return static_cast<double>(result.latencies.quantile(share)) / 1e3;
    };
    std::cout << R"(, "p50": )" << microseconds(0.5) << R"(, "p99": )" << microseconds(0.99)
              << R"(, "p999": )" << microseconds(0.999) << R"(, "max": )"
              << static_cast<double>(result.latencies.max()) / 1e3;
  }
  std::cout << "}\n";
}

}  // namespace

int main(int argc, char** argv) try {
  CLI::App app("Asks a DNS server prepared queries, and counts the answers.");
  app.require_subcommand(1);
  for (const Mode& mode : kModes) {
    auto options = std::make_shared<holdfast::bench::Options>();
    options->sockets = mode.sockets;
    options->window = mode.window;
    CLI::App* command = app.add_subcommand(mode.name, mode.help);
    command->add_option("queries", options->queries, "File of prepared queries")->required();
    command->add_option("--address", options->address, "Of the server")->capture_default_str();
    command->add_option("--port", options->port, "Of the server")->required();
    command->add_option("--seconds", options->seconds)->capture_default_str();
    command->add_option("--skip", options->skip, "Queries of the file to leave out at first");
    command->add_option("--sockets", options->sockets, "Source ports, or connections at a time")
        ->capture_default_str();
    if (mode.window != 0) {
      command->add_option("--window", options->window, "Queries on the way, over all sockets")
          ->capture_default_str();
    }
    if (std::string(mode.name) == "latency") {
      command->add_option("--rate", options->rate, "Queries per second")->capture_default_str();
      command->add_option("--trace", options->trace, "File for what each answer was: see trace.h");
    }
    command->callback([options, run = mode.run] { print(run(*options)); });
  }
  CLI11_PARSE(app, argc, argv);
} catch (const std::exception& error) {
  std::cerr << "holdfast_load: " << error.what() << '\n';
  return 1;
}
