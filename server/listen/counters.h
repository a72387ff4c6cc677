#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "server/answer/answer.h"
#include "server/listen/counter_array.h"

namespace holdfast::server {

/// A number that one thread counts up and any thread may read. No read-modify-write: it costs a load and a store.
class Counter {
 public:
  void add(std::uint64_t n = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::uint64_t read() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// What one worker answered. Counted by the worker only; read by whoever sums them up.
class Counters {
 public:
  static constexpr std::size_t kTypes = 260;  ///< QTYPE 0 to 258, and all others in the last
  static constexpr std::size_t kRcodes = 17;  ///< 0 to 16
  struct ByZone {
    Counter noerror, nxdomain, other;
  };

  explicit Counters(Transport transport) : transport_(transport) {}

  Transport transport() const noexcept { return transport_; }
  /// Fetches into the cache what count() will need: with many zones it is seldom there.
  void prefetch(const Answered& answered) const noexcept { __builtin_prefetch(zones.at(answered.zone)); }
  void count(const Answered& answered) noexcept {
    if (answered.size == 0) {
      dropped.add();
      return;
    }
    const auto type = std::min<std::size_t>(static_cast<std::size_t>(answered.type), kTypes - 1);
    const auto rcode = std::min<std::size_t>(static_cast<std::size_t>(answered.rcode), kRcodes - 1);
    queries[type * kRcodes + rcode].add();
    if (answered.truncated) truncated.add();
    if (ByZone* zone = zones.at(answered.zone)) {
      (answered.rcode == zones::Rcode::noerror    ? zone->noerror
       : answered.rcode == zones::Rcode::nxdomain ? zone->nxdomain
                                                  : zone->other)
          .add();
    }
    if (Counter* live_answers = live.at(answered.live)) live_answers->add();
  }

  std::array<Counter, kTypes * kRcodes> queries;  ///< [type * kRcodes + rcode]
  Counter dropped;                                ///< got no answer: shorter than a header, or a response
  Counter truncated;                              ///< answered with TC
  Counter unsent;                                 ///< the kernel did not take the answer
  CounterArray<ByZone> zones;                     ///< by ZoneNumber
  CounterArray<Counter> live;                     ///< by LiveIndex

 private:
  Transport transport_;
};

}  // namespace holdfast::server
