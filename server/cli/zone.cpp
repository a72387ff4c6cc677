#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>

#include "server/cli/commands.h"
#include "server/cli/control_client.h"
#include "server/cli/difference_text.h"
#include "server/cli/new_file.h"
#include "server/cli/zone_sources.h"

namespace holdfast::server {
namespace {

struct Options : ZoneOptions {
  std::string first{}, second{};  // what is compared; the first is a zone in some commands
  std::string zone{};
  std::string output{};
  bool ignores_serial = false;
  bool is_static = false;
};

ExitCode export_zone(const Options& options) {
  const std::string path = export_path(name_of(options.first), options.with_live);
  std::optional<NewFile> file;
  const auto take = [&](std::string_view piece) {
    if (file) return file->write(piece);
    if (!std::cout.write(piece.data(), static_cast<std::streamsize>(piece.size())))
      throw NoAnswer("standard output takes no more");
  };
  try {
    if (!options.output.empty()) file.emplace(options.output);
    if (const std::string refused = read_control(*options.control, path, take); !refused.empty())
      throw NoAnswer(refused);
    if (file) file->replace();
  } catch (const std::system_error& error) {
    throw NoAnswer(error.what());
  }
  return std::cout.flush() ? kFine : kUsageError;
}

zones::Name zone_of(const Options& options, const ZoneOperand& first, const ZoneOperand& second) {
  if (!options.zone.empty()) return name_of(options.zone);
  const auto of_first = first.zone(), of_second = second.zone();
  if (of_first && of_second && *of_first != *of_second)
    throw NoAnswer(fmt::format("{} is not the zone {}; the name of both: --zone NAME", of_first->text(),
                               of_second->text()));
  if (of_first) return *of_first;
  if (of_second) return *of_second;
  throw NoAnswer("of which zone they are, neither says: --zone NAME");
}

ExitCode diff(const Options& options) {
  const ZoneOperand first(options.first), second(options.second);
  const zones::Name zone = zone_of(options, first, second);
  const zones::Contents before = first.load(zone, options), after = second.load(zone, options);
  const zones::Difference difference(before, after, options.ignores_serial);
  if (options.control->json) {
    std::cout << boost::json::serialize(to_json(difference, before.serial(), after.serial())) << '\n';
  } else {
    std::cout << to_text(difference);
  }
  return difference.is_equal() ? kFine : kBadNews;
}

ExitCode compare(Options options) {
  options.with_live = !options.is_static;
  const zones::Name zone = name_of(options.first);
  const TransferSource source = source_of(options.second, options);
  const std::shared_ptr<const zones::Zone> there = transferred_zone(source, zone);
  const zones::Contents ours = running_zone(zone, options);
  const zones::Contents theirs(zones::Serial(there->serial()), there, nullptr);
  const zones::Difference difference(ours, theirs, true);
  const bool is_current = options.ignores_serial || ours.serial() == theirs.serial();
  const std::size_t differ = difference.rows().size();
  if (options.control->json) {
    boost::json::object report = to_json(difference, ours.serial(), theirs.serial());
    report["equal"] = difference.is_equal() && is_current;
    report["zone"] = zone.text();
    report["server"] = source.text();
    std::cout << boost::json::serialize(report) << '\n';
  } else {
    std::cout << fmt::format("{} holds serial {}, ours is {}: {} record{} differ{}\n", source.text(),
                             theirs.serial().value(), ours.serial().value(),
                             differ == 0 ? "no" : std::to_string(differ), differ > 1 ? "s" : "",
                             differ > 1 ? ":" : "s")
              << (differ == 0 ? "" : "- only here, + only there\n") << to_text(difference);
  }
  return difference.is_equal() && is_current ? kFine : kBadNews;
}

void add_sources(CLI::App& command, Options& options) {
  command
      .add_option("--key", options.key,
                  "The key (TSIG) that the other server wants, as holdfast keygen tsig writes it")
      ->type_name("FILE");
  CLI::Option* tls =
      command.add_option("--tls", options.tls, "Over TLS (RFC 9103), with this name in its certificate")
          ->type_name("NAME");
  command
      .add_option("--ca-file", options.ca_file, "Whose certificates are trusted; the system's authorities")
      ->type_name("FILE")
      ->needs(tls);
  command.add_flag("--ignore-serial", options.ignores_serial, "Another serial alone is no difference");
}

/// Runs it where the command line asks for it.
void run_as(CLI::App& command, const char* name, int& exit_code, std::function<ExitCode()> run) {
  command.callback([=, &exit_code] { exit_code = run_with_control(name, run); });
}

void add_export(CLI::App& zone, int& exit_code) {
  CLI::App& command = *zone.add_subcommand(
      "export", "Print the zone file of what the running server has, with all that was changed by UPDATE");
  const auto options = std::make_shared<Options>();
  options->control = add_control_options(command, false);
  command.add_option("zone", options->first, "The zone")->required();
  command.add_flag("--live", options->with_live,
                   "As secondaries get it: with what live names answer everybody");
  command
      .add_option("-o,--output", options->output,
                  "Replace this file by it, at once and only when it is complete")
      ->type_name("FILE");
  run_as(command, "zone export", exit_code, [options] { return export_zone(*options); });
}

void add_diff(CLI::App& zone, int& exit_code) {
  CLI::App& command = *zone.add_subcommand("diff",
                                           "Print the records that two versions of a zone have not in "
                                           "common; exit code 0 when there are none, 1 when "
                                           "there are, 2 when one cannot be read");
  const auto options = std::make_shared<Options>();
  options->control = add_control_options(command);
  command
      .add_option("first", options->first,
                  "A zone file, a zone of the running server, or @SERVER to transfer it from")
      ->required();
  command.add_option("second", options->second, "Likewise")->required();
  command.add_option("--zone", options->zone, "Which zone it is, where no file says so by $ORIGIN")
      ->type_name("NAME");
  command.add_flag("--live", options->with_live, "Of the running server, what secondaries get");
  add_sources(command, *options);
  run_as(command, "zone diff", exit_code, [options] { return diff(*options); });
}

void add_compare(CLI::App& zone, int& exit_code) {
  CLI::App& command = *zone.add_subcommand(
      "compare",
      "Transfer a zone from another server, and tell how it differs from what the running one has for its "
      "secondaries; exit code 0 when it does not, 1 when it does, 2 when one cannot be had");
  const auto options = std::make_shared<Options>();
  options->control = add_control_options(command);
  command.add_option("zone", options->first, "The zone")->required();
  command
      .add_option("server", options->second,
                  "@ADDRESS or @NAME, with :PORT where it is not 53, or 853 with --tls")
      ->required();
  command.add_flag("--static", options->is_static,
                   "It should have the records of the file (live = \"static\" of a peer)");
  add_sources(command, *options);
  run_as(command, "zone compare", exit_code, [options] { return compare(*options); });
}

}  // namespace

void add_zone(CLI::App& program, int& exit_code) {
  CLI::App& command =
      *program.add_subcommand("zone", "Zone files of what is served, and how versions of a zone differ");
  command.require_subcommand(1);
  add_export(command, exit_code);
  add_diff(command, exit_code);
  add_compare(command, exit_code);
}

}  // namespace holdfast::server
