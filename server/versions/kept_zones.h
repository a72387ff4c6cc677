#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "zones/load/load.h"
#include "zones/replicate/accept.h"

namespace holdfast::server {

/// The zones that are transferred in, on the disk: of each an image, and what changed since. A few changes of a large zone are
/// written beside its image, which is written anew when they are many. Thread-safe, for one call at a time for each zone.
class KeptZones {
 public:
  /// @param state  the directory; empty: there is none, and nothing is kept
  explicit KeptZones(std::filesystem::path state) : state_(std::move(state)) {}

  /// The last version from before the program began, prebuilt. Without a zone and without problems: there is none.
  zones::LoadedZone read(zones::NameView zone, std::span<const zones::LiveName> live);

  struct Judgement {
    std::string problem{};  ///< why the zone is to be refused; empty: it is good
    /// Other zones that end with this version. What is kept of them goes once the version is written, and before it counts, so
    /// that no later start takes it for a zone that is listed then.
    std::vector<zones::Name> ended{};
  };
  using Judge = std::function<Judgement(const zones::Zone& next)>;
  /// As zones::accept has it; what is accepted is prebuilt, and on the disk. Throws std::runtime_error where it cannot be kept.
  ///
  /// @param judge  asked before anything is written
  zones::Accepted accept(zones::Received received, zones::AcceptInput input, const Judge& judge = {});

  /// Zones that are transferred in no more, or others of these names from now on. Throws std::runtime_error.
  void remove(std::span<const zones::Name> zones);

 private:
  bool is_on_disk(const zones::AcceptInput& input) const;
  void forget(zones::NameView zone);
  void now_on_disk(const std::shared_ptr<const zones::Zone>& zone);

  const std::filesystem::path state_;
  mutable std::mutex mutex_;  // guards:
  std::map<zones::Name, std::weak_ptr<const zones::Zone>>
      on_disk_;  // the last of each that is, with its changes
};

}  // namespace holdfast::server
