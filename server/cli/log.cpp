#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <iostream>
#include <thread>

#include "health/log/entry.h"
#include "server/cli/commands.h"
#include "server/cli/control_client.h"
#include "server/cli/log_text.h"

namespace holdfast::server {
namespace {

constexpr std::size_t kShown = 50;               // entries, where nobody says how many or since when
constexpr std::chrono::seconds kFollowPause{1};  // between two questions

struct LogOptions {
  std::string pool, member, monitor, agent, since, until, outcome;
  std::vector<std::string> kinds;
  std::size_t limit = 0;  ///< 0: not said
  bool follow = false;
};

std::string path(const LogOptions& options) {
  std::string query = "/api/v1/log?";
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) query += std::string(name) + "=" + percent_encoded(value) + "&";
  };
  add("pool", options.pool);
  add("address", options.member);
  add("monitor", options.monitor);
  add("agent", options.agent);
  add("since", options.since);
  add("until", options.until);
  add("outcome", options.outcome);
  for (const std::string& kind : options.kinds) add("kind", kind);
  return query;
}

/// A page that was printed: whether there is more now, and what to go on after.
struct Printed {
  bool more;
  std::int64_t last;
};
Printed print(const ControlOptions& control, const std::string& path) {
  const ControlAnswer answer = ask_control(control, "GET", path);
  for (const boost::json::value& entry : answer.body.at("entries").as_array()) {
    std::cout << (control.json ? boost::json::serialize(entry) + "\n" : log_text(entry));
  }
  std::cout.flush();
  return {answer.body.at("more").as_bool(), answer.body.at("last").to_number<std::int64_t>()};
}

std::string page_after(std::int64_t cursor) {
  return "after=" + std::to_string(cursor) + "&limit=" + std::to_string(health::kMostEntries);
}

/// Goes on for as long as somebody looks on: SIGINT ends it, and so does a pipe that nobody reads any more. A server that
/// is restarted meanwhile goes on where it was.
[[noreturn]] void follow(const ControlOptions& control, const std::string& path, std::int64_t last) {
  bool told = false;
  for (;;) {
    std::this_thread::sleep_for(kFollowPause);
    try {
      for (bool more = true; more;) {
        const Printed page = print(control, path + page_after(last));
        more = page.more;
        last = page.last;
      }
      told = false;
    } catch (const NoAnswer& error) {
      if (!told) std::cerr << "holdfast log: " << error.what() << "\nIt is asked again each second.\n";
      told = true;
    }
  }
}

int show_log(const ControlOptions& control, const LogOptions& options) {
  const std::string wanted = path(options);
  const bool all = !options.since.empty() && options.limit == 0;
  const std::size_t limit = options.limit == 0 ? kShown : options.limit;
  Printed page = print(control, wanted + (all ? page_after(0) : "limit=" + std::to_string(limit)));
  while (all && page.more) page = print(control, wanted + page_after(page.last));
  if (options.follow) follow(control, wanted, page.last);
  return kFine;
}

}  // namespace

void add_log(CLI::App& program, int& exit_code) {
  CLI::App* command = program.add_subcommand(
      "log", "What probes saw and what happened, the newest last: transitions, reloads, decisions, agents");
  const auto control = add_control_options(*command);
  const auto options = std::make_shared<LogOptions>();
  command->add_option("--pool", options->pool, "Only members of this pool, or of this live name")
      ->type_name("NAME");
  command->add_option("--member", options->member, "Only this address")->type_name("ADDRESS");
  command->add_option("--monitor", options->monitor, "Only this monitor")->type_name("NAME");
  command->add_option("--agent", options->agent, "Only what this agent saw")->type_name("NAME");
  command->add_option("--outcome", options->outcome, "Only this outcome; failed: any but passed")
      ->type_name("OUTCOME");
  command
      ->add_option("--kind", options->kinds,
                   "Only this kind: probe, transition, configuration, ...; may be repeated")
      ->type_name("KIND")
      ->allow_extra_args(false);
  command->add_option("--since", options->since, "Not older: 1h30m, or a time such as 2026-03-01T12:00:00Z")
      ->type_name("TIME");
  command->add_option("--until", options->until, "Not newer, likewise")->type_name("TIME");
  command
      ->add_option("--limit", options->limit,
                   "At most so many, the newest; without it 50, or with --since all there are")
      ->check(CLI::Range(std::size_t{1}, health::kMostEntries))
      ->type_name("NUMBER");
  command->add_flag("--follow", options->follow, "Go on with what comes");
  command->callback([control, options, &exit_code] {
    exit_code = run_with_control("log", [&] { return show_log(*control, *options); });
  });
}

}  // namespace holdfast::server
