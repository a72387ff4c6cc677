#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <vector>

#include "config/config.h"
#include "health/agent/agent.h"
#include "server/listen/source.h"
#include "server/live_names.h"
#include "server/status.h"

namespace holdfast::server {

/// Puts a configuration file and the zones it names into service, at the start and at each reload.
///
/// What is bad is refused with its place and what was served before stays; other zones of the same reload do change.
/// Thread-safe; one reload at a time, a second caller waits.
class Deployment {
 public:
  /// All of these outlive it.
  Deployment(std::filesystem::path file, Source& source, LiveNames& live, health::Agent& agent);

  /// Loads the zones of `config`, which was read from the file before, and starts probing.
  ReloadReport start(const config::Config& config);
  /// Reads the file again. Whatever fails, what was served before is served on. Does not throw.
  ReloadReport reload();

  std::vector<ZoneStatus> zones() const;

 private:
  struct Zone {
    zones::ServedZone served;
    std::vector<LiveDeclaration> live;
    std::chrono::system_clock::time_point loaded{};  // when this version was read

    // The last attempt to load, which may have been refused.
    std::filesystem::path file;
    std::vector<std::string> problems;
    bool refused = false;
  };

  ReloadReport try_reload();
  ReloadReport deploy(const config::Config& config);
  /// @param before  what is served now under that name; null at first
  Zone load(const zones::ZoneSettings& settings, const config::Config& config, const Zone* before,
            ReloadReport& report);
  void publish();

  const std::filesystem::path file_;
  Source& source_;
  LiveNames& live_;
  health::Agent& agent_;

  std::mutex reloading_;  // held for the whole of a reload; guards what only reloads use:
  std::map<zones::Name, zones::ZoneNumber> numbers_;  // of every zone ever served
  ServerSettings server_;                             // as of the start, and so as in force
  std::optional<ControlSettings> control_;            // likewise

  mutable std::mutex mutex_;  // held for moments; guards what is told:
  std::map<zones::Name, Zone> zones_;
};

}  // namespace holdfast::server
