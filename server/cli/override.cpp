#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <cstdlib>
#include <iostream>

#include "config/duration.h"
#include "server/cli/commands.h"
#include "server/cli/control_client.h"
#include "server/cli/table.h"

namespace holdfast::server {
namespace {

namespace json = boost::json;

constexpr const char* kSubject =
    "An address (192.0.2.10), that of one pool (shop/192.0.2.10), a name or pool in one "
    "(shop/www.example.net), a pool or "
    "live name (shop), or location:NAME";

struct OverrideWish {
  std::string subject;
  std::string decision;  // empty: release
  std::string author;
  std::string reason;
  std::string lasts;
  bool force = false;
};

/// Who sits there, also behind sudo.
std::string login_name() {
  for (const char* variable : {"SUDO_USER", "LOGNAME"}) {
    const char* name = std::getenv(variable);
    if (name != nullptr && *name != '\0') return name;
  }
  const passwd* user = ::getpwuid(::getuid());
  return user == nullptr ? fmt::format("uid {}", ::getuid()) : user->pw_name;
}

std::string path_of(const OverrideWish& wish) {
  std::string path =
      wish.decision.empty() ? "/api/v1/release?" : "/api/v1/override?decision=" + wish.decision + "&";
  path += "subject=" + percent_encoded(wish.subject) + "&author=" + percent_encoded(wish.author);
  if (wish.decision.empty()) return path;
  path += "&reason=" + percent_encoded(wish.reason);
  if (!wish.lasts.empty()) path += "&for=" + percent_encoded(wish.lasts);
  return wish.force ? path + "&force=true" : path;
}

std::string text_at(const json::value& object, const char* key) {
  const json::value& value = object.at(key);
  return value.is_null() ? "" : printable(json::value_to<std::string>(value));
}

void print_lines(const char* title, const json::value& lines) {
  if (lines.as_array().empty()) return;
  std::cout << title << '\n';
  for (const json::value& line : lines.as_array())
    std::cout << "  " << printable(json::value_to<std::string>(line)) << '\n';
}

int run(std::string_view command, const ControlOptions& options, const OverrideWish& wish) {
  const ControlAnswer answer = ask_control(options, "POST", path_of(wish));
  if (options.json) std::cout << json::serialize(answer.body) << '\n';
  if (answer.status != 200) {
    if (!options.json) std::cerr << "holdfast " << command << ": " << text_at(answer.body, "error") << '\n';
    return answer.status == 400 ? kUsageError : kBadNews;
  }
  if (options.json) return kFine;
  const json::value& made = answer.body.at("override");
  const std::string until = text_at(made, "expires");
  if (wish.decision.empty()) {
    std::cout << fmt::format("released: {} of {} by {} ({})\n", text_at(made, "decision"),
                             text_at(made, "subject"), text_at(made, "author"), text_at(made, "reason"));
  } else {
    std::cout << fmt::format("{} of {} {} (id {})\n", text_at(made, "decision"), text_at(made, "subject"),
                             until.empty() ? "until it is released" : "until " + until, text_at(made, "id"));
  }
  print_lines("a more particular override decides about:", answer.body.at("overruled"));
  print_lines("answers now:", answer.body.at("answers"));
  if (!wish.decision.empty() && !answer.body.at("kept").as_bool()) {
    std::cout << "not kept over a restart of holdfast: it has no store, and no [server] state or a disk that "
                 "fails\n";
  }
  if (!wish.decision.empty()) std::cout << "to end it: holdfast release " << text_at(made, "subject") << '\n';
  return kFine;
}

/// The options of all three, but for what only a decision has.
std::shared_ptr<OverrideWish> add_options(CLI::App& command, std::string decision) {
  auto wish = std::make_shared<OverrideWish>();
  wish->decision = std::move(decision);
  wish->author = login_name();
  command.add_option("--author", wish->author, "Who decides; the login name unless said")->type_name("NAME");
  return wish;
}

void add_decision_options(CLI::App& command, OverrideWish& wish) {
  command.add_option("--reason", wish.reason, "What a colleague should know at 3 a.m.")
      ->type_name("TEXT")
      ->required();
  command.add_option("--for", wish.lasts, "It ends by itself after that time; without, when it is released")
      ->type_name("1h30m")
      ->check([](const std::string& text) {
        return config::parse_duration(text) ? "" : "write it as 30m, 1h or 1h30m";
      });
  command.add_flag("--force", wish.force,
                   "Also when names would then answer with what is down, or one family not at all");
}

void finish(CLI::App& command, const std::string& name, const std::shared_ptr<OverrideWish>& wish,
            int& exit_code) {
  const auto options = add_control_options(command);
  command.callback([name, options, wish, &exit_code] {
    exit_code = run_with_control(name, [&] { return run(name, *options, *wish); });
  });
}

}  // namespace

void add_drain(CLI::App& program, int& exit_code) {
  CLI::App* command = program.add_subcommand(
      "drain", "Answer no more with a member, pool or location; exit code 1 when that is refused");
  const auto wish = add_options(*command, "drain");
  command->add_option("subject", wish->subject, kSubject)->required();
  add_decision_options(*command, *wish);
  finish(*command, "drain", wish, exit_code);
}

void add_force(CLI::App& program, int& exit_code) {
  CLI::App* command = program.add_subcommand("force",
                                             "Take a member, pool or location for up or down, whatever "
                                             "probes see; exit code 1 when that is refused");
  const auto wish = add_options(*command, "");
  command
      ->add_option_function<std::string>(
          "verdict", [wish](const std::string& verdict) { wish->decision = "force_" + verdict; },
          "What probes are to have seen")
      ->required()
      ->check(CLI::IsMember({"up", "down"}))
      ->option_text("up|down REQUIRED");
  command->add_option("subject", wish->subject, kSubject)->required();
  add_decision_options(*command, *wish);
  finish(*command, "force", wish, exit_code);
}

void add_release(CLI::App& program, int& exit_code) {
  CLI::App* command =
      program.add_subcommand("release", "End a drain or force; exit code 1 when there is none");
  const auto wish = add_options(*command, "");
  command->add_option("subject", wish->subject, std::string(kSubject) + "; or the id of the override")
      ->required();
  finish(*command, "release", wish, exit_code);
}

}  // namespace holdfast::server
