#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>

#include "server/cli/commands.h"
#include "server/cli/control_client.h"
#include "server/cli/table.h"

namespace holdfast::server {
namespace {

int reload(const ControlOptions& options) {
  const ControlAnswer answer = ask_control(options, "POST", "/api/v1/reload");
  const boost::json::value& report = answer.body;
  const bool ok = report.at("ok").as_bool();
  if (options.json) {
    std::cout << boost::json::serialize(report) << '\n';
    return ok ? kFine : kBadNews;
  }
  for (const boost::json::value& problem : report.at("problems").as_array()) {
    std::cout << printable(boost::json::value_to<std::string>(problem)) << '\n';
  }
  if (!report.at("configuration_accepted").as_bool()) {
    std::cout << "refused: nothing has changed; correct the configuration and reload again\n";
  } else {
    std::cout << fmt::format("zones changed: {}, refused: {}\n",
                             report.at("zones_changed").to_number<std::uint64_t>(),
                             report.at("zones_refused").to_number<std::uint64_t>());
  }
  return ok ? kFine : kBadNews;
}

}  // namespace

void add_reload(CLI::App& program, int& exit_code) {
  CLI::App* command = program.add_subcommand(
      "reload",
      "Make the server load its configuration and zones again; exit code 1 when something was refused");
  const auto options = add_control_options(*command);
  command->callback(
      [options, &exit_code] { exit_code = run_with_control("reload", [&] { return reload(*options); }); });
}

}  // namespace holdfast::server
