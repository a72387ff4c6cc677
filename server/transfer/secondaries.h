#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "server/transfer/peers.h"
#include "server/transfer/pull.h"
#include "zones/replicate/incoming.h"
#include "zones/replicate/refresh.h"
#include "zones/zone.h"

namespace holdfast::server {

inline constexpr std::size_t kMaxTransfers = 10;     ///< at a time; further ones wait for their turn
inline constexpr std::size_t kMaxSoaQuestions = 64;  ///< likewise, of questions for a SOA

/// How a zone stands that we are secondary for. Times are those of the clock of the wall, for people.
struct SecondaryZone {
  using Time = std::chrono::system_clock::time_point;

  zones::Name zone{};
  std::string catalog{};  ///< the [catalog.NAME] that brings it; empty: none does
  std::string state{};    ///< "waiting", "asking", "queued", "transferring"
  std::string primary{};  ///< that is transferred from, or was last: "ns1 (192.0.2.1:53)"; empty: none yet
  std::optional<zones::Serial> serial{};  ///< that the primary gave it
  std::optional<Time> last_success{};     ///< a version was transferred, or there was no newer one
  std::string success{};  ///< "serial 5 to 9 from ns1 (192.0.2.1:53), by IXFR: 3 records, 210 octets, 0.02 s"
  std::optional<Time> last_failure{};
  std::string
      failure{};  ///< "ns1 (192.0.2.1:53) says REFUSED"; of the last failure, which a success may have followed
  std::string warning{};       ///< as long as it lasts: "ns1 (192.0.2.1:53) is behind, with serial 4"
  unsigned failures = 0;       ///< since the last success
  std::optional<Time> next{};  ///< when the primaries are asked; null while they are
  std::optional<Time> expires{};
  bool is_old = false;      ///< half of the time until then has passed without a word from any primary
  bool is_expired = false;  ///< it may not be answered from any more
  std::uint64_t whole = 0, changes = 0;  ///< AXFR and IXFR that were taken, since the program began
  std::uint64_t failed = 0;              ///< transfers that were not
  std::uint64_t octets = 0;              ///< of all of them
};

/// Keeps the zones that we are secondary for as their primaries have them, on a thread of its own. Thread-safe.
///
///   NOTIFY, timers --> Refresh --> SOA? --> AXFR, IXFR --> deliver --> Refresh
class Secondaries {
 public:
  struct Followed {
    zones::Name zone{};
    std::vector<const Peer*>
        primaries{};  ///< in the order in which they are preferred; read before follow() returns
    /// As SecondaryZone has it, from before a restart; null: nothing is known of it.
    std::optional<SecondaryZone::Time> expires{};
  };
  /// All are called on our thread, one at a time, and may take their time.
  struct Host {
    /// The version that is there, as its primary sent it; null, or unavailable: none.
    std::function<std::shared_ptr<const zones::Zone>(const zones::Name& zone)> current;
    /// Something was transferred, never UpToDate. Whoever takes it makes it current before this returns.
    /// @return why it was refused, as a sentence about it: "it has no NS"; empty: it was taken
    std::function<std::string(const zones::Name& zone, zones::Received received)> deliver;
    /// A version may not be answered from any more, or may be again.
    std::function<void(const zones::Name& zone, bool is_expired)> expired;
  };
  struct Options {
    PullLimits limits{};
  };

  explicit Secondaries(Host host) : Secondaries(std::move(host), Options()) {}
  Secondaries(Host host, Options options);
  /// Ends all transfers and joins the thread.
  ~Secondaries();
  Secondaries(const Secondaries&) = delete;
  Secondaries& operator=(const Secondaries&) = delete;

  /// From now on these zones and no others; what is known of them stays known. Does not wait.
  void follow(std::vector<Followed> zones);
  /// What is known of these zones goes: the next follow() begins anew with them. Does not wait; from within a call of the Host
  /// it is done at once, so that nothing more of them is delivered.
  void forget(std::vector<zones::Name> zones);
  /// Whether that is yet to be done: what is delivered of the zone may be of what it was before.
  bool is_forgetting(const zones::Name& zone) const;
  /// A primary says that there is something new. Cheap, however often it comes. Does not wait.
  void notified(const zones::Name& zone, std::optional<zones::Serial> serial);
  /// Somebody wants it tried now, also what was refused before.
  void retry(const zones::Name& zone);

  std::vector<SecondaryZone> status() const;
  /// Null: it is not one of them, or nothing of it is there.
  std::optional<SecondaryZone::Time> expires(const zones::Name& zone) const;

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace holdfast::server
