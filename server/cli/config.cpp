#include "config/config.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "server/cli/commands.h"
#include "server/cli/man_page.h"

namespace holdfast::server {

void add_config(CLI::App& program, int& exit_code) {
  CLI::App* command = program.add_subcommand("config", "Print what a configuration file can say");
  CLI::Option* reference = command->add_flag("--reference")->description("Every option, as Markdown");
  CLI::Option* sample = command->add_flag("--sample")->description("A commented file to start from, as TOML");
  sample->excludes(reference);
  CLI::Option* man = command->add_flag("--man")->description("The manual page of the program");
  man->excludes(reference)->excludes(sample);
  command->callback([=, &program, &exit_code] {
    if (!*reference && !*sample && !*man) throw CLI::RequiredError("--reference, --sample or --man");
    std::cout << (*man         ? man_page(program)
                  : *reference ? config::reference()
                               : config::sample())
              << std::flush;
    exit_code = std::cout ? kFine : kUsageError;
  });
}

}  // namespace holdfast::server
