#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "server/deployment.h"
#include "server/transfer/update_log.h"
#include "server/versions/journal.h"
#include "zones/dns/extended_error.h"
#include "zones/replicate/overlay.h"

namespace holdfast::server {

/// Updates that wait, at most, each of up to 64 KiB; with more, new ones are answered with SERVFAIL, or are lost.
inline constexpr std::size_t kMaxUpdatesWaiting = 256;
/// Octets of what updates changed of one zone beside its file; what would make it more is refused.
inline constexpr std::size_t kMaxOverlay = std::size_t{4} << 20;

/// What came of updates; each is counted once.
struct UpdateCounters {
  std::atomic<std::uint64_t> changed{0};    ///< made another zone
  std::atomic<std::uint64_t> unchanged{0};  ///< what they ask for was so already
  std::atomic<std::uint64_t> unmet{0};      ///< the zone is not as they require
  std::atomic<std::uint64_t> refused{0};    ///< what they ask for may not be, or not by them
  std::atomic<std::uint64_t> failed{0};     ///< could not be kept, for instance
  std::atomic<std::uint64_t> full{0};       ///< too many waited
};

/// What an update is answered with.
struct UpdateResult {
  zones::Rcode rcode = zones::Rcode::servfail;
  std::string text{};  ///< why, where the RCODE alone does not tell; ASCII
};

/// An update by somebody who may do some.
struct UpdateJob {
  zones::Name zone{};
  std::vector<std::uint8_t> message{};          ///< without TSIG
  std::vector<zones::UpdateSettings> rights{};  ///< of who sent it
  std::string sender{};                         ///< as the log has it
  std::function<void(const UpdateResult&)> done{};
};

/// Does updates (RFC 2136), on a thread of its own, in the order in which they come: those that wait together, for one zone, as
/// one new version of it. What they changed is in the journal, on the disk, before any is answered, and upon the zone's file
/// with each start and reload.
///
///   submit() -> thread -> Deployment::update: required? may it be? -> journal -> service -> done
///                                  of_file + Overlay -----^
///
/// Thread-safe.
class Updates {
 public:
  using LiveNames = Deployment::LiveNamesOfZone;
  /// Deployment::update. @return false: what was received is not in service
  using Change = std::function<bool(const zones::Name& zone, const Deployment::Receive& receive)>;

  /// @param journal  outlives it; null: nothing can be kept, and so no update is done
  /// @param serial   of the last version of a zone, which is served
  Updates(Journal* journal, std::function<zones::Serial(const zones::Zone& zone)> serial);
  ~Updates() { stop(); }
  Updates(const Updates&) = delete;
  Updates& operator=(const Updates&) = delete;

  /// From now on updates are done. Once; further calls change nothing.
  void begin(Change change);
  /// Waits for the one that is being done; all others are answered with SERVFAIL, now and later.
  void stop();

  /// `done` is called once: on the thread, or at once where nothing comes of it.
  void submit(UpdateJob job);
  bool is_full() const;

  /// The zone as it is served; @see Deployment::Hooks::updated
  zones::LoadedZone upon(zones::LoadedZone of_file, LiveNames live, bool is_served);

  UpdateCounters& counters() noexcept { return counters_; }
  const UpdateCounters& counters() const noexcept { return counters_; }
  /// Records that updates removed or added, beside the files of all zones.
  std::size_t records() const;

 private:
  struct Round;

  void run();
  std::vector<UpdateJob> take_of_one_zone();  // with mutex_ held
  void work(std::vector<UpdateJob>& jobs);
  UpdateResult apply(const UpdateJob& job, LiveNames live, Round& round) const;
  zones::Overlay overlay_of(zones::NameView zone) const;
  void keep(const zones::Name& zone, const zones::Overlay& overlay);
  void tell(const UpdateJob& job, const UpdateResult& result, const std::optional<zones::Updated>& change,
            const std::string& problem);
  void say(UpdateLog::Time now);

  Journal* const journal_;
  const std::function<zones::Serial(const zones::Zone& zone)> serial_;
  UpdateCounters counters_;
  UpdateLog log_;  // of the thread

  mutable std::mutex mutex_;  // held for moments; guards these:
  std::map<zones::Name, zones::Overlay> overlays_;
  std::deque<UpdateJob> waiting_;
  Change change_;
  bool is_stopping_ = false;
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace holdfast::server
