#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>

#include "server/cli/commands.h"
#include "server/cli/control_client.h"
#include "server/cli/explain_text.h"

namespace holdfast::server {
namespace {

struct Wish {
  std::string name, type, client, if_down, at;
};

int explain(const ControlOptions& options, const Wish& wish) {
  std::string path = "/api/v1/explain?name=" + percent_encoded(wish.name);
  if (!wish.type.empty()) path += "&type=" + wish.type;
  if (!wish.client.empty()) path += "&client=" + percent_encoded(wish.client);
  if (!wish.if_down.empty()) path += "&if_down=" + percent_encoded(wish.if_down);
  if (!wish.at.empty()) path += "&at=" + percent_encoded(wish.at);
  const ControlAnswer answer = ask_control(options, "GET", path);
  if (answer.status != 200) {
    std::cerr << "holdfast explain: " << boost::json::value_to<std::string>(answer.body.at("error")) << '\n';
    return kBadNews;
  }
  std::cout << (options.json ? boost::json::serialize(answer.body) + "\n" : explain_text(answer.body));
  return kFine;
}

}  // namespace

void add_explain(CLI::App& program, int& exit_code) {
  CLI::App* command = program.add_subcommand(
      "explain", "Why a live name answers as it does, or did: members, votes, overrides, the rule, the TTL");
  const auto options = add_control_options(*command);
  const auto wish = std::make_shared<Wish>();
  command->add_option("name", wish->name, "A live name, such as www.example.com")
      ->type_name("NAME")
      ->required();
  command->add_option("type", wish->type, "A or AAAA; without it both that the pool has")
      ->type_name("TYPE")
      ->check(CLI::IsMember({"A", "AAAA"}));
  command->add_option("--client", wish->client, "What a client at this address gets")->type_name("ADDRESS");
  command
      ->add_option("--if-down", wish->if_down,
                   "What would be if these were down: an address, shop/192.0.2.10, a pool, or location:NAME")
      ->type_name("MEMBERS");
  command
      ->add_option(
          "--at", wish->at,
          "How it answered then, by the log, with the configuration of today: 1h30m ago, or a time such as "
          "2026-03-01T12:00:00Z")
      ->type_name("TIME");
  command->callback([options, wish, &exit_code] {
    exit_code = run_with_control("explain", [&] { return explain(*options, *wish); });
  });
}

}  // namespace holdfast::server
