#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>
#include <memory>

#include "config/config.h"
#include "server/catalogs.h"
#include "server/cli/commands.h"
#include "server/declare.h"
#include "server/tls/files.h"
#include "server/tls/service.h"
#include "server/transfer/keys.h"
#include "server/transfer/tls_client.h"
#include "zones/load/load.h"

namespace holdfast::server {
namespace {

namespace json = boost::json;

/// What was found so far, for people or for programs: problems go to standard error, zones to standard output; or all
/// of it into one JSON document.
class Findings {
 public:
  explicit Findings(bool as_json) : as_json_(as_json) {}

  /// Problem: config::Problem or zones::Problem.
  template <class Problem>
  void add(const std::vector<Problem>& problems) {
    for (const Problem& problem : problems) {
      const bool is_error = problem.severity == Problem::Severity::error;
      has_error_ = has_error_ || is_error;
      if (!as_json_) {
        std::cerr << problem.text() << '\n';
        continue;
      }
      json::object& row = problems_.emplace_back(json::object()).as_object();
      row["file"] = problem.file;
      row["line"] = problem.line;
      if constexpr (requires { problem.column; }) row["column"] = problem.column;
      row["severity"] = is_error ? "error" : "warning";
      row["what"] = problem.what;
    }
  }

  /// `zone` is null when it is refused.
  void add(const zones::Name& name, const zones::Zone* zone) {
    if (as_json_) {
      json::object& row = zones_.emplace_back(json::object()).as_object();
      row["name"] = name.text();
      row["ok"] = zone != nullptr;
      if (zone != nullptr) {
        row["records"] = zone->records();
        row["serial"] = zone->serial();
      }
    } else if (zone != nullptr) {
      std::cout << name.text() << ": " << zone->records() << " records, serial " << zone->serial() << '\n';
    } else {
      std::cout << name.text() << ": refused\n";
    }
  }

  /// One that others have.
  void add_transferred(const zones::ZoneSettings& zone) {
    if (as_json_) {
      json::object& row = zones_.emplace_back(json::object()).as_object();
      row["name"] = zone.name.text();
      row["ok"] = true;
      row["primaries"] = json::value_from(zone.primaries);
      return;
    }
    std::cout << zone.name.text() << ": transferred from";
    for (const std::string& peer : zone.primaries)
      std::cout << (&peer == &zone.primaries.front() ? " " : ", ") << peer;
    std::cout << '\n';
  }

  /// Of a file that serves nothing.
  void add_agent(const config::Config& config) {
    if (!as_json_) {
      std::cout << "agent " << config.self.name
                << ": no zones; `holdfast agent` probes what servers ask for in "
                << config.store->endpoints.front() << '\n';
    }
  }

  ExitCode finish() {
    if (as_json_)
      std::cout << json::object{{"ok", !has_error_}, {"problems", problems_}, {"zones", zones_}} << '\n';
    std::cout.flush();
    return has_error_ || !std::cout ? kUsageError : kFine;
  }

 private:
  bool as_json_;
  bool has_error_ = false;
  json::array problems_;
  json::array zones_;
};

/// Files of certificates that cannot be used.
std::vector<zones::Problem> tls_problems(const config::Config& config) {
  std::vector<zones::Problem> problems;
  const auto try_to = [&](const auto& read) {
    try {
      read();
    } catch (const FileError& error) {
      problems.push_back({error.file, 0, zones::Problem::Severity::error, error.fault});
    }
  };
  if (config.server.tls.is_on()) try_to([&] { const TlsService reads_them(config.server.tls); });
  TlsClient client;
  for (const zones::PeerSettings& peer : config.peers) {
    if (!peer.tls.empty()) try_to([&] { client.context(peer.tls); });
  }
  return problems;
}

ExitCode check(const std::string& file, bool as_json) {
  Findings findings(as_json);
  const config::Loaded loaded = config::load(file);
  findings.add(loaded.problems);
  if (!loaded.config) return findings.finish();
  if (loaded.config->store && loaded.config->zones.empty()) findings.add_agent(*loaded.config);
  findings.add(load_keys(loaded.config->keys).problems);
  findings.add(tls_problems(*loaded.config));
  for (const zones::ZoneSettings& settings : loaded.config->zones) {
    if (settings.is_secondary()) {
      findings.add_transferred(settings);
      continue;
    }
    if (settings.origin == zones::Origin::catalog) {
      findings.add(settings.name, make_catalog(settings, loaded.config->zones).get());
      continue;
    }
    std::vector<zones::LiveName> live;
    for (const zones::LiveSettings& row : settings.live) {
      live.push_back(live_name(row, static_cast<zones::LiveIndex>(live.size()), loaded.config->pools));
    }
    const zones::LoadedZone zone = zones::load_zone(settings.name, settings.file, live);
    findings.add(zone.problems);
    findings.add(settings.name, zone.zone.get());
  }
  return findings.finish();
}

}  // namespace

void add_check(CLI::App& program, int& exit_code) {
  struct Options {
    std::string file;
    bool as_json = false;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand(
      "check", "Tell every problem of a configuration, its keys, certificates and zone files");
  command->add_option("file", options->file, "Configuration file (TOML)")->required();
  command->add_flag("--json", options->as_json, "Print JSON, for programs");
  command->callback([options, &exit_code] { exit_code = check(options->file, options->as_json); });
}

}  // namespace holdfast::server
