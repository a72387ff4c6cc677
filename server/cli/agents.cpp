#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>
#include <set>

#include "server/cli/commands.h"
#include "server/cli/control_client.h"
#include "server/cli/status_text.h"

namespace holdfast::server {
namespace {

namespace json = boost::json;

/// Where probes come from, a line each, or as one JSON array.
std::string addresses_text(const json::array& agents, const std::string& form) {
  std::set<std::string> all;
  for (const json::value& agent : agents) {
    for (const json::value& address : agent.at("addresses").as_array())
      all.insert(json::value_to<std::string>(address));
  }
  if (form == "json") return json::serialize(json::value_from(all)) + '\n';
  std::string text;
  for (const std::string& address : all) {
    const bool is_v6 = address.find(':') != address.npos;
    text += address + (form == "plain" ? "" : is_v6 ? "/128" : "/32") + '\n';
  }
  return text;
}

int agents(const ControlOptions& options, const std::string& addresses) {
  const json::value answer = ask_control(options, "GET", "/api/v1/agents").body;
  const json::array& all = answer.at("agents").as_array();
  if (!addresses.empty()) {
    std::cout << addresses_text(all, addresses);
    return kFine;
  }
  std::string text = options.json ? json::serialize(answer) + '\n' : checks_text(answer);
  if (text.empty())
    text = "this server is alone: nobody else checks; [store] in its configuration says where others meet\n";
  std::cout << text;
  return std::all_of(all.begin(), all.end(),
                     [](const json::value& agent) { return agent.at("standing").as_string() == "counted"; })
             ? kFine
             : kBadNews;
}

}  // namespace

void add_agents(CLI::App& program, int& exit_code) {
  CLI::App* command = program.add_subcommand(
      "agents", "Who checks, and whether it counts; exit code 1 when one of them does not");
  const auto options = add_control_options(*command);
  const auto addresses = std::make_shared<std::string>();
  command
      ->add_option("--addresses", *addresses,
                   "Only where probes come from, for a firewall: plain, cidr or json")
      ->check(CLI::IsMember({"plain", "cidr", "json"}));
  command->callback([options, addresses, &exit_code] {
    exit_code = run_with_control("agents", [&] { return agents(*options, *addresses); });
  });
}

}  // namespace holdfast::server
