#pragma once

namespace CLI {
class App;
}

namespace holdfast::server {

/// What the program's exit code says.
enum ExitCode : int {
  kFine = 0,
  kBadNews = 1,     ///< the command worked, and its answer is bad news
  kUsageError = 2,  ///< wrong command line or configuration
};

// One subcommand each, in the file of its name (drain, force and release in override.cpp). It declares itself to `program`; when it is the one that was asked for,
// it runs while the command line is parsed and leaves its exit code in `exit_code`. Both outlive it.
void add_check(CLI::App& program, int& exit_code);
void add_config(CLI::App& program, int& exit_code);
void add_serve(CLI::App& program, int& exit_code);
void add_agent(CLI::App& program, int& exit_code);
void add_agents(CLI::App& program, int& exit_code);
void add_store(CLI::App& program, int& exit_code);
void add_status(CLI::App& program, int& exit_code);
void add_explain(CLI::App& program, int& exit_code);
void add_reload(CLI::App& program, int& exit_code);
void add_log(CLI::App& program, int& exit_code);
void add_probe(CLI::App& program, int& exit_code);
void add_drain(CLI::App& program, int& exit_code);
void add_force(CLI::App& program, int& exit_code);
void add_release(CLI::App& program, int& exit_code);
void add_notify(CLI::App& program, int& exit_code);
void add_zone(CLI::App& program, int& exit_code);
void add_keygen(CLI::App& program, int& exit_code);

}  // namespace holdfast::server
