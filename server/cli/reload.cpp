#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>

#include "server/cli/commands.h"
#include "server/cli/control_client.h"
#include "server/cli/table.h"

namespace holdfast::server {
namespace {

int reload(const ControlOptions& options, const std::vector<std::string>& zones) {
  std::string path = "/api/v1/reload";
  for (std::size_t i = 0; i < zones.size(); ++i)
    path += (i == 0 ? "?zone=" : "&zone=") + percent_encoded(zones[i]);
  const ControlAnswer answer = ask_control(options, "POST", path);
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
    const auto number = [&](const char* key) { return report.at(key).to_number<std::uint64_t>(); };
    std::cout << fmt::format("zones changed: {}, refused: {}", number("zones_changed"),
                             number("zones_refused"));
    if (number("zones_unknown") != 0) std::cout << fmt::format(", unknown: {}", number("zones_unknown"));
    std::cout << '\n';
  }
  return ok ? kFine : kBadNews;
}

}  // namespace

void add_reload(CLI::App& program, int& exit_code) {
  CLI::App* command = program.add_subcommand(
      "reload",
      "Make the server load its configuration and zones again; exit code 1 when something was refused");
  const auto options = add_control_options(*command);
  const auto zones = std::make_shared<std::vector<std::string>>();
  command->add_option(
      "zones", *zones,
      "Only these zones, and not the configuration; without any, everything whose files changed");
  command->callback([options, zones, &exit_code] {
    exit_code = run_with_control("reload", [&] { return reload(*options, *zones); });
  });
}

}  // namespace holdfast::server
