#pragma once

#include <map>
#include <mutex>
#include <span>
#include <stop_token>
#include <vector>

#include "config/config.h"
#include "health/target.h"
#include "server/deployed.h"
#include "server/listen/source.h"
#include "server/live_names.h"
#include "server/retired.h"
#include "server/status.h"
#include "zones/load/load.h"
#include "zones/replicate/membership.h"

namespace holdfast::server {

/// Puts a configuration file and the zones it names into service, at the start and at each reload.
///
/// What is bad is refused with its place and what was served before stays; other zones of the same reload do change.
/// Only what changed is read: a file whose stamp is the same is not opened. Thread-safe; one reload at a time, a second
/// caller waits.
class Deployment {
 public:
  using Time = std::chrono::system_clock::time_point;

  using LiveNamesOfZone = std::span<const zones::LiveName>;
  /// What zones come into service for.
  enum class Occasion {
    all,       ///< they may be others than before
    versions,  ///< some have another version
    update,    ///< one has, by update()
  };
  /// What others have to do with it. Each may be missing. All are called during a start, a reload, receive() or update().
  struct Hooks {
    /// Told of each configuration just before it comes into service.
    std::function<void(const config::Config&)> accepted{};
    /// Called after what changed zones or the configuration: others may be to be checked.
    std::function<void()> watch{};
    /// Told of the zones just before they come into service, when their live names are.
    std::function<void(const zones::Snapshot& zones, Occasion occasion)> publishing{};
    /// The last version of a zone that is transferred in, from before the program began; without one, and without problems: there
    /// is none yet. Prebuilt. From several threads.
    std::function<zones::LoadedZone(zones::NameView apex, LiveNamesOfZone live)> kept{};
    /// Makes of a zone as its file has it, prebuilt, the one that is to be served, prebuilt too. From several threads.
    /// @param is_served  a version of it is; with an error that goes on being served
    std::function<zones::LoadedZone(zones::LoadedZone of_file, LiveNamesOfZone live, bool is_served)>
        updated{};
    /// In the place of load_zone: prebuilt, and with a zone and an error when the zone is of before and the file was refused.
    /// From several threads. `is_served`: something of the zone is.
    std::function<zones::LoadedZone(zones::NameView apex, const std::string& file, LiveNamesOfZone live,
                                    bool is_served, Time now)>
        load{};
    /// Told of all zones, by name, where only catalogs say otherwise than before: in place of `accepted`.
    std::function<void(std::span<const zones::ZoneSettings> zones)> listed{};
    /// The [catalog.NAME] that had a zone before the program began, which several list; empty: that is not known.
    std::function<std::string(zones::NameView zone)> owner{};
    /// Told of the zones that several catalogs list, and which of them has each, whenever they may be others than before.
    std::function<void(const std::map<zones::Name, std::string>& owners)> contested{};
    /// Zones that a catalog brought go, or are others from now on, and so what is kept of them is to go. Just before `publishing`.
    std::function<void(std::span<const zones::Name> zones)> ended{};
  };

  /// All of these outlive it. Once `stop` is requested, a start or reload ends soon and changes nothing.
  Deployment(std::filesystem::path file, Source& source, LiveNames& live, std::stop_token stop, Hooks hooks);

  /// Loads the zones of what was read from the file, and starts probing.
  /// @param now  not later than when the file was read
  ReloadReport start(config::Config config, Time now);
  /// Reads what changed: the file, and zones. Whatever fails, what was served before is served on. Does not throw.
  ReloadReport reload(Time now = std::chrono::system_clock::now());
  /// Reads these zones again, whether their files changed or not, and neither the configuration nor other zones.
  ReloadReport reload_zones(std::span<const std::string> names, Time now = std::chrono::system_clock::now());

  /// Makes a version of a zone that is transferred in of the one that is served (which may be unavailable), with these live
  /// names, and prebuilds it; without one, that stays.
  using Receive = std::function<zones::LoadedZone(const zones::Zone& before, LiveNamesOfZone live)>;
  /// Puts it into service, like a reload of that zone. Nothing happens if there is no such zone.
  ReloadReport receive(zones::NameView zone, const Receive& receive,
                       Time now = std::chrono::system_clock::now());
  /// The same for a zone that has a file, which counts as read as before.
  ReloadReport update(zones::NameView zone, const Receive& receive,
                      Time now = std::chrono::system_clock::now());

  /// What becomes of the zones that a catalog brings with a new version of it.
  struct Consequences {
    std::string problem{};  ///< why the version is to be refused, as a sentence about it; empty: it is good
    std::vector<zones::Name> ended{};  ///< as Hooks::ended has it
  };
  // Only to be called within a Receive:
  bool is_catalog(zones::NameView zone) const { return followed_catalog(zone) != nullptr; }
  Consequences consequences(zones::NameView catalog, const zones::Zone& next) const;

  /// As of the last reload; does not wait for one that is running.
  std::shared_ptr<const Deployed> deployed() const;

 private:
  struct Plan;
  struct Wanted;
  struct Brought;
  struct LiveZone {
    std::vector<zones::LiveSettings> settings;
    std::vector<zones::LiveName> names;
    std::vector<LiveDeclaration> declared;  // of the version served
  };

  ReloadReport guarded(const std::function<ReloadReport()>& reload);
  ReloadReport reload_all(Time now);
  Plan plan(config::Config config);
  /// The one in force, where catalogs list this.
  Plan plan(zones::Membership membership);
  void add_zones(Plan& plan, std::span<const zones::ZoneSettings> zones);
  /// What the catalogs of a configuration list.
  zones::Membership membership_of(const config::Config& config, std::vector<std::string>& problems) const;
  /// The settings of a catalog that is transferred in; null: it is none.
  const zones::CatalogSettings* followed_catalog(zones::NameView zone) const;
  /// What catalogs list when this is the version of one; null: the same as before.
  std::optional<zones::Membership> membership_with(zones::NameView zone, const zones::Zone& next) const;
  /// The zones that are in service already.
  Plan same_plan() const;
  ReloadReport deploy_all(Plan plan, Time now);
  /// @param zones  places in `plan` of those to look at
  /// @param always  read them also when their files did not change
  ReloadReport deploy(Plan plan, std::span<const std::uint32_t> zones, bool always, Time now);
  ReloadReport deploy(Plan plan, std::vector<Brought> brought, Time now);
  ReloadReport deploy(Plan plan, zones::NameView zone, zones::LoadedZone loaded, Time now);
  /// The place of a zone in service.
  std::optional<std::uint32_t> place_of(zones::NameView zone) const;
  /// Reads what must be read, several files at a time. By place.
  std::vector<Brought> bring(const Plan& plan, std::span<const std::uint32_t> zones, bool always,
                             Time now) const;
  bool is_unchanged(const Plan& plan, std::uint32_t at, zones::FileStamps& stamps, Time now) const;
  /// Prebuilt.
  zones::LoadedZone load(const Plan& plan, std::uint32_t at, Time now) const;
  /// The live names of zones where they may be others than before.
  std::map<zones::ZoneNumber, std::vector<LiveDeclaration>> declare_live(
      const Plan& plan, const zones::Snapshot& snapshot, std::span<const Brought> brought) const;
  /// What is in service then, and what is to be said of that.
  Deployed put_together(const Plan& plan, std::span<Brought> brought, Time now, ReloadReport& report) const;
  using NewVersion = zones::Snapshot::NewVersion;
  using NewReading = zones::SharedList<Deployed::Reading>::Change;
  /// With versions at least of the zones that were not there before.
  std::shared_ptr<const zones::Snapshot> snapshot_of(const Plan& plan,
                                                     std::span<const NewVersion> versions) const;
  static zones::SharedList<Deployed::Reading> readings_of(const Plan& plan, std::vector<NewReading> readings);
  /// What is configured, and listed by catalogs, is as in the plan from now on, which is of no further use.
  void take_over(Plan& plan);
  const std::map<zones::ZoneNumber, LiveZone>& live_of(const Plan& plan) const;
  /// A name as a key that takes no more room than it needs.
  static std::string key(zones::NameView name) {
    return {reinterpret_cast<const char*>(name.data()), name.size()};
  }
  static std::span<const zones::LiveName> names_in(const std::map<zones::ZoneNumber, LiveZone>& live,
                                                   zones::ZoneNumber number);
  void publish(std::shared_ptr<const Deployed> next, bool live_changed, Occasion occasion);

  const std::filesystem::path file_;
  Source& source_;
  LiveNames& live_;
  const std::stop_token stop_;
  const Hooks hooks_;

  std::mutex reloading_;                    // held for the whole of a reload; guards what only reloads use:
  ServerSettings server_;                   // as of the start, and so as in force
  std::optional<ControlSettings> control_;  // likewise
  health::LogSettings log_;                 // likewise
  health::SelfSettings self_;               // likewise
  std::optional<health::StoreSettings> store_;  // likewise
  zones::FileStamp file_stamp_ = zones::kNoStamp;
  std::vector<std::string> warnings_;  // about the configuration in force
  std::vector<health::MonitorSettings> monitors_;
  std::vector<zones::PoolSettings> pools_;
  std::map<zones::ZoneNumber, LiveZone> live_zones_;
  std::vector<zones::CatalogSettings> catalogs_;
  std::vector<zones::ZoneSettings>
      configured_;  // without those that catalogs bring; only where there are any that could
  zones::Membership membership_;
  std::map<std::string, zones::ZoneNumber> gone_;  // zones served once, by name in wire form
  zones::ZoneNumber numbers_ = 0;                  // given out
  Retired retired_;

  mutable std::mutex mutex_;  // held for moments
  std::shared_ptr<const Deployed> deployed_ = std::make_shared<Deployed>();
};

}  // namespace holdfast::server
