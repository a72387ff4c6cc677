#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>

#include "config/config.h"
#include "health/verdict/kept_state.h"
#include "server/deployment.h"
#include "server/live_names.h"
#include "server/transfer/announcer.h"
#include "server/transfer/peer_door.h"
#include "server/transfer/report.h"
#include "server/transfer/secondaries.h"
#include "server/transfer/transfer_server.h"
#include "server/versions/journal.h"
#include "server/versions/kept_zones.h"
#include "server/versions/versions.h"

namespace holdfast::server {

/// All that we have to do with other name servers, put together: versions of zones and the journal of these, who may transfer
/// them, and who is told.
///
///   zones, live names --> Versions --> Announcer --NOTIFY--> secondaries
///        ^                   '-------> PeerDoor, TransferServer <--AXFR, IXFR-- secondaries
///        |                                '--NOTIFY--v
///        +-- accept, image on disk <--- Secondaries <--AXFR, IXFR-- primaries
///        '-- overlay in the journal <-- Updates <--UPDATE-- PeerDoor
///
/// From the constructor on, what is privileged is asked here (Source::privileged), so it goes before the workers come.
class Replication {
 public:
  /// All outlive it.
  /// @param state  the directory of the journal and the images of zones; empty: there is none, and no zone is transferred
  /// @param kept   until when zones are good that were transferred; null without `state`
  Replication(Source& source, LiveNames& live, std::filesystem::path state, health::KeptState* kept);
  ~Replication();

  /// A configuration comes into service. @return what is wrong with its keys and files of authorities, which go on being what they
  /// were
  std::vector<std::string> configure(const config::Config& config);
  /// Likewise other zones, where catalogs bring them.
  void configure(std::span<const zones::ZoneSettings> zones);
  /// Zones that a catalog brought go, or are others from now on: what is kept of them goes.
  void end(std::span<const zones::Name> zones);
  /// Reads the files of keys and authorities again. @return likewise
  std::vector<std::string> reload_keys();
  /// Zones come into service.
  void publish(const zones::Snapshot& snapshot, Deployment::Occasion occasion);
  /// The last version of a zone that is transferred in, from before the program began.
  zones::LoadedZone kept(zones::NameView zone, Deployment::LiveNamesOfZone live);
  /// A zone as it is served; @see Deployment::Hooks::updated
  zones::LoadedZone updated(zones::LoadedZone of_file, Deployment::LiveNamesOfZone live, bool is_served) {
    return updates_.upon(std::move(of_file), live, is_served);
  }
  /// As Deployment::Hooks have them; it is kept over a restart.
  std::string owner(zones::NameView zone) const;
  void contest(const std::map<zones::Name, std::string>& owners);
  /// Does updates of zones in service, and transfers those that have primaries, and those only, into this. To be called whenever they may be others.
  void follow(Deployment& deployment);
  /// Ends all transfers in, and updates: before the deployment goes.
  void stop();
  /// Somebody wants a zone to be transferred now, if it is.
  void retry(zones::NameView zone);
  /// About once a second.
  void tick(std::chrono::steady_clock::time_point now);

  TransferReport report() const;
  /// The version of a zone that is transferred out; null: there are none.
  std::shared_ptr<const Versions::Line> line(zones::NameView zone) const { return versions_.of(zone); }

 private:
  Keys read_keys(std::vector<std::string>& problems);
  void use(std::shared_ptr<const Peers> peers, std::vector<std::string>& problems);
  std::string deliver(Deployment& deployment, const zones::Name& zone, zones::Received received);
  void expired(Deployment& deployment, const zones::Name& zone, bool is_expired);
  void keep_expiries();

  Source& source_;
  LiveNames& live_;
  KeptZones kept_zones_;
  health::KeptState* const kept_;
  Announcer announcer_;
  std::optional<Journal> journal_;
  Versions versions_;
  Updates updates_;
  PeerDoor door_;
  TransferServer transfers_;
  std::mutex configuring_;  // guards these:
  std::vector<zones::KeySettings> keys_;
  std::vector<zones::PeerSettings> peers_;
  std::map<std::string, zones::FileStamp> key_stamps_;

  mutable std::mutex following_;  // guards these:
  std::unique_ptr<Secondaries> secondaries_;
  bool is_stopped_ = false;
  std::set<std::string> followed_;
  std::set<zones::Name> expired_;
  std::map<zones::Name, std::string> owners_;                 // of zones that several catalogs list
  std::map<std::string, std::chrono::sys_seconds> expiries_;  // as they are kept, by zone
  std::chrono::steady_clock::time_point kept_at_{};
};

}  // namespace holdfast::server
