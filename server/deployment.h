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
  /// Reads the file again.
  ReloadReport reload();

  std::vector<ZoneStatus> zones() const;

 private:
  struct Zone {
    zones::ServedZone served;
    std::vector<LiveDeclaration> live;
    ZoneStatus status;
  };

  ReloadReport deploy(const config::Config& config);
  /// @param before  what is served now under that name; null at first
  Zone load(const zones::ZoneSettings& settings, const config::Config& config, const Zone* before,
            ReloadReport& report);
  void publish();

  const std::filesystem::path file_;
  Source& source_;
  LiveNames& live_;
  health::Agent& agent_;

  std::mutex reloading_;      // held for the whole of a reload
  mutable std::mutex mutex_;  // for what follows; held for moments
  std::map<zones::Name, Zone> zones_;
  std::map<zones::Name, zones::ZoneNumber> numbers_;  // of every zone ever served
  config::Config config_;                             // as deployed last
};

}  // namespace holdfast::server
