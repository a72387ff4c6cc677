#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>

#include "server/cli/commands.h"
#include "server/cli/control_client.h"
#include "server/cli/explain_text.h"
#include "server/cli/replay_text.h"

namespace holdfast::server {
namespace {

struct Wish {
  std::string name, type, client, if_down, at, since;
  bool replay = false;
  unsigned fall = 0, rise = 0;  ///< 0: as configured
};

std::string explain_path(const Wish& wish) {
  std::string path = "/api/v1/explain?name=" + percent_encoded(wish.name);
  if (!wish.type.empty()) path += "&type=" + wish.type;
  if (!wish.client.empty()) path += "&client=" + percent_encoded(wish.client);
  if (!wish.if_down.empty()) path += "&if_down=" + percent_encoded(wish.if_down);
  if (!wish.at.empty()) path += "&at=" + percent_encoded(wish.at);
  return path;
}

std::string replay_path(const Wish& wish) {
  std::string path = "/api/v1/replay?name=" + percent_encoded(wish.name);
  if (!wish.type.empty()) path += "&type=" + wish.type;
  if (wish.fall != 0) path += "&fall=" + std::to_string(wish.fall);
  if (wish.rise != 0) path += "&rise=" + std::to_string(wish.rise);
  if (!wish.since.empty()) path += "&since=" + percent_encoded(wish.since);
  return path;
}

int explain(const ControlOptions& options, const Wish& wish) {
  const ControlAnswer answer =
      ask_control(options, "GET", wish.replay ? replay_path(wish) : explain_path(wish));
  if (answer.status != 200) {
    std::cerr << "holdfast explain: " << boost::json::value_to<std::string>(answer.body.at("error")) << '\n';
    return kBadNews;
  }
  std::cout << (options.json  ? boost::json::serialize(answer.body) + "\n"
                : wish.replay ? replay_text(answer.body)
                              : explain_text(answer.body));
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
  command->add_option("type", wish->type, "Of records, such as A; without it all that it has")
      ->type_name("TYPE")
      ->check(CLI::IsMember({"A", "AAAA", "CNAME", "MX", "SRV"}));
  CLI::Option* const client =
      command->add_option("--client", wish->client, "What a client at this address gets")
          ->type_name("ADDRESS");
  CLI::Option* const if_down = command
                                   ->add_option("--if-down", wish->if_down,
                                                "What would be if these were down: an address, "
                                                "shop/192.0.2.10, shop/www.example.net, a pool, or "
                                                "location:NAME")
                                   ->type_name("MEMBERS");
  CLI::Option* const at =
      command
          ->add_option(
              "--at", wish->at,
              "How it answered then, by the log, with the configuration of today: how long ago, 1h30m, or a "
              "time such as 2026-03-01T12:00:00Z")
          ->type_name("TIME");
  CLI::Option* const replay =
      command
          ->add_flag(
              "--replay", wish->replay,
              "What would have been different with other thresholds: runs the probes of the log through them")
          ->excludes(client)
          ->excludes(if_down)
          ->excludes(at);
  const CLI::Range thresholds(1U, 100U);
  command->add_option("--fall", wish->fall, "With --replay: failures in a row that make a member down")
      ->type_name("NUMBER")
      ->check(thresholds)
      ->needs(replay);
  command->add_option("--rise", wish->rise, "With --replay: passes in a row that make it up again")
      ->type_name("NUMBER")
      ->check(thresholds)
      ->needs(replay);
  command->add_option("--since", wish->since, "With --replay: from then on, as --at has it; 1h")
      ->type_name("TIME")
      ->needs(replay);
  command->callback([options, wish, &exit_code] {
    if (wish->replay && wish->fall == 0 && wish->rise == 0)
      throw CLI::ValidationError("--replay",
                                 "say what is to be otherwise: --fall NUMBER, --rise NUMBER, or both");
    exit_code = run_with_control("explain", [&] { return explain(*options, *wish); });
  });
}

}  // namespace holdfast::server
