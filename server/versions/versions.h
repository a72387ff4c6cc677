#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "server/versions/journal.h"
#include "zones/published.h"
#include "zones/replicate/contents.h"
#include "zones/replicate/history.h"
#include "zones/replicate/serial_table.h"
#include "zones/settings.h"

namespace holdfast::server {

/// The versions of zones that others take part in: what each holds, under which serial, and what led to it.
///
/// A version is made at once when a reload or a transfer brings another zone, and when an update does or live names answer
/// something else: then not before kApart after the last one of that zone. It is in the journal, on the disk, before anybody sees its serial. While
/// that fails the version before stays, whatever is answered meanwhile, and it is tried again each kRetry.
///
///   deploy() ---> make --(difference, next serial)--> journal --> line, serial table --> made
///   touch() --> thread --^
///
/// Thread-safe.
class Versions {
 public:
  static constexpr std::chrono::seconds kApart{2}, kRetry{5};

  /// What is transferred of one zone. Immutable.
  struct Line {
    zones::Contents now;
    zones::History history{};  ///< that leads to it
    std::chrono::system_clock::time_point since{};
    zones::Digest digest{};  ///< of the zone, without the flat view
  };
  struct Wanted {
    std::shared_ptr<const zones::Zone> zone{};
    zones::ZoneNumber number = zones::kNoZone;
    zones::SerialPolicy policy = zones::SerialPolicy::increment;
    bool may_wait = false;   ///< for kApart to pass
    bool has_serial = true;  ///< that of the zone means something
  };
  struct Sources {
    std::function<zones::FlatView(zones::NameView zone)> flat;
    /// Told of each new version, by whoever made it.
    std::function<void(std::shared_ptr<const Line>)> made;
  };

  /// @param journal  null: serials go back when the program ends, as in tests
  Versions(zones::Published<zones::SerialTable>& serials, Journal* journal, Sources sources,
           zones::HistoryLimits limits = {});
  ~Versions();
  Versions(const Versions&) = delete;
  Versions& operator=(const Versions&) = delete;

  /// From now on versions of these and no others are kept. What is new of them is a version when this returns, unless the
  /// journal refused it. One caller at a time.
  void deploy(std::vector<Wanted> all);
  /// Others among the same zones. Likewise.
  void replace(std::vector<Wanted> changed);
  /// All that is known of these zones, each named once, goes, also from the journal: should they come back, they are others.
  /// Before deploy().
  void forget(std::span<const zones::Name> zones);
  /// Live names of these zones answer something else. Does not wait.
  void touch(const std::set<zones::Name>& zones);

  /// Null: there are no versions of it.
  std::shared_ptr<const Line> of(zones::NameView zone) const;
  std::vector<std::shared_ptr<const Line>> all() const;
  /// Why the last version that should have been made could not; empty: nothing is wrong.
  std::string problem() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct State {
    Wanted wanted{};
    std::shared_ptr<const Line> line{};
    bool is_touched = false;
    bool is_listed = false;        // in touched_
    std::uint64_t deployment = 0;  // the last one that wanted it
    Clock::time_point not_before{};
  };
  struct Made;
  using States = std::map<std::string, State, std::less<>>;

  static std::string key(zones::NameView zone) {
    return {reinterpret_cast<const char*>(zone.data()), zone.size()};
  }
  void run();
  void touch(States::iterator state);
  void erase(std::span<const States::iterator> states);
  /// Those that are touched and whose time has come; `next`: when the next one's has.
  std::vector<std::string> due(Clock::time_point now, Clock::time_point& next);
  /// Makes versions of these, as far as there is anything new.
  void make(std::span<const std::string> zones);
  void make_or_retry(std::span<const std::string> zones);
  std::optional<Made> prepare(const std::string& zone, const State& state) const;

  zones::Published<zones::SerialTable>& serials_;
  Journal* const journal_;
  const Sources sources_;
  const zones::HistoryLimits limits_;

  std::mutex making_;                     // held while versions are made; guards what only that uses:
  std::map<std::string, KeptLine> kept_;  // of before the start, until the zone is there

  mutable std::mutex mutex_;  // held for moments
  States states_;
  std::vector<States::iterator> touched_;  // and some that are not any more; with room for all
  std::uint64_t deployments_ = 0;
  std::string problem_;
  Clock::time_point retry_{};  // not before
  bool is_stopping_ = false;
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace holdfast::server
