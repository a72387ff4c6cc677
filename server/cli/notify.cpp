#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>

#include "server/cli/commands.h"
#include "server/cli/control_client.h"
#include "server/cli/table.h"

namespace holdfast::server {
namespace {

std::string member(const boost::json::value& object, const char* key) {
  const boost::json::value& value = object.at(key);
  return value.is_string() ? printable(boost::json::value_to<std::string>(value)) : "";
}

int test(const ControlOptions& options, const std::string& contact) {
  const ControlAnswer answer =
      ask_control(options, "POST", "/api/v1/notify?contact=" + percent_encoded(contact));
  if (options.json) std::cout << boost::json::serialize(answer.body) << '\n';
  if (answer.status == 404) {
    if (!options.json) std::cout << contact << ": " << member(answer.body, "error") << '\n';
    return kBadNews;
  }
  const bool is_delivered = member(answer.body, "result") == "delivered";
  if (!options.json) {
    const std::string why = member(answer.body, "error");
    std::cout << fmt::format("{}: {}{}{} (id {})\n", contact,
                             is_delivered ? "the test was delivered" : "the test was not delivered",
                             why.empty() ? "" : ": ", why, member(answer.body, "id"));
  }
  return is_delivered ? kFine : kBadNews;
}

}  // namespace

void add_notify(CLI::App& program, int& exit_code) {
  CLI::App* command = program.add_subcommand(
      "notify", "Send a test to a contact through the running server; exit code 1 when it was not delivered");
  const auto options = add_control_options(*command);
  const auto contact = std::make_shared<std::string>();
  command->add_option("--test", *contact, "The contact that is told")->type_name("CONTACT")->required();
  command->callback([options, contact, &exit_code] {
    exit_code = run_with_control("notify", [&] { return test(*options, *contact); });
  });
}

}  // namespace holdfast::server
