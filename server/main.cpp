#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>

#include "server/cli/commands.h"

using namespace holdfast::server;

int main(int argc, char** argv) try {
  std::signal(SIGCHLD, SIG_DFL);  // who starts us may ignore it, and how a program ended would never be known
  CLI::App program("An authoritative DNS server that only answers with endpoints that are alive", "holdfast");
  program.set_version_flag("--version", "holdfast " HOLDFAST_VERSION);

  int exit_code = kFine;
  add_serve(program, exit_code);
  add_agent(program, exit_code);
  add_status(program, exit_code);
  add_explain(program, exit_code);
  add_agents(program, exit_code);
  add_store(program, exit_code);
  add_reload(program, exit_code);
  add_log(program, exit_code);
  add_probe(program, exit_code);
  add_drain(program, exit_code);
  add_force(program, exit_code);
  add_release(program, exit_code);
  add_notify(program, exit_code);
  add_zone(program, exit_code);
  add_check(program, exit_code);
  add_config(program, exit_code);
  add_keygen(program, exit_code);

  try {
    program.parse(argc, argv);
    if (program.get_subcommands().empty()) throw CLI::RequiredError("A command");
  } catch (const CLI::ParseError& stopped) {  // also how --help and --version end
    return program.exit(stopped) == 0 ? kFine : kUsageError;
  }
  return exit_code;
} catch (const std::exception& error) {
  std::fprintf(stderr, "holdfast: %s\n", error.what());
  return kUsageError;
}
