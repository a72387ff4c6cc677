#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>

#include "server/cli/alias_text.h"
#include "server/cli/commands.h"
#include "server/cli/control_client.h"
#include "server/cli/status_text.h"
#include "server/cli/transfer_text.h"

namespace holdfast::server {
namespace {

int show_status(const ControlOptions& options) {
  // People get the zones while they fit on some screens, programs get all.
  const ControlAnswer answer =
      ask_control(options, "GET", options.json ? "/api/v1/status" : "/api/v1/status?zones=100");
  std::cout << (options.json ? boost::json::serialize(answer.body) + "\n" : status_text(answer.body));
  return is_fine(answer.body) ? kFine : kBadNews;
}

int show_aliases(const ControlOptions& options) {
  const ControlAnswer answer = ask_control(options, "GET", "/api/v1/aliases");
  std::cout << (options.json ? boost::json::serialize(answer.body) + "\n" : alias_text(answer.body));
  return is_alias_fine(answer.body) ? kFine : kBadNews;
}

int show_transfers(const ControlOptions& options) {
  const ControlAnswer answer = ask_control(options, "GET", "/api/v1/transfers");
  std::cout << (options.json ? boost::json::serialize(answer.body) + "\n" : transfer_text(answer.body));
  return is_transfer_fine(answer.body) ? kFine : kBadNews;
}

}  // namespace

void add_status(CLI::App& program, int& exit_code) {
  CLI::App* command = program.add_subcommand(
      "status", "Zones, live names and their members; exit code 1 when something is down or not served");
  const auto options = add_control_options(*command);
  const auto aliases = std::make_shared<bool>(false), transfers = std::make_shared<bool>(false);
  command->add_flag("--aname", *aliases,
                    "Instead what is known of names whose addresses are looked up (targets of ANAMEs, "
                    "members that are names, hosts), "
                    "and of who is asked");
  command
      ->add_flag("--transfers", *transfers,
                 "Instead the secondaries of each zone, and which version they hold; exit code 1 when one "
                 "lags for a "
                 "minute")
      ->excludes("--aname");
  command->callback([options, aliases, transfers, &exit_code] {
    exit_code = run_with_control("status", [&] {
      return *aliases     ? show_aliases(*options)
             : *transfers ? show_transfers(*options)
                          : show_status(*options);
    });
  });
}

}  // namespace holdfast::server
