#pragma once

#include <boost/asio/ip/udp.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace holdfast::zones {

inline constexpr std::chrono::seconds kFirstBackOff{1};
inline constexpr std::chrono::seconds kMaxBackOff{60};
inline constexpr std::uint64_t kExploreOneIn =
    16;  ///< questions that go to another than the fastest upstream

using AliasClock = std::chrono::steady_clock;
using AliasTime = AliasClock::time_point;

struct UpstreamStatus {
  boost::asio::ip::udp::endpoint endpoint;
  std::optional<std::chrono::microseconds> srtt{};  ///< null until it answered once
  AliasTime backed_off_until{};                     ///< in the past: it is not
  double budget_used = 0;                           ///< 0 to 1, of the packets of one second
  std::uint64_t packets = 0;
  std::uint64_t timeouts = 0;  ///< or unreachable
  std::uint64_t refusals = 0;  ///< REFUSED, SERVFAIL, and other codes that are no answer
  std::uint64_t mismatches = 0;
  std::uint64_t waited = 0;  ///< times that a question found no budget
};

/// Who is asked next, and how often. Time and chance are passed in. One thread.
class Upstreams {
 public:
  /// @param budget packets per second to each; a second's worth may go at once
  Upstreams(const std::vector<boost::asio::ip::udp::endpoint>& endpoints, std::uint32_t budget);

  /// Takes one packet of the budget of the one to ask: the fastest that is not backed off, now and then another, and not
  /// `except` where there is a choice. Where all are backed off, the one whose time ends first. Null: no budget.
  std::optional<std::size_t> pick(AliasTime now, std::optional<std::size_t> except, std::uint64_t random);
  /// Takes one packet of this upstream's budget: to go on with it over TCP or with a cookie. False: no budget.
  bool take(std::size_t upstream, AliasTime now);
  /// How long until some upstream has budget for one packet.
  std::chrono::milliseconds wait(AliasTime now) const;

  void answered(std::size_t upstream, std::chrono::microseconds rtt);
  void timed_out(std::size_t upstream, AliasTime now);
  void refused(std::size_t upstream, AliasTime now);
  void mismatched(std::size_t upstream) { all_[upstream].status.mismatches += 1; }

  std::size_t size() const noexcept { return all_.size(); }
  const boost::asio::ip::udp::endpoint& endpoint(std::size_t upstream) const {
    return all_[upstream].status.endpoint;
  }
  std::vector<UpstreamStatus> status(AliasTime now) const;

 private:
  struct Upstream {
    UpstreamStatus status;
    double tokens = 0;
    AliasTime filled{};
    std::chrono::seconds back_off{0};  ///< 0: the last question was answered
  };
  double tokens(const Upstream& upstream, AliasTime now) const;
  void back_off(Upstream& upstream, AliasTime now);

  double budget_;
  std::vector<Upstream> all_;
};

}  // namespace holdfast::zones
