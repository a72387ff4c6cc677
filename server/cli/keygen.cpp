#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "server/cli/commands.h"
#include "server/transfer/key_file.h"

namespace holdfast::server {
namespace {

ExitCode make_key(const std::string& text, const std::string& algorithm) {
  const auto name = zones::Name::parse(text);
  // What would have to be escaped no server's configuration could name.
  if (!name || name->view().is_root() || name->text().find('\\') != std::string::npos) {
    std::cerr << "holdfast keygen: the name of a key is a domain name such as xfr.example, of letters, "
                 "digits, \"-\", "
                 "\"_\" and \".\"\n";
    return kUsageError;
  }
  std::cout << new_key_file(*name, *parse_algorithm(algorithm)) << std::flush;
  return std::cout ? kFine : kUsageError;
}

}  // namespace

void add_keygen(CLI::App& program, int& exit_code) {
  struct Options {
    std::string name;
    std::string algorithm{text(TsigAlgorithm::hmac_sha256)};
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("keygen", "Make a key");
  command->require_subcommand(1);
  CLI::App* tsig = command->add_subcommand(
      "tsig",
      "Print a new key for two name servers, as [key.NAME] and BIND read it: umask 077; holdfast keygen tsig "
      "xfr > xfr.key");
  tsig->add_option("name", options->name, "Its name in messages: any domain name, the same on both servers")
      ->required();
  tsig->add_option("--algorithm", options->algorithm, "How it signs")
      ->check(CLI::IsMember(std::vector<std::string>(std::begin(kTsigAlgorithms), std::end(kTsigAlgorithms))))
      ->capture_default_str();
  tsig->callback([options, &exit_code] { exit_code = make_key(options->name, options->algorithm); });
}

}  // namespace holdfast::server
