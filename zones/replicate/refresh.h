#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "zones/dns/rrset.h"
#include "zones/replicate/serial.h"

namespace holdfast::zones {

/// A clock that nobody sets, and that goes on while the machine sleeps (CLOCK_BOOTTIME). Its time is passed in.
struct BootClock {
  using duration = std::chrono::milliseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock>;
  static constexpr bool is_steady = true;
};
using BootTime = BootClock::time_point;

// What a SOA may ask of us; of other values the nearest of these counts.
inline constexpr std::chrono::seconds kMinSoaRefresh{2}, kMaxSoaRefresh{std::chrono::hours(24)};
inline constexpr std::chrono::seconds kMinSoaRetry{2}, kMaxSoaRetry{std::chrono::hours(1)};
inline constexpr std::chrono::seconds kMinSoaExpire{3}, kMaxSoaExpire{std::chrono::hours(24 * 365)};

inline constexpr unsigned kQuickRetries = 7;  ///< after 1, 2, 4 ... 32, 60 s; then as the SOA says
inline constexpr std::chrono::seconds kLastQuickRetry{
    60};  ///< where no SOA says anything, it goes on with this
inline constexpr std::chrono::seconds kBetweenRounds{
    1};  ///< from one round of questions to the next, whoever notifies us
inline constexpr std::chrono::seconds kDecision{2};  ///< that a round waits for those who do not answer
inline constexpr std::chrono::seconds kStartSpread{
    5};  ///< within which the zones that a restart found are asked for

/// The timers of a SOA, within what is allowed.
struct SoaTimers {
  std::chrono::seconds refresh, retry, expire;
};
SoaTimers timers_of(Rdata soa) noexcept;

/// When a secondary asks its primaries for a newer version, whom it transfers it from, and how long what it has is good
/// (RFC 1034 4.3.5, RFC 1996, RFC 7314). A value: time and chance are passed in, and somebody else does what todo() says.
///
///              due             somebody has a newer one
///   idle  --------->  asking  -------------------------->  transferring
///    ^                   |                                   |      |
///    |   all are asked   |    taken, or nobody left to try   |      | failed: the next one that has a newer one
///    +<------------------+<----------------------------------+      +---> transferring
///
///  what happened                                   the next round, give or take 10 %
///  a newer version was taken, or nobody has one    refresh of the SOA
///  a transfer failed, or a round that a NOTIFY     1, 2, 4 ... 32, 60 s, then retry of the SOA, until something succeeds
///  began, or there is no version yet
///  another round failed                            retry of the SOA
///  NOTIFY                                          now, but kBetweenRounds behind the last; behind the transfer, if one is on
///
/// All primaries are asked in a round. The highest serial wins; among equals the one that was used last, then the first. What a
/// primary sent and we refused is not transferred again from it before the next attempt is due, however often we are notified.
class Refresh {
 public:
  /// @param primaries  how many there are, one at least; they have numbers from 0
  explicit Refresh(std::size_t primaries) : primaries_(primaries) {}

  /// Nothing is there yet: a round is due.
  void begin(BootTime now);
  /// A version is there that an earlier process left, and how long it is good.
  void begin(Serial serial, SoaTimers timers, std::chrono::system_clock::time_point expires, BootTime now,
             std::chrono::system_clock::time_point wall_now, std::uint64_t random);

  enum class Kind : std::uint8_t { nothing, ask, transfer };
  struct Todo {
    Kind kind = Kind::nothing;
    std::size_t primary = 0;  ///< to transfer from
  };
  /// What to do: ask all primaries for their SOA; or transfer, from `have` if there is one. To be called when due, and after
  /// each of the calls below. What it says is said once.
  Todo todo(BootTime now, std::uint64_t random);
  /// When todo() may have something to say without any other call; null: not while that transfer is on.
  std::optional<BootTime> due() const noexcept;

  /// @param serial  that the NOTIFY speaks of; nothing comes of one that we have
  void notified(std::optional<Serial> serial, BootTime now);
  /// Somebody wants it tried now, also what was refused.
  void retry(BootTime now);
  /// What a primary that was asked in this round says; later than the round decided is not too late.
  /// @param expire  how long it has the version itself (RFC 7314)
  void answered(std::size_t primary, Serial serial, std::optional<std::chrono::seconds> expire, BootTime now);
  void unanswered(std::size_t primary);

  // How the transfer ended.
  void took(Serial serial, SoaTimers timers, std::optional<std::chrono::seconds> expire, BootTime now,
            std::uint64_t random);
  void was_up_to_date(std::optional<std::chrono::seconds> expire, BootTime now, std::uint64_t random);
  void failed();

  std::optional<Serial> have() const noexcept { return have_; }
  bool is_asking() const noexcept { return state_ == State::asking; }
  bool is_transferring() const noexcept { return state_ == State::transferring; }
  /// That is transferred from; else that was last.
  std::optional<std::size_t> primary() const noexcept { return current_; }
  /// Rounds and transfers in a row that came to nothing.
  unsigned failures() const noexcept { return failures_; }

  /// When what we have is no longer good (RFC 1035 3.3.13); null without a version.
  std::optional<BootTime> expires() const noexcept { return have_ ? std::optional(expires_) : std::nullopt; }
  bool is_expired(BootTime now) const noexcept { return have_ && now >= expires_; }
  /// Half of that time has passed without a word from any primary.
  bool is_old(BootTime now) const noexcept { return have_ && now >= gets_old(); }
  BootTime gets_old() const noexcept { return expires_ - timers_.expire / 2; }

 private:
  enum class State : std::uint8_t { idle, asking, transferring };
  struct Primary {
    bool is_open = false;  // asked in this round, and has not answered
    std::optional<Serial> serial{};
    bool has_failed = false;          // a transfer, in this round
    std::optional<Serial> refused{};  // not to be transferred again before
    BootTime refused_until{};
  };

  bool is_newer(const Primary& primary) const noexcept;
  std::optional<std::size_t> best(BootTime now) const noexcept;
  void decide(BootTime now, std::uint64_t random);
  void fail(BootTime now, std::uint64_t random);
  void succeed(BootTime now, std::uint64_t random);
  void wait(std::chrono::seconds time, BootTime now, std::uint64_t random);
  void is_good_until(std::optional<std::chrono::seconds> expire, BootTime now, bool is_new);

  std::vector<Primary> primaries_;
  State state_ = State::idle;
  BootTime due_{};
  BootTime last_round_ = BootTime::min();
  std::optional<std::size_t> current_{};
  std::optional<Serial> have_{};
  SoaTimers timers_{kMinSoaRefresh, kLastQuickRetry, kMinSoaExpire};
  BootTime expires_{};
  unsigned failures_ = 0;
  bool is_late_ = false;    // this round waited kDecision already
  bool is_urgent_ = false;  // since the last success a NOTIFY came, or a transfer failed
  bool again_ = false;      // a NOTIFY came during this round or its transfer
};

}  // namespace holdfast::zones
