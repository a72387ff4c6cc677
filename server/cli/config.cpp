#include "config/config.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "server/cli/commands.h"

namespace holdfast::server {

void add_config(CLI::App& program, int& exit_code) {
  CLI::App* command = program.add_subcommand("config", "Print what a configuration file can say");
  const auto wanted = std::make_shared<std::string (*)()>();
  auto* which = command->add_option_group("which", "One of");
  which->add_flag_callback(
      "--reference", [=] { *wanted = config::reference; }, "Every option, as Markdown");
  which->add_flag_callback(
      "--sample", [=] { *wanted = config::sample; }, "A commented file to start from, as TOML");
  which->require_option(1);
  command->callback([=, &exit_code] {
    std::cout << (*wanted)() << std::flush;
    exit_code = std::cout ? kFine : kUsageError;
  });
}

}  // namespace holdfast::server
