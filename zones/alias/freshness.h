#pragma once

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "zones/alias/known.h"
#include "zones/alias/networks.h"
#include "zones/alias/reply.h"
#include "zones/alias/settings.h"
#include "zones/alias/upstreams.h"

namespace holdfast::zones {

inline constexpr std::chrono::seconds kStaleTtl{30};  ///< the longest TTL of a stale answer (RFC 8767 5.2)
inline constexpr std::chrono::seconds kMaxRetry{30};  ///< between two questions while they fail
inline constexpr std::chrono::minutes kNxdomainMustLast{5};  ///< before the last good answer is given up
inline constexpr std::chrono::seconds kGrace{2};  ///< behind expiry, for a question on its way: still fresh
inline constexpr std::chrono::milliseconds kLeastRemainder{250};  ///< a resolver's "0 s left" counts as this
inline constexpr std::chrono::milliseconds kSlowClock{500};       ///< that a resolver may be behind with that
inline constexpr std::chrono::milliseconds kFirstRetry{1000};     ///< doubles up to kMaxRetry
inline constexpr std::chrono::seconds kOwnAgain{1};  ///< from one look at what we serve ourselves to the next
inline constexpr std::chrono::milliseconds kOwnRetry{50};  ///< while that fails; doubles up to kOwnAgain

enum class AliasState : std::uint8_t {
  unknown,  ///< not answered yet: nothing to serve
  fresh,
  stale,   ///< the last good addresses, behind their time: served with a TTL of at most kStaleTtl
  nodata,  ///< the target has no address of the type, or is missing
  failed,  ///< SERVFAIL for this type
};

/// What one target's addresses of one type are now.
struct Served {
  std::vector<boost::asio::ip::address> addresses{};  ///< sorted; not empty exactly when fresh or stale
  AliasTime expires{};                                ///< the moment at which the target's TTL ends
  AliasState state = AliasState::unknown;
  AliasTime since{};    ///< when `addresses` or `state` became these
  std::string error{};  ///< of the last question; empty when it was answered
  Dependence dependence = Dependence::no;
  std::shared_ptr<const ClientNetworks> networks{};  ///< null: none are known
};

/// When to ask again for one target and type, and what may be served meanwhile. Time and chance are passed in.
///
///  reply            before: nothing good    before: fresh or stale
///  addresses        fresh                   fresh
///  no such type     nodata                  nodata when seen twice in a row; asked again after 1 s
///  no such name     nodata                  nodata when it has lasted 5 min; meanwhile as for a failure
///  failure          failed                  fresh until the TTL ends, stale for `keep`, then failed
///  (nodata itself outlives failures for `keep` behind its TTL, then fails, too)
///
/// While no question has failed, fresh lasts kGrace longer: one is on its way.
/// After an answer the next question comes between 81 % and 99 % of its clamped TTL; after failures 1, 2, 4 ... 30 s.
/// A resolver then often says the rest of what it has cached: the same answer, ending when we knew it would, give or take
/// the second in which it counts. That rest is not clamped to min_ttl. Where the TTL ends, as we count, we ask again, and
/// then every kLeastRemainder. Some resolvers are through with it there, others when that second of theirs is over:
///
///   asked after       0 s     9.2 s   10 s    10.25 s  10.5 s  10.75 s
///   in their second   .3      .5      .3      .55      .8      .05
///   told              10 s    1 s     0 s     0 s      0 s     10 s: new
///
/// In such steps from the last new answer we are never later in a second of theirs than we were then, and so an answer is
/// replaced after the TTL and a second at most. It cannot go on: behind that (and kSlowClock) any answer counts as new.
/// What we serve ourselves is looked at every kOwnAgain, and its TTL counts as it is.
/// Sets are compared sorted, so a rotation is no change; and since an answer is asked for at most once in 0.81 of the
/// clamped TTL, a target with another subset each time makes no more changes than that.
class Freshness {
 public:
  /// Begins with what was known before a restart; it is to be asked for at once all the same.
  ///
  ///  by the clock of the wall      it is
  ///  before `ends`                 fresh for what is left, but for max_ttl at most: somebody may have set that clock
  ///  for `keep` behind that        stale
  ///  later, or nothing is usable   unknown
  /// (nodata likewise)
  /// @return as replied()
  bool begin(const Known& known, AliasTime now, std::chrono::system_clock::time_point wall_now,
             const ResolverSettings& settings);
  /// @return whether `addresses` or `state` of served() changed
  bool replied(const Reply& reply, AliasTime now, const ResolverSettings& settings, std::uint64_t random);
  /// Nobody answered. As replied().
  bool failed(const std::string& why, AliasTime now, const ResolverSettings& settings);
  /// What the passing of time alone does. As replied(). To be called at turns().
  bool pass(AliasTime now, const ResolverSettings& settings);

  const Served& served() const noexcept { return served_; }
  /// When to ask next; the epoch of the clock at first: at once.
  AliasTime due() const noexcept { return due_; }
  /// When pass() has something to do next; null: never.
  std::optional<AliasTime> turns(const ResolverSettings& settings) const;

 private:
  bool become(AliasState state, std::vector<boost::asio::ip::address> addresses, AliasTime now);
  AliasTime stale_at() const { return retry_.count() > 0 ? served_.expires : served_.expires + kGrace; }
  bool is_good() const noexcept {
    return served_.state == AliasState::fresh || served_.state == AliasState::stale;
  }
  void retry(AliasTime now);
  bool settle(AliasState state, const Reply& reply, AliasTime now, const ResolverSettings& settings,
              std::uint64_t random);

  Served served_;
  AliasTime due_{};
  AliasTime ends_{};  ///< when the TTL of the last new answer ends, where it is not shorter than min_ttl
  std::chrono::milliseconds retry_{0};  ///< 0: the last question was answered
  std::chrono::milliseconds own_retry_{0};
  std::optional<AliasTime> missing_since_{};  ///< the first NXDOMAIN with nothing else said since
  bool is_empty_seen_ = false;                ///< the last answer was NODATA
};

/// "fresh", "stale" ...
const char* text(AliasState state);

}  // namespace holdfast::zones
