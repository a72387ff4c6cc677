#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>

#include "server/cli/commands.h"
#include "server/cli/control_client.h"
#include "server/cli/status_text.h"
#include "server/cli/table.h"

namespace holdfast::server {
namespace {

namespace json = boost::json;

int show(const ControlOptions& options) {
  const json::value answer = ask_control(options, "GET", "/api/v1/agents").body;
  const json::value& store = answer.at("store");
  if (options.json) {
    std::cout << json::serialize(store) << '\n';
  } else if (store.is_null()) {
    std::cout << "no store: this server is alone; [store] in its configuration says where others meet\n";
  } else {
    std::cout << checks_text(answer);
  }
  return is_store_fine(store) ? kFine : kBadNews;
}

int accept(const ControlOptions& options) {
  const ControlAnswer answer = ask_control(options, "POST", "/api/v1/store/accept");
  const bool is_accepted = answer.body.at("accepted").as_bool();
  if (options.json) {
    std::cout << json::serialize(answer.body) << '\n';
  } else if (is_accepted) {
    std::cout << "accepted: what the store says counts from now on\n";
  } else {
    std::cout << printable(json::value_to<std::string>(answer.body.at("error"))) << '\n';
  }
  return is_accepted ? kFine : kBadNews;
}

}  // namespace

void add_store(CLI::App& program, int& exit_code) {
  CLI::App* command = program.add_subcommand(
      "store",
      "The etcd where servers and agents meet; exit code 1 when it is not followed, or takes "
      "nothing of ours");
  CLI::App* accepting = command->add_subcommand(
      "accept", "Believe the store again, after it was wiped or went back to an older state on purpose");
  const auto options = add_control_options(*command);
  const auto accept_options = add_control_options(*accepting);
  accepting->callback([accept_options, &exit_code] {
    exit_code = run_with_control("store accept", [&] { return accept(*accept_options); });
  });
  command->callback([command, options, &exit_code] {
    if (!command->get_subcommands().empty()) return;
    exit_code = run_with_control("store", [&] { return show(*options); });
  });
}

}  // namespace holdfast::server
